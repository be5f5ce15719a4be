//! C6: whether `check` says whose data it is, so that a host can tell when it becomes another's.

use super::stock;
use crate::check::{Finding, Outcome};
use crate::leaks::Leaks;
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use model::Checked;
use sim::{Bank, Movement};

/// Something that can happen to an organisation.
type Change = fn(&mut dyn Bank);

/// What can happen to one without its being another one.
fn changes() -> [(&'static str, Change); 4] {
    [
        ("asked again", |_| ()),
        ("with more accounts and payments", |bank| {
            let account = bank.open_account("EUR");
            bank.add(&Movement::on(&account, ago(30)));
        }),
        ("with its first account closed", |bank| {
            if let Some(first) = bank.truth().accounts.into_keys().next() {
                bank.close_account(&first);
            }
        }),
        ("under another name", |bank| bank.rename_subject()),
    ]
}

pub(super) async fn whose(subject: Subject) -> Outcome {
    let rig = Rig::new(&subject, stock)?.setting("one organisation, then another under the same credentials");
    if !subject.bank().change_subject() {
        return untold(&rig).await;
    }
    let first = told(&subject, &rig, "at first").await?;
    for (when, change) in changes() {
        rig.sim.with(|bank| change(&mut **bank));
        let again = told(&subject, &rig, when).await?;
        if again != first {
            return Err(rig.failure(
                format!("`check` says “{first}” of an organisation, and “{again}” of the same one {when}"),
                Vec::new(),
            ));
        }
    }
    rig.sim.with(|bank| bank.change_subject());
    let other = told(&subject, &rig, "of another organisation").await?;
    if other == first {
        return Err(rig.failure(format!("`check` says “{first}” of two organisations"), Vec::new()));
    }
    Ok(format!("the same subject {} times, another one for another organisation", 1 + changes().len()))
}

/// Where no single request tells whose data it has, a subject is made up: of the config, or of what may change.
async fn untold(rig: &Rig) -> Outcome {
    match rig.check().await.result {
        Ok(Checked { subject: Some(subject), .. }) => {
            Err(rig.failure(format!("`check` says “{subject}”, and no request of the provider's tells"), Vec::new()))
        }
        _ => Ok("no single request tells whose data it has, and `check` does not say".to_owned()),
    }
}

/// Whose data `check` says that it is.
async fn told(subject: &Subject, rig: &Rig, when: &str) -> Result<String, Finding> {
    let checked = match rig.check().await.result {
        Ok(checked) => checked,
        Err(error) => return Err(rig.failure(format!("`check` {when} failed: {error}"), Vec::new())),
    };
    let leaks = Leaks::of(&*subject.bank())?;
    let mut texts = checked.subject.iter().chain(&checked.name);
    if let Some(secret) = texts.find_map(|text| leaks.secret_in(text.as_bytes())) {
        return Err(rig.failure(format!("`check` {when} tells a secret: {secret}"), Vec::new()));
    }
    let is_told = |subject: &String| !subject.trim().is_empty();
    checked.subject.filter(is_told).ok_or_else(|| {
        rig.failure(format!("`check` {when} does not say whose data it is, which its request tells"), Vec::new())
    })
}
