//! What takes a while.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::serving::tasks::{Task as Kept, TaskStatus};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::connectors::task_id;
use super::view::{Data, host_time};
use crate::extract::Path;
use crate::host::Host;
use crate::id::{ConnectorId, Id as _, TaskId};
use crate::problem::Problem;

/// What takes a while, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    id: String,
    #[serde(rename = "connectorID")]
    connector_id: String,
    /// `PROCESSING`, `SUCCEEDED`, `FAILED`.
    status: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// What it made.
    #[serde(rename = "createdObjectID", skip_serializing_if = "Option::is_none")]
    created_object_id: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<Kept> for Task {
    fn from(task: Kept) -> Self {
        let connector = ConnectorId::new(&task.provider, &task.connector);
        let (status, created, error) = match task.status {
            TaskStatus::Processing => ("PROCESSING", None, None),
            TaskStatus::Succeeded(created) => ("SUCCEEDED", created, None),
            TaskStatus::Failed(error) => ("FAILED", None, Some(error)),
        };
        Self {
            id: task_id(connector.clone(), &task.uuid),
            connector_id: connector.text(),
            status: status.to_owned(),
            created_at: host_time(task.created_at),
            updated_at: host_time(task.updated_at),
            created_object_id: created.map(|uuid| ConnectorId::new(&task.provider, &uuid).text()),
            error,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(get))
}

/// How a task stands.
#[utoipa::path(get, path = "/v3/tasks/{taskID}", operation_id = "getTask", tag = "tasks", params(("taskID" = String, Path)),
    responses((status = 200, body = Data<Task>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn get(State(host): State<Host>, Path(id): Path<String>) -> Result<Json<Data<Task>>, Problem> {
    let id = TaskId::parse(&id).ok_or_else(|| Problem::invalid_id("a task"))?;
    let uuid = id.reference().to_owned();
    let found = host.store(move |store| store.task(&uuid)).await?;
    Ok(Json(Data { data: found.map(Task::from).ok_or_else(|| Problem::not_found("task"))? }))
}
