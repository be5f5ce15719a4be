//! Configs that come from elsewhere: read, held against the policy, and shown again without their secrets.

use std::collections::BTreeSet;
use std::time::Duration;

use engine::install::Install;
use model::grant::Grant;
use model::{FieldKind, Manifest};
use outside::config::Terms;
use outside::egress::{Endpoint, is_private};
use serde_json::{Map, Value};
use store::Granted;
use store::serving::connectors::Connector;

use crate::host::Served;
use crate::problem::Problem;
use crate::providers::Provider;

/// What stands for a secret that is set, in what is shown. Sent back, it means the secret that is kept.
pub(crate) const REDACTED: &str = "***";
/// Fields that every provider has for the clients of the payments API, also where its manifest has them not.
const COMMON: [&str; 2] = ["pageSize", "pollingPeriod"];
/// The longest name of an install.
const LONGEST_NAME: usize = 100;

/// A config that is well, and what goes with it.
pub(crate) struct Accepted {
    /// The name of the install.
    pub(crate) name: String,
    /// The config, with its secrets.
    pub(crate) text: String,
    pub(crate) granted: Granted,
    pub(crate) install: Install,
}

impl Served {
    /// The provider of this name.
    pub(crate) fn provider(&self, name: &str) -> Result<&Provider, Problem> {
        let unknown =
            || Problem::validation(format!("unknown provider `{name}`; there are: {}", self.providers.names()));
        self.providers.find(name).ok_or_else(unknown)
    }

    /// Reads a config that came from elsewhere. `before` is the name of the install whose config it takes the place of, with that
    /// config, where it can be read.
    pub(crate) fn accept(
        &self,
        provider: &Provider,
        body: &str,
        before: Option<(&str, Option<&str>)>,
    ) -> Result<Accepted, Problem> {
        let manifest = &provider.described.manifest;
        let mut fields = outside::config::fields(body).map_err(Problem::body)?;
        let name = take_name(&mut fields, before.map_or(&*manifest.name, |(name, _)| name))?;
        if before.is_some_and(|(before, _)| before != name) {
            return Err(Problem::validation(
                "`name`: an install keeps the name that it has; install another one beside it",
            ));
        }
        fields.remove("provider");
        for common in COMMON {
            if manifest.config.iter().all(|field| field.name != common) {
                fields.remove(common);
            }
        }
        expect_plain(&fields, manifest)?;
        keep_secrets(&mut fields, manifest, before.and_then(|(_, kept)| kept))?;
        let text = Value::Object(fields).to_string();
        let (install, granted) = self.admit(provider, &text)?;
        Ok(Accepted { name, text, granted, install })
    }

    /// The install with a config, and what lets it be: of the grants of the policy, the first that has all that it asks.
    fn admit(&self, provider: &Provider, text: &str) -> Result<(Install, Granted), Problem> {
        if provider.is_bundled {
            return Ok((self.install(provider, text, BTreeSet::new())?, Granted::Bundled));
        }
        let connector = &provider.described.manifest.name;
        let mut refused = None;
        for grant in self.policy.grants_of(connector) {
            let install = self.install(provider, text, grant.public.clone());
            match install.and_then(|install| expect_within(grant, &install).map(|()| install)) {
                Ok(install) => return Ok((install, Granted::Grant(Box::new(grant.clone())))),
                Err(problem) => refused = Some(problem),
            }
        }
        if let Some(problem) = refused {
            return Err(problem);
        }
        let install = self.install(provider, text, BTreeSet::new())?;
        Err(not_granted(&install, &format!("nothing is granted to the connector `{connector}`")))
    }

    /// The install with a config of which these fields are public.
    fn install(&self, provider: &Provider, text: &str, public: BTreeSet<String>) -> Result<Install, Problem> {
        let install = provider.described.clone().install(text, &Terms::default().public(public));
        let install = install.map_err(Problem::validation)?;
        self.expect_reachable(&install)?;
        Ok(install)
    }

    /// Sees that a config leads to the public internet, or where the operator said.
    fn expect_reachable(&self, install: &Install) -> Result<(), Problem> {
        let is_near =
            |endpoint: &&Endpoint| endpoint.origin.is_loopback() || endpoint.origin.address().is_some_and(is_private);
        let allowed = |endpoint: &Endpoint| self.is_local || self.policy.allows(&endpoint.origin);
        let bad = install.policy.endpoints().iter().filter(is_near).find(|endpoint| !allowed(endpoint));
        bad.map_or(Ok(()), |endpoint| {
            Err(Problem::validation(format!(
                "config field `{}`: {endpoint} is on this machine or in a private network; the operator has to list it in \
                 `privateOrigins` of the policy",
                endpoint.field
            )))
        })
    }

    /// A config for whoever may read: what stands there, a secret as three asterisks.
    pub(crate) fn shown_config(&self, connector: &Connector) -> Result<Map<String, Value>, Problem> {
        let mut shown = Map::new();
        if connector.has_config {
            shown = outside::config::fields(&self.config(connector)?).unwrap_or_default();
            if let Ok(provider) = self.provider_of(connector) {
                for field in &provider.described.manifest.config {
                    match (shown.get(&field.name), &field.default) {
                        (Some(value), _) if field.kind == FieldKind::Secret && !value.is_null() => {
                            shown.insert(field.name.clone(), REDACTED.into());
                        }
                        (None | Some(Value::Null), Some(default)) if field.kind != FieldKind::Url => {
                            let number = default.parse::<u64>().ok().filter(|_| field.kind == FieldKind::Integer);
                            shown
                                .insert(field.name.clone(), number.map_or_else(|| default.clone().into(), Value::from));
                        }
                        _ => {}
                    }
                }
            } else {
                // Nobody knows which of them are secrets.
                shown.values_mut().for_each(|value| *value = REDACTED.into());
            }
            let period = go_duration(connector.period);
            shown.insert("pollingPeriod".into(), period.into());
        }
        shown.insert("name".into(), connector.install.clone().into());
        shown.insert("provider".into(), capitalised(&connector.provider).into());
        Ok(shown)
    }
}

/// As the payments API spells it in a config: `Qonto`.
fn capitalised(provider: &str) -> String {
    let mut letters = provider.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// As Go spells it: `45m0s`.
fn go_duration(period: Duration) -> String {
    let seconds = period.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// Sees that a grant has all that an install asks.
fn expect_within(grant: &Grant, install: &Install) -> Result<(), Problem> {
    let wider = grant.wider(&install.asked(), Endpoint::elsewhere(install.policy.endpoints()));
    if wider.is_empty() {
        return Ok(());
    }
    let wider: Vec<String> = wider.iter().map(ToString::to_string).collect();
    let told =
        format!("the connector `{}` asks for more than the policy grants: {}", grant.connector, wider.join("; "));
    Err(not_granted(install, &told))
}

fn not_granted(install: &Install, told: &str) -> Problem {
    let ask = serde_json::to_string_pretty(&install.asked()).unwrap_or_default();
    let next = "the operator has to add what it asks, which is in `details`, to `grants` of the policy";
    Problem::validation(format!("{told}; {next}")).details(ask)
}

fn take_name(fields: &mut Map<String, Value>, usual: &str) -> Result<String, Problem> {
    let expected = || {
        Problem::validation(format!(
            "`name`: expected a text of 1 to {LONGEST_NAME} characters, none of them a control character"
        ))
    };
    let name = match fields.remove("name") {
        None | Some(Value::Null) => usual.to_owned(),
        Some(Value::String(name)) if name.is_empty() => usual.to_owned(),
        Some(Value::String(name)) => name,
        Some(_) => return Err(expected()),
    };
    let is_well = name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control) && name.trim() == name;
    if is_well { Ok(name) } else { Err(expected()) }
}

/// Sees that nothing stands for what this process has: whoever sends a config may not read its files or its environment.
fn expect_plain(fields: &Map<String, Value>, manifest: &Manifest) -> Result<(), Problem> {
    let mut secrets = manifest.config.iter().filter(|field| field.kind == FieldKind::Secret);
    let reference = secrets.find(|field| fields.get(&field.name).is_some_and(Value::is_object));
    reference.map_or(Ok(()), |field| {
        Err(Problem::validation(format!(
            "config field `{}`: expected the secret itself; a reference to a file or a variable is for the command line",
            field.name
        )))
    })
}

/// Puts the secrets that are kept in the place of what stands for them. Where the config leads elsewhere than before they are
/// not: who may change it would read them there.
fn keep_secrets(fields: &mut Map<String, Value>, manifest: &Manifest, kept: Option<&str>) -> Result<(), Problem> {
    let of_kind = |kind| manifest.config.iter().filter(move |field| field.kind == kind);
    let stands_in =
        |fields: &Map<String, Value>, name: &str| fields.get(name).and_then(Value::as_str) == Some(REDACTED);
    let Some(first) = of_kind(FieldKind::Secret).find(|field| stands_in(fields, &field.name)) else { return Ok(()) };
    let again =
        |why: &str| Problem::validation(format!("config field `{}`: give the secret itself, since {why}", first.name));
    let kept = kept.ok_or_else(|| again("there is none that can be read here"))?;
    let kept = outside::config::fields(kept).unwrap_or_default();
    if let Some(moved) = of_kind(FieldKind::Url).find(|field| fields.get(&field.name) != kept.get(&field.name)) {
        return Err(again(&format!("`{}` is another one than before", moved.name)));
    }
    for field in of_kind(FieldKind::Secret) {
        if stands_in(fields, &field.name)
            && let Some(secret) = kept.get(&field.name)
        {
            fields.insert(field.name.clone(), secret.clone());
        }
    }
    Ok(())
}
