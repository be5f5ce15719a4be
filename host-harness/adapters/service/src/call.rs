//! What a caller asks for.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use model::Manifest;
use outside::config::InstallConfig;
use serde::Deserialize;

use crate::contract::payments::connector::connector::{FetchRequest, Parent};
use crate::contract::payments::connector::types::Timestamp;

/// The body of `POST /fetch`: one call to the connector.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// The name of a task in the manifest.
    pub task: String,
    /// The item that it runs for, as an answer had it; needed exactly where the task has a parent.
    pub parent: Option<Item>,
    /// The `state` of the last answer for this task and parent; none at first.
    pub state: Option<String>,
    /// Rows at a time; none: what the config says.
    pub page_size: Option<u32>,
    /// Payments to follow. With it the connector tells how these stand, and reads no page.
    pub references: Option<Vec<String>>,
}

/// What the connector is told of a parent. Other members of the item are left out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    reference: String,
    default_asset: Option<String>,
    metadata: BTreeMap<String, String>,
    raw: String,
}

/// Why a call is not one. Its words are for the caller.
#[derive(Debug, thiserror::Error)]
pub enum BadCall {
    /// The body is something else.
    #[error("the body is no call: {0}")]
    Json(String),
    /// No such task.
    #[error("the manifest has no task `{name}`; it has {known}")]
    Task {
        /// The name.
        name: String,
        /// All that there are.
        known: String,
    },
    /// A parent is missing, or there is one too many.
    #[error("the task `{task}` {}", .parent.as_ref().map_or("has no parent".to_owned(), |parent| format!("runs for each item of `{parent}`: give one of them as `parent`")))]
    Parent {
        /// The task.
        task: String,
        /// The task of its parents.
        parent: Option<String>,
    },
    /// It is no Base64.
    #[error("the state is not what an answer had: {0}")]
    State(String),
}

impl Call {
    /// Reads a body.
    ///
    /// # Errors
    /// [`BadCall::Json`].
    pub fn read(body: &[u8]) -> Result<Self, BadCall> {
        serde_json::from_slice(body).map_err(|error| BadCall::Json(error.to_string()))
    }

    /// The state as the connector set it.
    ///
    /// # Errors
    /// [`BadCall::State`].
    pub fn state(&self) -> Result<Option<Vec<u8>>, BadCall> {
        let bytes = self.state.as_ref().map(|text| STANDARD.decode(text)).transpose();
        bytes.map_err(|error| BadCall::State(error.to_string()))
    }

    /// The task that is called.
    ///
    /// # Errors
    /// [`BadCall::Task`].
    pub fn task<'m>(&self, manifest: &'m Manifest) -> Result<&'m model::Task, BadCall> {
        manifest.workflow.iter().find(|task| task.name == self.task).ok_or_else(|| {
            let names: Vec<String> = manifest.workflow.iter().map(|task| format!("`{}`", task.name)).collect();
            BadCall::Task { name: self.task.clone(), known: names.join(", ") }
        })
    }

    /// The request for the connector, `now`.
    ///
    /// # Errors
    /// [`BadCall`].
    pub fn request(
        &self,
        manifest: &Manifest,
        config: &InstallConfig,
        now: DateTime<Utc>,
    ) -> Result<FetchRequest, BadCall> {
        let task = self.task(manifest)?;
        let parent_task = task.parent.and_then(|index| manifest.workflow.get(usize::try_from(index).ok()?));
        let parent = match (parent_task, &self.parent) {
            (Some(task), Some(item)) => Some(item.parent(&task.name)),
            (None, None) => None,
            (parent, _) => {
                let parent = parent.map(|task| task.name.clone());
                return Err(BadCall::Parent { task: task.name.clone(), parent });
            }
        };
        Ok(FetchRequest {
            config: config.json.clone(),
            task: task.name.clone(),
            parent,
            page_size: self.page_size.unwrap_or(config.page_size).clamp(1, manifest.max_page_size.max(1)),
            max_in_flight: manifest.max_in_flight.max(1),
            since: config.since.map(midnight),
            observed_at: Timestamp { seconds: now.timestamp(), nanoseconds: now.timestamp_subsec_nanos() },
        })
    }
}

impl Item {
    fn parent(&self, task: &str) -> Parent {
        Parent {
            task: task.to_owned(),
            reference: self.reference.clone(),
            default_asset: self.default_asset.clone(),
            metadata: self.metadata.clone().into_iter().collect(),
            raw: self.raw.clone(),
        }
    }
}

fn midnight(date: NaiveDate) -> Timestamp {
    Timestamp { seconds: date.and_time(NaiveTime::MIN).and_utc().timestamp(), nanoseconds: 0 }
}
