//! A5: whether it needs what it asks for.

use std::collections::BTreeSet;

use crate::check::{Finding, Outcome, fail_listing};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use crate::walk::{expect_some, premise, walk};
use model::{FieldKind, Manifest, PaymentStatus};
use outside::authority::Ask;
use outside::egress::{EgressPolicy, Origin, Pattern};
use sim::{Bank, Fault, Movement, On};

/// What makes a connector try another request: the one it made does not exist, or is not for it.
const REFUSALS: [u16; 4] = [404, 410, 403, 422];

pub(super) async fn asked(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?;
    let ask = Ask::of(subject.manifest()?).map_err(|error| Finding::Inconclusive(format!("{error}: see A3")))?;
    let mut made = BTreeSet::new();
    polled(&mut rig, &ask, &mut made, "an ordinary poll").await?;
    premise(expect_some(&walk(&mut rig).await))?;
    // What is followed one by one: payments that were not final, and have left their lists.
    rig.sim.with(|bank| {
        let open: Vec<String> = bank
            .truth()
            .payments
            .into_iter()
            .filter(|(_, p)| p.status == PaymentStatus::Pending)
            .map(|(reference, _)| reference)
            .collect();
        for reference in open {
            bank.remove(&reference);
        }
    });
    polled(&mut rig, &ask, &mut made, "a poll after pending payments have vanished").await?;
    for pattern in made.clone() {
        for status in REFUSALS {
            let Some(path) = a_path(&rig, &ask.requests[pattern]) else { continue };
            let fault = rig.sim.with(|bank| Fault::Answer(bank.refusal(status).response));
            let mut fresh = Rig::new(&subject, stock)?;
            fresh.sim.inject(On::path(&path), fault);
            polled(&mut fresh, &ask, &mut made, &format!("{path} answered with {status}")).await?;
        }
    }
    let idle = ask.requests.iter().enumerate().filter(|(place, _)| !made.contains(place));
    let mut found: Vec<String> =
        idle.map(|(_, pattern)| format!("the request {pattern} is listed and was never made")).collect();
    found.extend(unused_credentials(&ask, subject.manifest()?));
    if !found.is_empty() {
        return fail_listing(found);
    }
    Ok(format!("all {} requests were made, and each of {} credentials has a use", made.len(), ask.credentials.len()))
}

/// Two accounts with payments in every status, and counterparties.
fn stock(bank: &mut dyn Bank) {
    let statuses = bank.statuses();
    for account in 0..2 {
        let reference = bank.open_account("EUR");
        for (number, status) in (0_i64..).zip(statuses.iter().cycle()).take(9) {
            bank.add(&Movement::on(&reference, ago(600 - 10 * number - account)).status(*status));
        }
    }
    for number in 0..3 {
        bank.add_counterparty(ago(700 - number));
    }
}

/// Polls everything and checks the connection, and notes which of the listed requests were made.
async fn polled(rig: &mut Rig, ask: &Ask, made: &mut BTreeSet<usize>, setting: &str) -> Result<(), Finding> {
    setting.clone_into(&mut rig.setting);
    rig.tape.clear();
    for _ in 0..2 {
        rig.poll().await;
    }
    rig.check().await;
    let endpoints = rig.install.policy.endpoints().to_vec();
    for (place, pattern) in ask.requests.iter().enumerate() {
        let alone = EgressPolicy::new(endpoints.clone(), vec![pattern.clone()], ask.headers.clone());
        let secrets = rig.install.keyring.secrets();
        if rig.tape.requests().iter().any(|request| alone.check(request, &secrets).is_ok()) {
            made.insert(place);
        }
    }
    Ok(())
}

/// The path of a request of this kind that was made.
fn a_path(rig: &Rig, pattern: &Pattern) -> Option<String> {
    let alone = EgressPolicy::new(rig.install.policy.endpoints().to_vec(), vec![pattern.clone()], vec![]);
    let secrets = rig.install.keyring.secrets();
    let made = rig.tape.requests().into_iter().find(|request| alone.check(request, &secrets).is_ok())?;
    Some(made.url.path().to_owned())
}

/// Credentials that go on no request that is listed, or that an earlier one always stands in for.
fn unused_credentials(ask: &Ask, manifest: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    for (place, credential) in ask.credentials.iter().enumerate() {
        let name = &credential.name;
        if !ask.requests.iter().any(|pattern| credential.to.iter().any(|field| field == pattern.to())) {
            found.push(format!("the credential `{name}` goes on no request that is listed"));
        }
        let always = |other: &&outside::authority::Credential| {
            let same_header =
                other.headers.iter().any(|(header, _)| credential.headers.iter().any(|(own, _)| own == header));
            let set_whenever = other.fields().iter().all(|field| {
                credential.fields().contains(field)
                    || manifest.config.iter().any(|f| f.name == *field && f.required && f.kind != FieldKind::Url)
            });
            let everywhere: Vec<&Origin> =
                other.not_to.iter().filter(|origin| !credential.not_to.contains(origin)).collect();
            same_header
                && set_whenever
                && everywhere.is_empty()
                && credential.to.iter().all(|field| other.to.contains(field))
        };
        if let Some(other) = ask.credentials[..place].iter().find(always) {
            found.push(format!("the credential `{name}` is never used: `{}` always stands in for it", other.name));
        }
    }
    found
}
