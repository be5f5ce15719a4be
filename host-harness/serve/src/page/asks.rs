//! What a connector asks for, and what an install of it may reach.

use maud::{Markup, html};
use model::FieldKind;
use model::grant::{Asks, request_line};
use store::serving::connectors::Connector;
use store::{Granted, PollStore as _};

use super::Refusal;
use super::layout::text;
use crate::host::Host;
use crate::providers::Provider;

/// What a connector asks for, whoever runs it.
pub(super) fn of(provider: &Provider) -> Asks {
    let described = &provider.described;
    Asks::of(&described.manifest, &described.connector.inspection().imports)
}

/// In lists, with the URLs that a config leads to.
pub(super) fn listed(asks: &Asks, leads: &[(String, String)]) -> Markup {
    let list = |name: &str, items: Vec<String>| {
        html! { @if !items.is_empty() { dt { (name) } dd { ul.plain { @for item in &items { li { code { (text(item)) } } } } } } }
    };
    let imports = asks.imports.iter().cloned().collect::<Vec<_>>().join(", ");
    let credentials = asks.credentials.iter().map(|(name, asked)| format!("{name}: {asked}"));
    html! {
        dl {
            @for (field, url) in leads { dt { (text(field)) } dd { code { (text(url)) } } }
            (list("Requests", asks.requests.iter().map(|request| request_line(request)).collect()))
            (list("Credentials", credentials.collect()))
            (list("Further headers", asks.headers.iter().cloned().collect()))
            @if !asks.imports.is_empty() { dt { "Interfaces of the host" } dd { code { (text(&imports)) } } }
        }
    }
}

/// What an install may reach.
pub(super) async fn reach(host: &Host, connector: &Connector) -> Result<Markup, Refusal> {
    let install = connector.install.clone();
    let granted = host.store(move |store| store.granted(&install)).await?;
    let provider = host.served().provider_of(connector).ok();
    // One whose config cannot be opened has no page that shows it, and all the rest of this one.
    let config = host.served().shown_config(connector).unwrap_or_default();
    let fields = provider.as_ref().map(|provider| provider.described.manifest.config.as_slice()).unwrap_or_default();
    let urls = fields.iter().filter(|field| field.kind == FieldKind::Url);
    let leads: Vec<(String, String)> = match &granted {
        Some(Granted::Grant(grant)) => grant.endpoints.clone().into_iter().collect(),
        _ => {
            urls.filter_map(|field| Some((field.name.clone(), config.get(&field.name)?.as_str()?.to_owned()))).collect()
        }
    };
    let asks = match &granted {
        Some(Granted::Grant(grant) | Granted::Revoked(Some(grant)) | Granted::Replayed(grant)) => {
            Some(grant.asks.clone())
        }
        _ => provider.as_ref().map(of),
    };
    let terms = match &granted {
        Some(Granted::Bundled) => "It is the program's own connector, which needs no grant.",
        Some(Granted::Grant(_)) => "The operator granted it this, and nothing else passes.",
        Some(Granted::Revoked(_)) => "What was granted was taken back: it is not polled. It asked for this.",
        Some(Granted::Replayed(_)) | None => "Nobody has granted it anything: it is not polled. It asks for this.",
    };
    Ok(html! {
        h2 #reach { "What it may reach" }
        p { (terms) }
        @if let Some(asks) = &asks { (listed(asks, &leads)) }
    })
}
