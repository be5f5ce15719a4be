//! `JUnit`'s XML: a test suite for each group, a test case for each check.

use std::time::Duration;

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::text::{self, Detail};
use crate::check::Verdict;
use crate::suite::{Checked, Report};
use model::shown::visible;

/// The report as XML.
pub fn render(report: &Report) -> Result<String, SerializeError> {
    let mut xml = quick_junit::Report::new(format!("conformance of {}", visible(&report.component)));
    xml.set_timestamp(report.date);
    xml.set_time(Duration::from_millis(report.millis));
    for (letter, about, checks) in report.groups() {
        let mut suite = TestSuite::new(format!("{letter} {about}"));
        for (name, value) in [
            ("component", visible(&report.component).into_owned()),
            ("sha256", report.sha256.clone()),
            ("contract", report.contract.to_owned()),
            ("harness", report.harness.to_owned()),
            ("provider", report.provider.clone()),
            ("level", report.level.to_string()),
            ("seed", report.seed.to_string()),
        ] {
            suite.add_property((name, value.as_str()));
        }
        suite.set_time(Duration::from_millis(checks.iter().map(|checked| checked.millis).sum()));
        suite.add_test_cases(checks.iter().map(|checked| case(checked, letter)));
        xml.add_test_suite(suite);
    }
    xml.to_string()
}

/// A warning is a success that says something; what proves nothing either way is an error of the test.
fn case(checked: &Checked, group: char) -> TestCase {
    let mut status = match checked.verdict {
        Verdict::Pass | Verdict::Warn => TestCaseStatus::success(),
        Verdict::Skip => TestCaseStatus::skipped(),
        Verdict::Inconclusive => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let reason = visible(&checked.reason);
    status.set_message(&reason).set_type(checked.verdict.to_string());
    if let Some(evidence) = &checked.evidence {
        let again = text::again(checked);
        let follows = checked.follows.map(|root| format!("it follows from {root}: start there\n")).unwrap_or_default();
        status.set_description(format!("{reason}\n{follows}{}{again}", text::evidence(evidence, Detail::LONG)));
    }
    let mut case = TestCase::new(format!("{} {}", checked.id, checked.title), status);
    case.set_classname(format!("conformance.{group}")).set_time(Duration::from_millis(checked.millis));
    match checked.verdict {
        Verdict::Pass => _ = case.set_system_out(&reason),
        Verdict::Warn => _ = case.set_system_out(format!("warning: {reason}")),
        _ => {}
    }
    case
}
