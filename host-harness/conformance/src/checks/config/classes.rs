//! C4: whether `check` says who acts next.

use serde_json::Value;

use super::stock;
use crate::check::{Finding, Outcome, fail_listing};
use crate::rig::{Rig, case};
use crate::subject::Subject;
use model::Checked;
use sandbox::{CallError, Called};
use sim::{Bank, Broken, Fault, On};

/// What the provider does, and the errors that are right then.
struct Class {
    what: String,
    fault: Fault,
    right: &'static [&'static str],
}

fn classes(bank: &dyn Bank) -> Vec<Class> {
    let refused = |status: u16, right| Class {
        what: format!("HTTP {status}"),
        fault: Fault::Answer(bank.refusal(status).response),
        right,
    };
    let broken =
        |what: &str, broken| Class { what: what.to_owned(), fault: Fault::Break(broken), right: &["unavailable"] };
    vec![
        refused(401, &["unauthorized"]),
        refused(403, &["forbidden", "unauthorized"]),
        refused(404, &["not-found", "upstream-rejected"]),
        refused(429, &["rate-limited"]),
        refused(500, &["unavailable"]),
        refused(503, &["unavailable"]),
        broken("an answer that never comes", Broken::Stalled),
        broken("a connection that is refused", Broken::Refused),
        Class {
            what: "a page of HTML with status 200".to_owned(),
            fault: Fault::html(),
            right: &["malformed-response", "unauthorized"],
        },
    ]
}

pub(super) async fn check_classes(subject: Subject) -> Outcome {
    let rig = Rig::new(&subject, stock)?.setting("a provider that is well");
    if let Some(wrong) = wrong(&rig.check().await, &[]) {
        return Err(rig.failure(format!("`check` at a provider that is well {wrong}"), Vec::new()));
    }
    wrong_secrets(&subject).await?;
    let classes = classes(&*subject.bank());
    let count = classes.len();
    for Class { what, fault, right } in classes {
        let rig = Rig::new(&subject, stock)?.setting(format!("a provider that answers with {what}"));
        rig.sim.inject(On::any(), fault);
        if let Some(wrong) = wrong(&rig.check().await, right) {
            return Err(rig.failure(format!("`check`, answered with {what}, {wrong}"), Vec::new()));
        }
    }
    Ok(format!("success, wrong secrets and {count} kinds of failure told apart, each with one request at most"))
}

/// A check that asks for what anybody may see would accept any secret.
async fn wrong_secrets(subject: &Subject) -> Result<(), Finding> {
    let bank = subject.bank();
    let mut config = bank.config();
    for field in bank.secrets() {
        if let Some(Value::String(secret)) = config.get_mut(&field) {
            *secret = format!("wrong-{}", secret.chars().rev().collect::<String>());
        }
    }
    let install = match subject.install_with(&Value::Object(config).to_string())? {
        Ok(install) => install,
        Err(error) => return fail_listing(vec![format!("a config with other secrets is not taken: {error}")]),
    };
    let rig = Rig::with_install(subject, install, stock)?.setting("a config with wrong secrets");
    match wrong(&rig.check().await, &["unauthorized", "forbidden"]) {
        Some(wrong) => Err(rig.failure(format!("`check` with wrong secrets {wrong}"), Vec::new())),
        None => Ok(()),
    }
}

/// What is wrong with how a check ended that should give one of these errors, or succeed where none is right.
fn wrong(called: &Called<Checked>, right: &[&str]) -> Option<String> {
    if called.report.requests > 1 {
        return Some(format!("made {} requests; one at most is allowed", called.report.requests));
    }
    let expected = if right.is_empty() { "succeed".to_owned() } else { format!("give `{}`", right.join("` or `")) };
    match &called.result {
        Ok(_) if right.is_empty() => None,
        Ok(_) => Some(format!("should {expected}, and succeeded")),
        Err(CallError::Connector { error, .. }) if right.contains(&case(error)) => None,
        Err(CallError::Connector { error, .. }) => Some(format!("should {expected}, and gave `{}`", case(error))),
        Err(error) => Some(format!("should {expected}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Error, ErrorDetail};
    use sandbox::Report;

    fn ended(result: Result<Checked, CallError>, requests: u32) -> Called<Checked> {
        Called { result, report: Report { requests, ..Report::default() } }
    }

    fn nobody() -> Checked {
        Checked { subject: None, name: None }
    }

    #[test]
    fn only_the_right_error_with_one_request_will_do() {
        let detail = ErrorDetail {
            message: "no".into(),
            http_status: None,
            provider_code: None,
            request_id: None,
            retry_after_seconds: None,
        };
        let limited = || Err(CallError::Connector { error: Error::RateLimited(detail.clone()), failure: None });
        assert_eq!(wrong(&ended(limited(), 1), &["rate-limited"]), None);
        assert_eq!(wrong(&ended(Ok(nobody()), 1), &[]), None);
        assert!(wrong(&ended(limited(), 2), &["rate-limited"]).is_some());
        assert!(wrong(&ended(limited(), 1), &["unavailable"]).is_some());
        assert!(wrong(&ended(limited(), 1), &[]).is_some());
        assert!(wrong(&ended(Ok(nobody()), 1), &["unauthorized"]).is_some());
        assert!(wrong(&ended(Err(CallError::Breach("x".into())), 1), &["unauthorized"]).is_some());
    }
}
