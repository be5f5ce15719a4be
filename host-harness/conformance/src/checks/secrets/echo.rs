//! X2: whether a secret that the provider repeats gets anywhere.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::canary::every_call;
use super::rig;
use super::search::Search;
use crate::check::{Finding, Outcome};
use crate::leaks::Leaks;
use crate::rig::Rig;
use crate::subject::Subject;
use crate::walk::{expect_some, walk};
use outside::transport::Response;
use sim::{Bank, Fault, On};

/// Stands for the echo until the JSON around it is written: an echo may hold escapes of its own.
const MARK: &str = "M4RK0F3CH0";
/// The texts of a page are divided by their keys into this many parts, one of which is an echo at a time: where all of
/// them were, no row would get past the first field.
const PARTS: usize = 6;

pub(super) async fn echo(subject: Subject) -> Outcome {
    let mut rig = rig(&subject)?;
    let mut search = Search::new(Leaks::of(&*subject.bank())?);
    // So that the streams below the accounts are known.
    expect_some(&walk(&mut rig).await)?;
    let echoes = rig.sim.with(|bank| echoes(&**bank));
    let spellings = echoes.len();
    for (place, echo) in echoes.into_iter().enumerate() {
        let faults = rig.sim.with(|bank| faults(&**bank, &echo, place));
        for (name, fault) in faults {
            rig.setting = format!("the provider repeats the credentials {name}, spelt {echo}");
            tried(&mut rig, &mut search, fault).await?;
        }
    }
    Ok(format!("{spellings} spellings, {} texts of {} calls searched", search.texts, search.calls))
}

async fn tried(rig: &mut Rig, search: &mut Search, fault: Fault) -> Result<(), Finding> {
    rig.tape.clear();
    rig.sim.inject(On::any(), fault);
    every_call(rig, search).await?;
    rig.sim.calm();
    Ok(())
}

/// The canaries, as providers repeat them.
fn echoes(bank: &dyn Bank) -> Vec<String> {
    let config = bank.config();
    let secrets = bank.secrets();
    let values = secrets.iter().filter_map(|field| config.get(field)?.as_str());
    let plain = values.collect::<Vec<_>>().join(" ");
    let spelt = |spell: fn(u8) -> String| plain.bytes().map(spell).collect::<Vec<_>>().concat();
    let hex = spelt(|byte| format!("{byte:02x}"));
    let percent = spelt(|byte| format!("%{byte:02X}"));
    let json = spelt(|byte| format!("\\u00{byte:02x}"));
    let basic = STANDARD.encode(format!("login:{plain}"));
    vec![plain.clone(), basic, hex, percent, json, plain.chars().rev().collect()]
}

/// The places where an echo can stand. All of them for the first spelling, those in bodies for the others.
fn faults(bank: &dyn Bank, echo: &str, place: usize) -> Vec<(&'static str, Fault)> {
    let refusal = |status| {
        let mut response = bank.refusal(status).response;
        mark(&mut response, echo, &|_| true);
        Fault::Answer(response)
    };
    let echoed = echo.to_owned();
    let rows = Fault::change(move |response| mark(response, &echoed, &|key| part(key) == place % PARTS));
    let html = format!("<html><body><h1>Sign in</h1><p>Authorization: {echo}</p></body></html>");
    let mut faults = vec![
        ("in some fields of every row", rows),
        ("in a refusal", refusal([401, 403, 422, 500, 400, 404][place % 6])),
    ];
    if place == 0 {
        let all = echo.to_owned();
        let page = |status| Fault::status(status).header("content-type", "text/html").body(html.clone());
        let redirect = |to: String| Fault::status(302).header("location", &to);
        let spaceless = echo.replace(' ', "");
        faults.extend([
            ("in every text", Fault::change(move |response| mark(response, &all, &|_| true))),
            ("in HTML", page(200)),
            ("in the HTML of a refusal", page(401)),
            ("in a redirect", redirect(format!("/elsewhere?token={spaceless}"))),
            ("in plain text", Fault::status(500).body(echo.to_owned())),
            ("in headers", headers(echo)),
        ]);
    }
    faults
}

/// A correct answer with an echo in headers.
fn headers(echo: &str) -> Fault {
    let echo: Arc<str> = echo.into();
    Fault::change(move |response| {
        let with = |response: &mut Response, name: &'static str, value: String| {
            if let Ok(value) = value.parse() {
                response.headers.insert(name, value);
            }
        };
        with(response, "x-request-id", echo.to_string());
        with(response, "request-id", echo.to_string());
        with(response, "www-authenticate", format!("Basic realm=\"{echo}\""));
        with(response, "set-cookie", format!("session={}", echo.replace(' ', "")));
    })
}

/// Appends the echo to texts of a JSON answer: those under keys that are picked.
fn mark(response: &mut Response, echo: &str, picked: &dyn Fn(&str) -> bool) {
    let Ok(mut value) = serde_json::from_slice::<Value>(&response.body) else { return };
    append(&mut value, "", picked);
    response.body = value.to_string().replace(MARK, echo).into();
}

fn append(value: &mut Value, key: &str, picked: &dyn Fn(&str) -> bool) {
    match value {
        Value::String(text) if picked(key) => {
            text.push(' ');
            text.push_str(MARK);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| append(item, key, picked)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| append(value, key, picked)),
        _ => {}
    }
}

/// Which part of the texts a key belongs to.
fn part(key: &str) -> usize {
    key.bytes().map(usize::from).sum::<usize>() % PARTS
}
