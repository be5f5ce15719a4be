//! What an operator does with installs, over the API or on the page: the same steps, the same refusals.

use std::time::Duration;

use engine::config::{ConfigError, Terms};
use engine::install::Install;
use engine::schedule::NotScheduled;
use model::{FieldKind, Manifest};
use outside::egress::{Endpoint, is_private};
use serde_json::{Map, Value};
use store::serving::audit::Deed;
use store::serving::connectors::{Connector, NewConnector};
use store::serving::tasks::TaskStatus;
use store::{Granted, Store, StoreError};

use crate::access::Who;
use crate::host::{Host, Served, Unready};
use crate::problem::Problem;
use crate::providers::Provider;
use crate::seal::SealError;

/// What stands for a secret that is set, in what is shown. Sent back, it means the secret that is kept.
pub(crate) const REDACTED: &str = "***";
/// Fields that every provider has for the clients of the payments API, also where its manifest has them not.
const COMMON: [&str; 2] = ["pageSize", "pollingPeriod"];
/// The longest name of an install.
const LONGEST_NAME: usize = 100;
/// Payments that are erased at once; others write in between.
const ERASED_AT_ONCE: u32 = 2_000;

/// A config that is well, and what goes with it.
pub(crate) struct Accepted {
    /// The name of the install.
    name: String,
    /// The config, with its secrets.
    text: String,
    granted: Granted,
    install: Install,
}

impl From<SealError> for Problem {
    fn from(error: SealError) -> Self {
        Self::internal(&error)
    }
}

impl From<Unready> for Problem {
    fn from(error: Unready) -> Self {
        match error {
            Unready::Gone => Self::not_found("connector"),
            Unready::NoConfig | Unready::NoProvider(_) | Unready::NotGranted => Self::validation(error),
            Unready::Install(error) => Self::validation(error),
            Unready::Seal(_) | Unready::Store(_) | Unready::Network(_) => Self::internal(&error),
        }
    }
}

impl Served {
    /// The provider of this name.
    pub(crate) fn provider(&self, name: &str) -> Result<&Provider, Problem> {
        let unknown =
            || Problem::validation(format!("unknown provider `{name}`; there are: {}", self.providers.names()));
        self.providers.find(name).ok_or_else(unknown)
    }

    /// Reads a config that came from elsewhere. `before` is the one that it takes the place of.
    pub(crate) fn accept(
        &self,
        provider: &Provider,
        body: &str,
        before: Option<(&str, &str)>,
    ) -> Result<Accepted, Problem> {
        let manifest = &provider.described.manifest;
        let mut fields = engine::config::fields(body).map_err(Problem::body)?;
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
        if let Some((_, kept)) = before {
            keep_secrets(&mut fields, manifest, kept);
        }
        let text = Value::Object(fields).to_string();
        let granted = self.policy.grants_of(&manifest.name).next().cloned();
        let public = granted.as_ref().map(|grant| grant.public.clone()).unwrap_or_default();
        let install = provider.described.clone().install(&text, &Terms::default().public(public)).map_err(refused)?;
        self.expect_reachable(&install)?;
        let granted = self.grant(provider, &install)?;
        Ok(Accepted { name, text, granted, install })
    }

    /// Sees that a config leads to the public internet, or where the operator said.
    fn expect_reachable(&self, install: &Install) -> Result<(), Problem> {
        let is_private =
            |endpoint: &&Endpoint| endpoint.origin.is_loopback() || endpoint.origin.address().is_some_and(is_private);
        let allowed = |endpoint: &Endpoint| self.is_local || self.policy.allows(&endpoint.origin);
        let bad = install.policy.endpoints().iter().filter(is_private).find(|endpoint| !allowed(endpoint));
        bad.map_or(Ok(()), |endpoint| {
            Err(Problem::validation(format!(
                "config field `{}`: {endpoint} is on this machine or in a private network; the operator has to list it in \
                 `privateOrigins` of the policy",
                endpoint.field
            )))
        })
    }

    /// What the policy grants to a connector with a config, which has to be all that it asks.
    fn grant(&self, provider: &Provider, install: &Install) -> Result<Granted, Problem> {
        if provider.is_bundled {
            return Ok(Granted::Bundled);
        }
        let asked = install.asked();
        let elsewhere = || Endpoint::elsewhere(install.policy.endpoints());
        let mut wider = Vec::new();
        for grant in self.policy.grants_of(&asked.connector) {
            wider = grant.wider(&asked, elsewhere());
            if wider.is_empty() {
                return Ok(Granted::Grant(Box::new(grant.clone())));
            }
        }
        let ask = serde_json::to_string_pretty(&asked).unwrap_or_default();
        let told = if wider.is_empty() {
            format!("nothing is granted to the connector `{}`", asked.connector)
        } else {
            let wider: Vec<String> = wider.iter().map(ToString::to_string).collect();
            format!("the connector `{}` asks for more than the policy grants: {}", asked.connector, wider.join("; "))
        };
        let told =
            format!("{told}; the operator has to add what it asks, which is in `details`, to `grants` of the policy");
        Err(Problem::validation(told).details(ask))
    }

    /// A config for whoever may read: what stands there, a secret as three asterisks.
    pub(crate) fn shown_config(&self, connector: &Connector) -> Result<Map<String, Value>, Problem> {
        let mut shown = Map::new();
        if connector.has_config {
            shown = engine::config::fields(&self.config(connector)?).unwrap_or_default();
            if let Some(provider) = self.providers.find(&connector.provider) {
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
pub(crate) fn capitalised(provider: &str) -> String {
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

fn refused(error: ConfigError) -> Problem {
    Problem::validation(error)
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

/// Puts the secrets that are kept in the place of what stands for them.
fn keep_secrets(fields: &mut Map<String, Value>, manifest: &Manifest, kept: &str) {
    let kept = engine::config::fields(kept).unwrap_or_default();
    for field in manifest.config.iter().filter(|field| field.kind == FieldKind::Secret) {
        if fields.get(&field.name).and_then(Value::as_str) == Some(REDACTED)
            && let Some(secret) = kept.get(&field.name)
        {
            fields.insert(field.name.clone(), secret.clone());
        }
    }
}

impl Host {
    /// Installs a connector; its first poll begins at once.
    pub(crate) async fn install(&self, who: &Who, provider: &str, body: String) -> Result<Connector, Problem> {
        let served = self.served().clone();
        let provider = served.provider(provider)?.clone();
        let now = self.now();
        let added = self
            .blocking(move || {
                let accepted = served.accept(&provider, &body, None)?;
                let new = new_connector(&provider, &accepted);
                let text = &accepted.text;
                served.store.add_connector(&new, now, |uuid| Ok::<_, Problem>(served.keys.seal(uuid, text)?))
            })
            .await?;
        self.note(who, "install", Some(&added.install), &added.provider).await?;
        self.scheduler().put(&added.install, added.period, None);
        self.parts().watch.tell();
        Ok(added)
    }

    /// Asks the provider whether a config is well, and keeps nothing. Gives whose data it leads to.
    pub(crate) async fn check(&self, provider: &str, body: String) -> Result<Option<String>, Problem> {
        let served = self.served().clone();
        let provider = served.provider(provider)?.clone();
        let accepted = self.blocking(move || served.accept(&provider, &body, None)).await?;
        let served = self.served();
        let install = accepted.install.sharing(served.limits.clone());
        let outside = install.online().map_err(|error| Problem::internal(&error))?;
        let nowhere = std::sync::Arc::new(Store::in_memory()?);
        let checked = install.runner(outside, nowhere, &accepted.name).check().await;
        let checked = checked.map_err(Problem::validation)?;
        Ok(checked.name.or(checked.subject))
    }

    /// Takes another config for a connector, which then goes on.
    pub(crate) async fn configure(&self, who: &Who, connector: &Connector, body: String) -> Result<(), Problem> {
        if connector.leaves_at.is_some() {
            return Err(erasing(connector));
        }
        let (served, now) = (self.served().clone(), self.now());
        let provider = served.provider(&connector.provider)?.clone();
        let known = connector.clone();
        let change = self.blocking(move || {
            let kept = served.config(&known)?;
            let accepted = served.accept(&provider, &body, Some((&known.install, &kept)))?;
            let sealed = served.keys.seal(&known.uuid, &accepted.text)?;
            let period = accepted.install.polling_period;
            served.store.set_config(&known.uuid, &sealed, period, now)?;
            served.store.grant(&known.install, &accepted.granted, now)?;
            Ok(period)
        });
        let period = match self.scheduler().standing(&connector.install) {
            Some(_) => self.scheduler().exclusively(&connector.install, change).await.map_err(unscheduled)??,
            None => change.await?,
        };
        self.note(who, "configure", Some(&connector.install), "").await?;
        self.scheduler().put(&connector.install, period, None);
        self.scheduler().resume(&connector.install).map_err(unscheduled)?;
        self.parts().watch.tell();
        Ok(())
    }

    /// Lets a connector rest. When this returns, nothing of it runs.
    pub(crate) async fn pause(&self, who: &Who, connector: &Connector) -> Result<(), Problem> {
        self.scheduler().pause(&connector.install).await.map_err(unscheduled)?;
        let (uuid, reason, now) = (connector.uuid.clone(), format!("paused by {}", who.0), self.now());
        self.store(move |store| store.set_paused(&uuid, Some(&reason), now)).await?;
        self.note(who, "pause", Some(&connector.install), "").await?;
        self.parts().watch.tell();
        Ok(())
    }

    /// Lets a connector go on. One that its component's attempts have suspended goes on as well: the operator has seen them.
    pub(crate) async fn resume(&self, who: &Who, connector: &Connector) -> Result<(), Problem> {
        let (known, now) = (connector.clone(), self.now());
        self.store(move |store| {
            store.set_paused(&known.uuid, None, now)?;
            store.resume(&known.install, now)
        })
        .await?;
        self.scheduler().resume(&connector.install).map_err(unscheduled)?;
        self.note(who, "resume", Some(&connector.install), "").await?;
        self.parts().watch.tell();
        Ok(())
    }

    /// Polls a connector now.
    pub(crate) async fn poll_now(&self, who: &Who, connector: &Connector) -> Result<(), Problem> {
        self.scheduler().poll_now(&connector.install).map_err(unscheduled)?;
        self.note(who, "poll now", Some(&connector.install), "").await
    }

    /// Erases a connector with its records, or makes it anew without them. Gives the task that does it.
    pub(crate) async fn erase(&self, who: &Who, connector: &Connector, what: Erase) -> Result<String, Problem> {
        let uuid = connector.uuid.clone();
        let under_way = self.store(move |store| {
            Ok::<_, StoreError>(store.open_tasks()?.into_iter().any(|task| task.connector == uuid))
        });
        if under_way.await? {
            return Err(erasing(connector));
        }
        if what == Erase::Reset && !connector.has_config {
            return Err(Unready::NoConfig.into());
        }
        let (known, now) = (connector.clone(), self.now());
        let task = self
            .store(move |store| {
                store.set_leaving(&known.uuid, now)?;
                store.begin_task(&known, what.word(), now)
            })
            .await?;
        self.note(who, what.word(), Some(&connector.install), "").await?;
        tokio::spawn(self.clone().erased(connector.clone(), what, task.clone()));
        Ok(task)
    }

    /// Goes on with a task until it is done.
    pub(crate) async fn erased(self, connector: Connector, what: Erase, task: String) {
        let status = match self.try_erase(&connector, what).await {
            Ok(made) => TaskStatus::Succeeded(made.as_ref().map(|made| made.uuid.clone())),
            Err(problem) => TaskStatus::Failed(problem.message().to_owned()),
        };
        let now = self.now();
        if let Err(problem) = self.store(move |store| store.end_task(&task, &status, now)).await {
            tracing::error!(target: "harness::serve", "{}", problem.message());
        }
        self.parts().watch.tell();
    }

    async fn try_erase(&self, connector: &Connector, what: Erase) -> Result<Option<Connector>, Problem> {
        if self.scheduler().standing(&connector.install).is_some() {
            self.scheduler().remove(&connector.install).await.map_err(unscheduled)?;
        }
        self.parts().watch.forget(&connector.install);
        loop {
            let install = connector.install.clone();
            if self.store(move |store| store.erase_payments(&install, ERASED_AT_ONCE)).await? == 0 {
                break;
            }
        }
        let (served, known, now) = (self.served().clone(), connector.clone(), self.now());
        if what == Erase::Uninstall {
            self.store(move |store| store.erase(&known.install)).await?;
            return Ok(None);
        }
        let made = self
            .blocking(move || {
                let text = served.config(&known)?;
                let granted = served.store.granted(&known.install)?.ok_or(Unready::NotGranted)?;
                let (provider, install, period) = (&*known.provider, &*known.install, known.period);
                let new = NewConnector { granted: &granted, provider, install, period };
                served.store.replace_connector(&new, now, |uuid| Ok::<_, Problem>(served.keys.seal(uuid, &text)?))
            })
            .await?;
        self.scheduler().put(&made.install, made.period, None);
        Ok(Some(made))
    }

    /// Notes what somebody did.
    async fn note(&self, who: &Who, what: &str, install: Option<&str>, told: &str) -> Result<(), Problem> {
        let install = install.map(str::to_owned);
        let deed = Deed { at: self.now(), who: who.0.clone(), what: what.to_owned(), install, told: told.to_owned() };
        self.store(move |store| store.audit(&deed)).await
    }

    /// Does what may wait for a disk, on a thread for that.
    pub(crate) async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<R, Problem> + Send + 'static,
    ) -> Result<R, Problem> {
        tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
    }
}

/// What becomes of a connector whose records are erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Erase {
    /// It begins anew.
    Reset,
    /// It is gone.
    Uninstall,
}

impl Erase {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Uninstall => "uninstall",
        }
    }
}

fn new_connector<'a>(provider: &'a Provider, accepted: &'a Accepted) -> NewConnector<'a> {
    NewConnector {
        granted: &accepted.granted,
        provider: &provider.described.manifest.name,
        install: &accepted.name,
        period: accepted.install.polling_period,
    }
}

fn erasing(connector: &Connector) -> Problem {
    Problem::validation(format!("`{}` is being erased; a task says how far that is", connector.install))
}

fn unscheduled(NotScheduled(install): NotScheduled) -> Problem {
    Problem::validation(format!("`{install}` is not on schedule here: it is run by other means, or is being erased"))
}
