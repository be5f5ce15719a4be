//! X1: whether secrets leak.

use serde_json::{Map, Value, json};

use super::rig;
use super::search::Search;
use crate::check::{Finding, Outcome};
use crate::leaks::Leaks;
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use crate::walk::{expect_some, streams, walk};
use model::Parent;
use sandbox::Fetch;
use sim::{Bank, Broken, Change, Fault, Movement, On};

/// Statuses with which a provider refuses.
const REFUSALS: [u16; 8] = [400, 401, 403, 404, 410, 422, 429, 500];

pub(super) async fn canary(subject: Subject) -> Outcome {
    let mut rig = rig(&subject)?;
    let mut search = Search::new(Leaks::of(&*subject.bank())?);
    polls(&mut rig, &mut search).await?;
    failures(&mut rig, &mut search).await?;
    bad_states(&mut rig, &mut search).await?;
    bad_parents(&mut rig, &mut search).await?;
    bad_configs(&mut rig, &mut search).await?;
    search.handed_out(&rig)?;
    Ok(format!("{} texts of {} calls searched", search.texts, search.calls))
}

/// Two polls that are well: a first one, and one that finds something new.
async fn polls(rig: &mut Rig, search: &mut Search) -> Result<(), Finding> {
    for poll in ["first", "second"] {
        rig.setting = format!("the {poll} poll");
        let steps = walk(rig).await;
        for step in &steps {
            search.call(rig, &step.result, &step.report)?;
        }
        expect_some(&steps)?;
        rig.sim.with(|bank| {
            let truth = bank.truth();
            if let Some((reference, payment)) = truth.payments.first_key_value() {
                bank.change(reference, ago(2), &Change::Label("changed".to_owned()));
                bank.add(&Movement::on(&payment.account, ago(1)));
            }
        });
    }
    let checked = rig.check().await;
    search.checked(rig, &checked)
}

/// What can come in place of the answer that was hoped for.
fn disturbances(bank: &dyn Bank) -> Vec<(String, Fault)> {
    let refused = REFUSALS.map(|status| (format!("status {status}"), Fault::Answer(bank.refusal(status).response)));
    let others = [
        ("HTML with status 200", Fault::html()),
        ("half of an answer", Fault::truncate(40)),
        ("an empty body", Fault::status(200).header("content-type", "application/json")),
        ("a redirect", Fault::status(302).header("location", "/elsewhere")),
        ("a reset connection", Fault::Break(Broken::Reset)),
        ("half a body and a closed connection", Fault::Break(Broken::HalfBody)),
        ("no answer in time", Fault::Break(Broken::Stalled)),
    ];
    refused.into_iter().chain(others.map(|(name, fault)| (name.to_owned(), fault))).collect()
}

async fn failures(rig: &mut Rig, search: &mut Search) -> Result<(), Finding> {
    let disturbances = rig.sim.with(|bank| disturbances(&**bank));
    for (name, fault) in disturbances {
        rig.setting = format!("the provider answers everything with {name}");
        rig.sim.inject(On::any(), fault);
        every_call(rig, search).await?;
        rig.sim.calm();
    }
    Ok(())
}

/// Each stream's next call, and the connection check.
pub(super) async fn every_call(rig: &Rig, search: &mut Search) -> Result<(), Finding> {
    for (task, parent) in streams(rig) {
        let called = rig.call(&task, parent.as_ref()).await;
        search.fetched(rig, &called)?;
    }
    let checked = rig.check().await;
    search.checked(rig, &checked)
}

async fn bad_states(rig: &mut Rig, search: &mut Search) -> Result<(), Finding> {
    let states: [&[u8]; 5] = [b"", b"{", b"\xff\xfe\x00", br#"{"v":99,"version":99}"#, br#"["of","another"]"#];
    for state in states {
        rig.setting = format!("the state is {:?}", String::from_utf8_lossy(state));
        for (task, parent) in streams(rig) {
            let (asked, what) = (parent.map(|kept| kept.parent), Fetch::Page(task.capability));
            let called = rig.fetch(&task, asked, what, Some(state.to_vec()), rig.connector.limits()).await;
            search.fetched(rig, &called)?;
        }
    }
    Ok(())
}

async fn bad_parents(rig: &mut Rig, search: &mut Search) -> Result<(), Finding> {
    let Some(good) = rig.accounts().first().map(|kept| kept.parent.clone()) else { return Ok(()) };
    let parents = [
        Parent { raw: "not JSON".to_owned(), ..good.clone() },
        Parent { raw: "{}".to_owned(), metadata: Vec::new(), ..good.clone() },
        Parent { reference: "nobody's".to_owned(), ..good },
    ];
    for parent in parents {
        "the parent is not one that the connector returned".clone_into(&mut rig.setting);
        let children: Vec<_> = streams(rig).into_iter().filter(|(_, parent)| parent.is_some()).collect();
        for (task, _) in children {
            let what = Fetch::Page(task.capability);
            let called = rig.fetch(&task, Some(parent.clone()), what, None, rig.connector.limits()).await;
            search.fetched(rig, &called)?;
        }
    }
    Ok(())
}

async fn bad_configs(rig: &mut Rig, search: &mut Search) -> Result<(), Finding> {
    let good = rig.install.config.clone();
    let root = streams(rig).into_iter().next();
    for config in configs(&good) {
        rig.setting = format!("the config is {config}");
        rig.install.config.clone_from(&config);
        if let Some((task, parent)) = &root {
            let called = rig.call(task, parent.as_ref()).await;
            search.fetched(rig, &called)?;
        }
        let checked = rig.check_with(config).await;
        search.checked(rig, &checked)?;
    }
    rig.install.config = good;
    Ok(())
}

/// Configs that are wrong in one place each.
fn configs(good: &str) -> Vec<String> {
    let mut cut: String = good.to_owned();
    cut.pop();
    let mut configs = vec![cut, format!("[{good}]"), format!("{good}{good}")];
    let fields: Map<String, Value> = serde_json::from_str(good).unwrap_or_default();
    for (name, value) in &fields {
        let text = value.as_str().unwrap_or_default();
        let wrong =
            [json!([value]), json!({ "value": value }), json!(format!("{text}\r\nx")), json!(format!("\u{e9}{text}"))];
        for wrong in wrong {
            let mut changed = fields.clone();
            changed.insert(name.clone(), wrong);
            configs.push(Value::Object(changed).to_string());
        }
        let mut without = fields.clone();
        without.remove(name);
        configs.push(Value::Object(without).to_string());
    }
    configs
}
