//! What is polled of a connector, and how each poll of it went.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::serving::connectors::Connector;
use store::serving::schedules::{Instance as Run, Schedule as Stream};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::connectors::found;
use super::list::{Asked, ListQuery};
use super::view::{Data, Listed, host_time};
use crate::extract::Path;
use crate::host::Host;
use crate::id::{ConnectorId, Id as _, ScheduleId};
use crate::problem::Problem;

/// What is polled of a connector: one task, for one record.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Schedule {
    id: String,
    #[serde(rename = "connectorID")]
    connector_id: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    paused_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_reason: Option<String>,
    /// When a poll of it last came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    completed_at: Option<String>,
}

/// A poll of a schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Instance {
    id: String,
    #[serde(rename = "scheduleID")]
    schedule_id: String,
    #[serde(rename = "connectorID")]
    connector_id: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    terminated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    terminated_at: Option<String>,
    /// Why it failed, or what is missing of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(instances))
}

fn schedule(connector: &Connector, stream: &Stream) -> Schedule {
    let id = ConnectorId::from(connector);
    Schedule {
        id: id.clone().schedule(&stream.stream).text(),
        connector_id: id.text(),
        created_at: host_time(connector.created_at),
        paused_at: connector.paused.as_ref().map(|(at, _)| host_time(*at)),
        paused_reason: connector.paused.as_ref().map(|(_, reason)| reason.clone()),
        completed_at: stream.completed_at.map(host_time),
    }
}

fn instance(schedule: &str, connector: &str, run: Run) -> Instance {
    let ended = run.summary.as_ref();
    let terminated_at = ended.map(|summary| host_time(summary.finished_at));
    Instance {
        id: run.id.to_string(),
        schedule_id: schedule.to_owned(),
        connector_id: connector.to_owned(),
        created_at: host_time(run.started_at),
        updated_at: terminated_at.clone().unwrap_or_else(|| host_time(run.started_at)),
        terminated: terminated_at.is_some(),
        terminated_at,
        error: ended
            .and_then(|summary| summary.error.clone())
            .or_else(|| run.gaps.map(|gaps| format!("missing: {gaps}"))),
    }
}

/// Lists what is polled of a connector.
#[utoipa::path(get, path = "/v3/connectors/{connectorID}/schedules", operation_id = "listConnectorSchedules", tag = "connectors",
    params(("connectorID" = String, Path), ListQuery),
    responses((status = 200, body = Listed<Schedule>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn list(
    State(host): State<Host>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<Listed<Schedule>>, Problem> {
    let (_, connector) = found(&host, &id).await?;
    let (install, (seek, size)) = (connector.install.clone(), asked.seek());
    let page = host.store(move |store| store.list_schedules(&install, seek, size)).await?;
    Ok(Json(asked.listed(page, |stream| schedule(&connector, &stream))))
}

/// The connector and the schedule that a path names.
async fn named(host: &Host, connector: &str, schedule: &str) -> Result<(Connector, Stream), Problem> {
    let (id, connector) = found(host, connector).await?;
    let schedule = ScheduleId::parse(schedule).filter(|schedule| schedule.is_of(&id));
    let stream = schedule.ok_or_else(|| Problem::not_found("schedule"))?.stream(&connector.install);
    let found = host.store(move |store| store.schedule(&stream)).await?;
    found.map(|stream| (connector, stream)).ok_or_else(|| Problem::not_found("schedule"))
}

/// One schedule.
#[utoipa::path(get, path = "/v3/connectors/{connectorID}/schedules/{scheduleID}", operation_id = "getConnectorSchedule", tag = "connectors",
    params(("connectorID" = String, Path), ("scheduleID" = String, Path)),
    responses((status = 200, body = Data<Schedule>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn get(
    State(host): State<Host>,
    Path((connector, id)): Path<(String, String)>,
) -> Result<Json<Data<Schedule>>, Problem> {
    let (connector, stream) = named(&host, &connector, &id).await?;
    Ok(Json(Data { data: schedule(&connector, &stream) }))
}

/// Lists the polls of a schedule, the latest first.
#[utoipa::path(get, path = "/v3/connectors/{connectorID}/schedules/{scheduleID}/instances", operation_id = "listConnectorScheduleInstances", tag = "connectors",
    params(("connectorID" = String, Path), ("scheduleID" = String, Path), ListQuery),
    responses((status = 200, body = Listed<Instance>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn instances(
    State(host): State<Host>,
    Path((connector, id)): Path<(String, String)>,
    asked: Asked,
) -> Result<Json<Listed<Instance>>, Problem> {
    let (connector, stream) = named(&host, &connector, &id).await?;
    let (key, (seek, size)) = (stream.stream, asked.seek());
    let page = host.store(move |store| store.list_instances(&key, seek, size)).await?;
    let connector = ConnectorId::from(&connector).text();
    Ok(Json(asked.listed(page, |run| instance(&id, &connector, run))))
}
