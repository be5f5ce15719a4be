//! The manifest of a connector that is like most: one bank, one token, one request at a time.

use crate::config::field;
use crate::contract::exports::payments::connector::connector::{
    Capability, ConfigField, Credential, FieldKind, Manifest, RequestPattern, Task,
};

/// A manifest for a connector with this name, version and workflow, whose requests are `GET` below `endpoint`, with a token
/// as bearer. What is otherwise, say with `..`.
#[must_use]
pub fn simple(name: &str, version: &str, description: &str, workflow: Vec<Task>, paths: &[&str]) -> Manifest {
    let mut capabilities: Vec<Capability> = Vec::new();
    for task in &workflow {
        if !capabilities.contains(&task.capability) {
            capabilities.push(task.capability);
        }
    }
    Manifest {
        name: name.to_owned(),
        version: version.to_owned(),
        description: description.to_owned(),
        capabilities,
        workflow,
        config: Vec::new(),
        credentials: vec![bearer("endpoint", "token")],
        requests: paths.iter().map(|path| get("endpoint", path)).collect(),
        headers: Vec::new(),
        max_page_size: 100,
        max_in_flight: 1,
        rate_limits: Vec::new(),
    }
}

/// The fields of such a connector's config; `endpoint` is where the API is.
#[must_use]
pub fn simple_config(endpoint: &str) -> Vec<ConfigField> {
    vec![
        field("endpoint", FieldKind::Url, true, None, &format!("Where the API is: {endpoint}.")),
        field("token", FieldKind::Secret, true, None, "A token for reading, from the bank's settings."),
        field("pageSize", FieldKind::Integer, false, Some("50"), "How many rows to ask for at a time."),
        field("pollingPeriod", FieldKind::Duration, false, Some("30m"), "The time between two polls."),
    ]
}

/// A task that is polled every period; `parent` is the index of the task for whose records it runs.
#[must_use]
pub fn task(name: &str, capability: Capability, parent: Option<u32>) -> Task {
    Task {
        name: name.to_owned(),
        capability,
        periodic: true,
        min_period_seconds: 0,
        parent,
        snapshot: false,
        follow: false,
    }
}

/// A token of the field `secret`, put on requests to the origin of the field `to`.
#[must_use]
pub fn bearer(to: &str, secret: &str) -> Credential {
    Credential {
        name: "login".to_owned(),
        to: vec![to.to_owned()],
        not_to: Vec::new(),
        headers: vec![("authorization".to_owned(), format!("Bearer {{{secret}}}"))],
        more: Vec::new(),
    }
}

/// A request that reads what is at `path`, below the URL of the field `to`.
#[must_use]
pub fn get(to: &str, path: &str) -> RequestPattern {
    RequestPattern { method: "GET".to_owned(), to: to.to_owned(), path: path.to_owned() }
}
