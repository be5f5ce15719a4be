//! Bugs in what the connector says of itself.

use qonto_connector::contract::exports::payments::connector::connector::{
    Capability, FieldKind, Manifest, RequestPattern,
};
use qonto_connector::host::{Host as _, HttpGet};
use qonto_connector::imports::Imports;

use super::bug;
use crate::mutants::Bug;

pub(super) fn describe() -> Manifest {
    let mut manifest = qonto_connector::manifest::describe();
    let Some(bug) = bug() else { return manifest };
    match bug {
        Bug::DescribeReadsState => {
            if Imports.state().is_some() {
                manifest.description.push_str(" Installed.");
            }
        }
        Bug::DescribeAsksProvider => {
            let request = HttpGet { url: "https://thirdparty.qonto.com/v2/organization".into(), headers: Vec::new() };
            if Imports.get(&request).is_err() {
                manifest.description.push_str(" Qonto is down.");
            }
        }
        Bug::SecretAsText
        | Bug::AnswerQuoted
        | Bug::KeyInUrl
        | Bug::KeyInError
        | Bug::KeyInRecord
        | Bug::ConfigLogged => field(&mut manifest, "apiKey", |field| field.kind = FieldKind::Text),
        Bug::FieldUndocumented => field(&mut manifest, "clientID", |field| field.description.clear()),
        Bug::FieldRenamed => field(&mut manifest, "pollingPeriod", |field| field.name = "pollPeriod".to_owned()),
        Bug::FieldNowRequired => field(&mut manifest, "pageSize", |field| {
            field.required = true;
            field.default = None;
        }),
        Bug::RoomInState | Bug::OneLaneIfOneAtATime => manifest.max_in_flight = 3,
        Bug::BearerToken => "Bearer {clientID}:{apiKey}".clone_into(&mut manifest.credentials[0].headers[0].1),
        Bug::StagingTokenAlways => manifest.credentials[1].not_to.clear(),
        Bug::AsksForMore => manifest.requests.push(RequestPattern {
            method: "GET".to_owned(),
            to: "endpoint".to_owned(),
            path: "/v2/memberships".to_owned(),
        }),
        Bug::TaskRenamed => manifest.workflow[2].name = "payments".to_owned(),
        Bug::TasksOfOneName => manifest.workflow[3].name = "fetch-accounts".to_owned(),
        Bug::ChildBeforeParent => manifest.workflow[1].parent = Some(2),
        Bug::CapabilityUndeclared => {
            manifest.capabilities.retain(|capability| *capability != Capability::FetchExternalAccounts);
            manifest.workflow.pop();
        }
        _ => {}
    }
    manifest
}

fn field(
    manifest: &mut Manifest,
    name: &str,
    change: impl FnOnce(&mut qonto_connector::contract::exports::payments::connector::connector::ConfigField),
) {
    change(manifest.config.iter_mut().find(|field| field.name == name).expect("a field of the connector"));
}
