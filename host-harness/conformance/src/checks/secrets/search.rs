//! Searches everything that a connector gives out.

use crate::check::Finding;
use crate::evidence::Evidence;
use crate::leaks::{Leaks, texts};
use crate::rig::Rig;
use model::Checked;
use outside::egress::RefusalKind;
use sandbox::{CallError, Called, Fetched, Page, Report};

/// Characters of a text that are shown around a find.
const SHOWN: usize = 300;

/// A search, and how much it looked at.
pub(super) struct Search {
    leaks: Leaks,
    /// Texts looked at.
    pub(super) texts: usize,
    /// Calls looked at.
    pub(super) calls: usize,
}

impl Search {
    pub(super) fn new(leaks: Leaks) -> Self {
        Self { leaks, texts: 0, calls: 0 }
    }

    /// Looks at all that a fetch gave out.
    pub(super) fn fetched(&mut self, rig: &Rig, called: &Called<Fetched<Page>>) -> Result<(), Finding> {
        self.call(rig, &called.result, &called.report)
    }

    /// The same, for a call that is kept in parts.
    pub(super) fn call(
        &mut self,
        rig: &Rig,
        result: &Result<Fetched<Page>, CallError>,
        report: &Report,
    ) -> Result<(), Finding> {
        if let Ok(fetched) = result {
            for (field, text) in texts(&fetched.page) {
                self.text(rig, &format!("`{field}`"), text.as_bytes())?;
            }
            self.text(rig, "the state", fetched.state.as_deref().unwrap_or_default())?;
        }
        self.ended(rig, result.as_ref().err(), report)
    }

    /// Looks at all that a connection check gave out.
    pub(super) fn checked(&mut self, rig: &Rig, called: &Called<Checked>) -> Result<(), Finding> {
        self.ended(rig, called.result.as_ref().err(), &called.report)
    }

    /// Errors, log, output, requests.
    fn ended(&mut self, rig: &Rig, error: Option<&CallError>, report: &Report) -> Result<(), Finding> {
        self.calls += 1;
        match error {
            Some(CallError::Connector { error, .. }) => {
                self.text(rig, "the error it returned", format!("{error:?}").as_bytes())?;
            }
            Some(error @ (CallError::Trap(_) | CallError::Breach(_))) => {
                self.text(rig, "the report of its failure", error.to_string().as_bytes())?;
            }
            _ => {}
        }
        for line in &report.log {
            self.text(rig, "a line of its log", line.message.as_bytes())?;
        }
        self.text(rig, "its output", report.output.as_bytes())?;
        for request in rig.tape.requests() {
            self.text(rig, "the URL of a request", request.url.as_str().as_bytes())?;
            self.text(rig, "the body of a request", &request.body)?;
        }
        rig.tape.clear();
        let found = report.refused.refusals.iter().find(|refusal| matches!(refusal.kind, RefusalKind::Secret(_)));
        match found {
            Some(refusal) => {
                Err(rig.failure(format!("the host found a secret in what it produced: {refusal}"), Vec::new()))
            }
            None => Ok(()),
        }
    }

    /// Looks at one text.
    pub(super) fn text(&mut self, rig: &Rig, place: &str, text: &[u8]) -> Result<(), Finding> {
        self.texts += 1;
        let Some(found) = self.leaks.secret_in(text) else { return Ok(()) };
        let shown: String = String::from_utf8_lossy(text).chars().take(SHOWN).collect();
        let what = format!("{found} is in {place}; it belongs nowhere that a connector reaches");
        Err(rig.failure(what, vec![format!("{place}: {shown}")]))
    }

    /// Whether the connector was given a secret itself, since its manifest does not say that it is one.
    pub(super) fn handed_out(&self, rig: &Rig) -> Result<(), Finding> {
        match self.leaks.secret_in(rig.install.config.as_bytes()) {
            None => Ok(()),
            Some(found) => Err(Finding::Fail(Box::new(Evidence::new(format!(
                "the connector is given {found} itself: its manifest does not declare the field as `secret`"
            ))))),
        }
    }
}
