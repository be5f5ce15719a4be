//! What a connector asks of whoever runs it.

use engine::install::Described;
use model::grant::request_line;
use model::manifest_json::{capability_word, kind_word};
use model::{ConfigField, FieldKind, Manifest};
use outside::authority::Asks;
use outside::egress::Pattern;
use sandbox::component::imports::in_words;

use super::{Line, Section, Sign};

/// Each thing that it asks, in a section of its own.
pub(super) fn sections(described: &Described) -> Vec<Section> {
    let Described { connector, manifest, ask } = described;
    let asks = Asks::of(manifest, &connector.inspection().imports);
    let credentials = asks.credentials.iter().map(|(name, asked)| Line::new(Sign::Fact, name, asked.to_string()));
    let (reads, others): (Vec<&Pattern>, Vec<&Pattern>) = ask.requests.iter().partition(|request| request.only_reads());
    let request = |sign: Sign| move |pattern: &Pattern| Line::plain(sign, request_line(&pattern.to_string()));
    let headers = asks.headers.iter().map(|header| Line::plain(Sign::Fact, header));
    let origins = urls(manifest).map(|field| Line::new(Sign::Fact, &field.name, suggestion(field)));
    let config = manifest.config.iter().map(|field| Line::new(Sign::Fact, &field.name, config_field(field)));
    vec![
        rights(described),
        Section::new("Where its requests go", origins.collect())
            .lead("To the origin that you write into each of these fields of the config, and to no other."),
        Section::new("Credentials", credentials.collect())
            .lead("Put on by the host, on requests to these fields' origins. The component does not see them."),
        Section::new("Requests", reads.into_iter().map(request(Sign::Fact)).collect()),
        Section::new("Requests that may do more than read", others.into_iter().map(request(Sign::Warning)).collect()),
        Section::new("Headers of its own", headers.collect()),
        Section::new("Config", config.collect()),
    ]
}

/// What it may do and what it reads, in words.
fn rights(described: &Described) -> Section {
    let (manifest, imports) = (&described.manifest, &described.connector.inspection().imports);
    let capabilities = manifest.capabilities.iter().map(|capability| capability_word(*capability));
    let at_once = match manifest.max_in_flight {
        0 | 1 => "one after the other".to_owned(),
        several => format!("up to {several} at once"),
    };
    let mut lines = vec![
        Line::new(Sign::Fact, "may", in_words(imports, urls(manifest).count())),
        Line::new(Sign::Fact, "reads", capabilities.collect::<Vec<_>>().join(", ")),
        Line::new(Sign::Fact, "requests", format!("{at_once}, for up to {} rows each", manifest.max_page_size)),
        Line::new(Sign::Fact, "imports", imports.join(", ")),
    ];
    let limits = manifest.rate_limits.iter();
    lines.extend(limits.map(|limit| {
        Line::new(Sign::Fact, "rate limit", format!("{} requests in {} s", limit.requests, limit.window_seconds))
    }));
    Section::new("What it asks", lines)
}

fn urls(manifest: &Manifest) -> impl Iterator<Item = &ConfigField> {
    manifest.config.iter().filter(|field| field.kind == FieldKind::Url)
}

/// The origin that a `url` field of the manifest comes with; which one it is, the operator says.
pub(super) fn suggestion(field: &ConfigField) -> String {
    field.default.as_ref().map_or_else(|| "it suggests none".to_owned(), |default| format!("it suggests {default}"))
}

/// A field of the config, in words.
pub(super) fn config_field(field: &ConfigField) -> String {
    let required = if field.required { "required" } else { "optional" };
    let default = field.default.as_ref().map(|default| format!(", `{default}` when not set")).unwrap_or_default();
    format!("{}, {required}{default}: {}", kind_word(field.kind), field.description)
}
