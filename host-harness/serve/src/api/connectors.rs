//! Connectors: what can be installed, and what is.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use model::malformed::malformed;
use model::manifest_json::capability_word;
use model::{FieldKind, Manifest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use store::Origin;
use store::serving::connectors::Connector as Kept;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list::{Asked, ListQuery};
use super::view::{Data, Listed, host_time};
use crate::access::Writes;
use crate::erase::Erase;
use crate::extract::{Path, Query, Text};
use crate::host::Host;
use crate::id::{ConnectorId, Id as _};
use crate::problem::Problem;
use crate::query::Of;

/// The largest config.
const LARGEST_CONFIG: usize = 500_000;

/// An installed connector.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connector {
    id: String,
    reference: String,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    provider: String,
    /// As it was given; secrets are three asterisks.
    #[schema(value_type = Object)]
    config: Map<String, Value>,
    scheduled_for_deletion: bool,
    capabilities: Vec<String>,
    /// The component that ran it last, by its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    /// Since when it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    paused_at: Option<String>,
    /// Why it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_reason: Option<String>,
    /// Where its component came from, where that is a registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Source>,
}

/// Where the component of a connector came from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Source {
    /// What it is pinned to.
    reference: String,
    /// The tag that it was asked for by, and that an upgrade follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// The component, by its digest.
    component: String,
    /// The version that it gives itself.
    version: String,
    /// The key that signed it; none where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
    /// `bronze`, `silver`, `gold`: what was proved, as the signer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<String>,
}

impl From<Origin> for Source {
    fn from(origin: Origin) -> Self {
        Self {
            reference: format!("oci://{}@{}", origin.repository, origin.artifact),
            tag: origin.tag,
            component: origin.component,
            version: origin.version,
            signer: origin.signer,
            level: origin.level.map(|level| level.to_string()),
        }
    }
}

/// Which component is meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Component {
    /// One of a registry: `oci://HOST/REPOSITORY@sha256:…`, or `:TAG`. Without it, the one that the server has of this name.
    component: Option<String>,
}

/// Which version is to take the place of the present one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Upgrade {
    /// `oci://HOST/REPOSITORY@sha256:…`, or `:TAG`. Without it, what the tag means today that it was installed by.
    component: Option<String>,
}

/// What a connector went back to.
#[derive(Debug, Serialize, ToSchema)]
struct RolledBack {
    /// Where it came from.
    from: Source,
    /// The streams whose states it cannot read, which a reset begins anew.
    unread: Vec<String>,
}

/// A field of a config.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConfigField {
    /// `string`, `duration ns`, `unsigned integer`, `boolean`.
    data_type: String,
    required: bool,
    default_value: String,
}

/// What erases something.
#[derive(Debug, Serialize, ToSchema)]
struct TaskOf {
    #[serde(rename = "taskID")]
    task_id: String,
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(install))
        .routes(routes!(list))
        .routes(routes!(configs))
        .routes(routes!(capabilities))
        .routes(routes!(uninstall))
        .routes(routes!(config, configure))
        .routes(routes!(own_capabilities))
        .routes(routes!(reset))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(poll))
        .routes(routes!(upgrade))
        .routes(routes!(roll_back))
}

/// The connector of an id in a path.
pub(crate) async fn found(host: &Host, id: &str) -> Result<(ConnectorId, Kept), Problem> {
    let id = ConnectorId::parse(id).ok_or_else(|| Problem::invalid_id("a connector"))?;
    let uuid = id.uuid().to_owned();
    let found = host.store(move |store| store.connector(&uuid)).await?;
    let found = found.filter(|found| ConnectorId::from(found) == id).ok_or_else(|| Problem::not_found("connector"))?;
    Ok((id, found))
}

/// The id of a task about a connector.
pub(super) fn task_id(connector: ConnectorId, task: &str) -> String {
    connector.account(task).text()
}

fn config_text(Text(body): Text) -> Result<String, Problem> {
    if body.len() > LARGEST_CONFIG {
        let told = format!("a config has at most {LARGEST_CONFIG} bytes");
        return Err(Problem::body(told).with_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    Ok(body)
}

/// In the words of the payments API: `FETCH_ACCOUNTS`.
fn capabilities_of(manifest: &Manifest) -> Vec<String> {
    let words = manifest.capabilities.iter().map(|capability| capability_word(*capability));
    words.map(|word| word.to_uppercase().replace('-', "_")).collect()
}

/// Installs a connector, and polls it at once.
#[utoipa::path(post, path = "/v3/connectors/install/{provider}", operation_id = "installConnector", tag = "connectors", params(("provider" = String, Path), Component),
    request_body(content = Object, description = "the config, by the provider's manifest, and `name`"),
    responses((status = 202, body = Data<String>), (status = 400, body = Problem), (status = 413, body = Problem)))]
async fn install(
    State(host): State<Host>,
    Writes(who): Writes,
    Path(provider): Path<String>,
    Query(asked): Query<Component>,
    body: Text,
) -> Result<(StatusCode, Json<Data<String>>), Problem> {
    let config = config_text(body)?;
    let added = match asked.component {
        Some(reference) => host.install_from(&who, &provider, &reference, config).await?,
        None => host.install(&who, &provider, config).await?,
    };
    Ok((StatusCode::ACCEPTED, Json(Data { data: ConnectorId::from(&added).text() })))
}

/// Lists the installed connectors, the newest first.
#[utoipa::path(get, path = "/v3/connectors", operation_id = "listConnectors", tag = "connectors", params(ListQuery),
    responses((status = 200, body = Listed<Connector>), (status = 400, body = Problem)))]
async fn list(State(host): State<Host>, asked: Asked) -> Result<Json<Listed<Connector>>, Problem> {
    let (condition, (seek, size), same) = (asked.condition(Of::Connectors)?, asked.seek(), host.clone());
    let listed = move || {
        let page = host.served().store.list_connectors(&condition, seek, size)?;
        Ok(asked.listed(page, |kept| view(&host, &kept)))
    };
    Ok(Json(same.blocking(listed).await?))
}

fn view(host: &Host, kept: &Kept) -> Connector {
    let provider = host.served().provider_of(kept).ok();
    Connector {
        id: ConnectorId::from(kept).text(),
        reference: kept.uuid.clone(),
        name: kept.install.clone(),
        created_at: host_time(kept.created_at),
        updated_at: host_time(kept.updated_at),
        provider: kept.provider.clone(),
        // One that cannot be opened does not hide the others.
        config: host.served().shown_config(kept).unwrap_or_default(),
        scheduled_for_deletion: kept.leaves_at.is_some(),
        capabilities: provider.map(|provider| capabilities_of(&provider.described.manifest)).unwrap_or_default(),
        component: kept.component.clone(),
        paused_at: kept.paused.as_ref().map(|(at, _)| host_time(*at)),
        paused_reason: kept.paused.as_ref().map(|(_, reason)| reason.clone()),
        from: host.served().store.origin(&kept.install).ok().flatten().map(Source::from),
    }
}

/// What the config of each provider consists of.
#[utoipa::path(get, path = "/v3/connectors/configs", operation_id = "listConnectorConfigs", tag = "connectors",
    responses((status = 200, body = Data<BTreeMap<String, BTreeMap<String, ConfigField>>>)))]
async fn configs(State(host): State<Host>) -> Json<Data<BTreeMap<String, BTreeMap<String, ConfigField>>>> {
    let providers = host.served().providers.all();
    let data = providers.map(|provider| {
        let manifest = &provider.described.manifest;
        (manifest.name.clone(), fields_of(manifest))
    });
    Json(Data { data: data.collect() })
}

fn fields_of(manifest: &Manifest) -> BTreeMap<String, ConfigField> {
    let field = |data_type: &str, required, default: &str| ConfigField {
        data_type: data_type.to_owned(),
        required,
        default_value: default.to_owned(),
    };
    let common = [("name", field("string", true, "")), ("pollingPeriod", field("duration ns", false, "30m"))];
    let own = manifest.config.iter().map(|known| {
        let data_type = match known.kind {
            FieldKind::Text | FieldKind::Secret | FieldKind::Url | FieldKind::Date => "string",
            FieldKind::Duration => "duration ns",
            FieldKind::Integer => "unsigned integer",
            FieldKind::Boolean => "boolean",
        };
        (known.name.as_str(), field(data_type, known.required, known.default.as_deref().unwrap_or_default()))
    });
    common.into_iter().chain(own).map(|(name, field)| (name.to_owned(), field)).collect()
}

/// What each provider can do.
#[utoipa::path(get, path = "/v3/connectors/capabilities", operation_id = "listConnectorCapabilities", tag = "connectors",
    responses((status = 200, body = Data<BTreeMap<String, Vec<String>>>), (status = 304)))]
async fn capabilities(State(host): State<Host>, headers: HeaderMap) -> Response {
    let providers = host.served().providers.all();
    let manifests = providers.map(|provider| &provider.described.manifest);
    let data: BTreeMap<String, Vec<String>> =
        manifests.map(|manifest| (manifest.name.clone(), capabilities_of(manifest))).collect();
    let answer = Data { data };
    let tag = format!("\"{:x}\"", Sha256::digest(serde_json::to_vec(&answer).unwrap_or_default()));
    let cached = [(ETAG, tag.clone()), (CACHE_CONTROL, "public, max-age=3600, must-revalidate".to_owned())];
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if known.split(',').any(|known| known.trim() == tag || known.trim() == "*") {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    (cached, Json(answer)).into_response()
}

/// The config of a connector. A secret is three asterisks.
#[utoipa::path(get, path = "/v3/connectors/{connectorID}/config", operation_id = "getConnectorConfig", tag = "connectors",
    params(("connectorID" = String, Path)),
    responses((status = 200, body = Data<Object>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn config(State(host): State<Host>, Path(id): Path<String>) -> Result<Json<Data<Map<String, Value>>>, Problem> {
    let (_, kept) = found(&host, &id).await?;
    let served = host.served().clone();
    Ok(Json(Data { data: host.blocking(move || served.shown_config(&kept)).await? }))
}

/// Takes another config, the whole of it. Three asterisks stand for the secret that is kept. What is read so far stays.
#[utoipa::path(patch, path = "/v3/connectors/{connectorID}/config", operation_id = "updateConnectorConfig", tag = "connectors",
    params(("connectorID" = String, Path)), request_body = Object,
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn configure(
    State(host): State<Host>,
    Writes(who): Writes,
    Path(id): Path<String>,
    body: Text,
) -> Result<StatusCode, Problem> {
    let (_, kept) = found(&host, &id).await?;
    host.configure(&who, &kept, config_text(body)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a connector can do.
#[utoipa::path(get, path = "/v3/connectors/{connectorID}/capabilities", operation_id = "getConnectorCapabilities", tag = "connectors",
    params(("connectorID" = String, Path)),
    responses((status = 200, body = Data<Vec<String>>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn own_capabilities(
    State(host): State<Host>,
    Path(id): Path<String>,
) -> Result<Json<Data<Vec<String>>>, Problem> {
    let (_, kept) = found(&host, &id).await?;
    let served = host.served().clone();
    let provider = host.blocking(move || Ok(served.provider_of(&kept)?)).await?;
    Ok(Json(Data { data: capabilities_of(&provider.described.manifest) }))
}

/// Erases what was read, and begins anew under another id, which the task names when it is done.
#[utoipa::path(post, path = "/v3/connectors/{connectorID}/reset", operation_id = "resetConnector", tag = "connectors",
    params(("connectorID" = String, Path)),
    responses((status = 202, body = Data<String>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn reset(
    State(host): State<Host>,
    Writes(who): Writes,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Data<String>>), Problem> {
    let (id, kept) = found(&host, &id).await?;
    let task = host.erase(&who, &kept, Erase::Reset).await?;
    Ok((StatusCode::ACCEPTED, Json(Data { data: task_id(id, &task) })))
}

/// Erases a connector with all that was read.
#[utoipa::path(delete, path = "/v3/connectors/{connectorID}", operation_id = "uninstallConnector", tag = "connectors", params(("connectorID" = String, Path)),
    responses((status = 202, body = Data<TaskOf>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn uninstall(
    State(host): State<Host>,
    Writes(who): Writes,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Data<TaskOf>>), Problem> {
    let (id, kept) = found(&host, &id).await?;
    let task = host.erase(&who, &kept, Erase::Uninstall).await?;
    Ok((StatusCode::ACCEPTED, Json(Data { data: TaskOf { task_id: task_id(id, &task) } })))
}

/// Lets a connector rest, once the pages in flight are stored.
#[utoipa::path(post, path = "/v3/connectors/{connectorID}/pause", operation_id = "pauseConnector", tag = "connectors",
    params(("connectorID" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn pause(State(host): State<Host>, Writes(who): Writes, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let (_, kept) = found(&host, &id).await?;
    host.pause(&who, &kept).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a connector go on.
#[utoipa::path(post, path = "/v3/connectors/{connectorID}/resume", operation_id = "resumeConnector", tag = "connectors",
    params(("connectorID" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn resume(State(host): State<Host>, Writes(who): Writes, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let (_, kept) = found(&host, &id).await?;
    host.resume(&who, &kept).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Polls a connector now.
#[utoipa::path(post, path = "/v3/connectors/{connectorID}/poll", operation_id = "pollConnector", tag = "connectors",
    params(("connectorID" = String, Path)),
    responses((status = 202), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn poll(State(host): State<Host>, Writes(who): Writes, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let (_, kept) = found(&host, &id).await?;
    host.poll_now(&who, &kept).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Gives a connector another version of its component, from a registry. What was read stays.
#[utoipa::path(post, path = "/v3/connectors/{connectorID}/upgrade", operation_id = "upgradeConnector", tag = "connectors",
    params(("connectorID" = String, Path)), request_body = Upgrade,
    responses((status = 200, body = Data<Source>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn upgrade(
    State(host): State<Host>,
    Writes(who): Writes,
    Path(id): Path<String>,
    Text(body): Text,
) -> Result<Json<Data<Source>>, Problem> {
    let (_, kept) = found(&host, &id).await?;
    let asked: Upgrade = match body.trim() {
        "" => Upgrade::default(),
        body => serde_json::from_str(body).map_err(|error| Problem::body(malformed(&error)))?,
    };
    let origin = host.upgrade(&who, &kept, asked.component).await?;
    Ok(Json(Data { data: origin.into() }))
}

/// Gives a connector back the component that it had before its last upgrade.
#[utoipa::path(post, path = "/v3/connectors/{connectorID}/rollback", operation_id = "rollBackConnector", tag = "connectors",
    params(("connectorID" = String, Path)),
    responses((status = 200, body = Data<RolledBack>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn roll_back(
    State(host): State<Host>,
    Writes(who): Writes,
    Path(id): Path<String>,
) -> Result<Json<Data<RolledBack>>, Problem> {
    let (_, kept) = found(&host, &id).await?;
    let (origin, unread) = host.roll_back(&who, &kept).await?;
    let unread = unread.iter().map(ToString::to_string).collect();
    Ok(Json(Data { data: RolledBack { from: origin.into(), unread } }))
}
