//! What an operator does with installs, over the API or on the page: the same steps, the same refusals.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use distribution::components::ComponentsError;
use engine::schedule::NotScheduled;
use store::serving::audit::Deed;
use store::serving::connectors::{Connector, NewConnector};
use store::{Origin, Store};

use crate::accept::Accepted;
use crate::access::Who;
use crate::erase::erasing;
use crate::host::{Host, Unready};
use crate::problem::Problem;
use crate::providers::Provider;
use crate::seal::SealError;

/// One change of an install at a time.
#[derive(Default)]
pub(crate) struct Changes(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Changes {
    /// What is locked for a change of this install.
    fn of(&self, install: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, lock| lock.strong_count() > 0);
        if let Some(lock) = known.get(install).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::default();
        known.insert(install.to_owned(), Arc::downgrade(&lock));
        lock
    }
}

impl From<SealError> for Problem {
    fn from(error: SealError) -> Self {
        Self::internal(&error)
    }
}

impl From<ComponentsError> for Problem {
    fn from(error: ComponentsError) -> Self {
        match error {
            ComponentsError::Gone { .. } | ComponentsError::Altered { .. } => Self::validation(error),
            ComponentsError::NoFolder | ComponentsError::System { .. } => Self::internal(&error),
        }
    }
}

impl From<Unready> for Problem {
    fn from(error: Unready) -> Self {
        match error {
            Unready::Gone => Self::not_found("connector"),
            Unready::Components(error) => error.into(),
            Unready::NoConfig | Unready::NoProvider(_) | Unready::NotGranted => Self::validation(error),
            Unready::Install(error) => Self::validation(error),
            Unready::Seal(_) | Unready::Store(_) | Unready::Network(_) => Self::internal(&error),
        }
    }
}

impl Host {
    /// Installs a connector; its first poll begins at once.
    pub(crate) async fn install(&self, who: &Who, provider: &str, body: String) -> Result<Connector, Problem> {
        let provider = self.served().provider(provider)?.clone();
        self.add(who, provider, body, None).await
    }

    /// Installs one that may have come from a registry: then its bytes are kept before it is.
    pub(crate) async fn add(
        &self,
        who: &Who,
        provider: Provider,
        body: String,
        from: Option<(Origin, Vec<u8>)>,
    ) -> Result<Connector, Problem> {
        let (host, who, served, now) = (self.clone(), who.clone(), self.served().clone(), self.now());
        // To its end, also when whoever asked for it does not wait.
        let installed = tokio::spawn(async move {
            let (provider, accepted) = host.accepted(provider, body, None).await?;
            let add = move || {
                if let Some((_, wasm)) = &from {
                    served.kept.components()?.put(wasm)?;
                }
                let new = NewConnector {
                    granted: &accepted.granted,
                    provider: &provider.described.manifest.name,
                    install: &accepted.name,
                    period: accepted.install.polling_period,
                    origin: from.as_ref().map(|(origin, _)| origin),
                };
                let text = &accepted.text;
                served.store.add_connector(&new, now, |uuid| Ok::<_, Problem>(served.keys.seal(uuid, text)?))
            };
            let added = host.blocking(add).await?;
            host.scheduler().put(&added.install, added.period, None);
            host.parts().watch.tell();
            host.note(&who, "install", Some(&added.install), &added.provider).await?;
            Ok(added)
        });
        installed.await.map_err(|error| Problem::internal(&error))?
    }

    /// Asks the provider whether a config is well, and keeps nothing. Gives whose data it leads to.
    pub(crate) async fn check(&self, provider: Provider, body: String) -> Result<Option<String>, Problem> {
        let (_, accepted) = self.accepted(provider, body, None).await?;
        let install = accepted.install.sharing(self.served().limits.clone(), &accepted.name);
        let outside = install.online().map_err(|error| Problem::internal(&error))?;
        let nowhere = std::sync::Arc::new(Store::in_memory()?);
        let checked = install.runner(outside, nowhere, &accepted.name).check().await;
        let checked = checked.map_err(Problem::validation)?;
        Ok(checked.name.or(checked.subject))
    }

    /// Takes another config for a connector, which then goes on.
    pub(crate) async fn configure(&self, who: &Who, connector: &Connector, body: String) -> Result<(), Problem> {
        let work = async move |host: Self, who: Who, known: Connector| {
            let (served, now, install) = (host.served().clone(), host.now(), known.install.clone());
            let change = async {
                let (of, same) = (known.clone(), served.clone());
                let provider = host.blocking(move || Ok(same.provider_of(&of)?)).await?;
                let (_, accepted) = host.accepted(provider, body, Some(&known)).await?;
                let served = served.clone();
                let keep = move || {
                    let sealed = served.keys.seal(&known.uuid, &accepted.text)?;
                    let period = accepted.install.polling_period;
                    served.store.set_config(&known.uuid, &sealed, period, now)?;
                    served.store.grant(&known.install, &accepted.granted, now)?;
                    Ok(period)
                };
                host.blocking(keep).await
            };
            let period = match host.scheduler().standing(&install) {
                Some(_) => host.scheduler().exclusively(&install, change).await.map_err(unscheduled)??,
                None => change.await?,
            };
            host.scheduler().put(&install, period, None);
            host.scheduler().resume(&install).map_err(unscheduled)?;
            host.note(&who, "configure", Some(&install), "").await
        };
        self.change_present(who, connector, work).await
    }

    /// Reads a config that came from elsewhere, also by the connector's own eyes, and gives the provider back. It takes the place of
    /// that of `before`, where there is one.
    pub(crate) async fn accepted(
        &self,
        provider: Provider,
        body: String,
        before: Option<&Connector>,
    ) -> Result<(Provider, Accepted), Problem> {
        let (served, before) = (self.served().clone(), before.cloned());
        let read = move || {
            let kept = match before.as_ref().map(|before| served.config(before)) {
                // One that cannot be opened any more is given anew.
                None | Some(Err(Unready::Seal(_))) => None,
                Some(kept) => Some(kept?),
            };
            let before = before.as_ref().map(|before| (&*before.install, kept.as_deref()));
            let accepted = served.accept(&provider, &body, before)?;
            Ok((provider, accepted))
        };
        let (provider, accepted) = self.blocking(read).await?;
        match accepted.install.complaint().await {
            Some(complaint) => Err(Problem::validation(complaint)),
            None => Ok((provider, accepted)),
        }
    }

    /// Lets a connector rest. When this returns, nothing of it runs.
    pub(crate) async fn pause(&self, who: &Who, connector: &Connector) -> Result<(), Problem> {
        let work = async |host: Self, who: Who, known: Connector| {
            host.scheduler().pause(&known.install).await.map_err(unscheduled)?;
            let (uuid, reason, now) = (known.uuid, format!("paused by {}", who.0), host.now());
            host.store(move |store| store.set_paused(&uuid, Some(&reason), now)).await?;
            host.note(&who, "pause", Some(&known.install), "").await
        };
        self.change_present(who, connector, work).await
    }

    /// Lets a connector go on. One that its component's attempts have suspended goes on as well: the operator has seen them.
    pub(crate) async fn resume(&self, who: &Who, connector: &Connector) -> Result<(), Problem> {
        let work = async |host: Self, who: Who, known: Connector| {
            let (now, install) = (host.now(), known.install.clone());
            host.store(move |store| {
                store.set_paused(&known.uuid, None, now)?;
                store.resume(&known.install, now)
            })
            .await?;
            host.scheduler().resume(&install).map_err(unscheduled)?;
            host.note(&who, "resume", Some(&install), "").await
        };
        self.change_present(who, connector, work).await
    }

    /// Polls a connector now.
    pub(crate) async fn poll_now(&self, who: &Who, connector: &Connector) -> Result<(), Problem> {
        let work = async |host: Self, who: Who, known: Connector| {
            host.scheduler().poll_now(&known.install).map_err(unscheduled)?;
            host.note(&who, "poll now", Some(&known.install), "").await
        };
        self.change_present(who, connector, work).await
    }

    /// As [`Host::change`], of a connector that stays.
    pub(crate) async fn change_present<R: Send + 'static, F: Future<Output = Result<R, Problem>> + Send>(
        &self,
        who: &Who,
        connector: &Connector,
        work: impl FnOnce(Self, Who, Connector) -> F + Send + 'static,
    ) -> Result<R, Problem> {
        let present = async |host: Self, who: Who, known: Connector| {
            if known.leaves_at.is_some() { Err(erasing(&known)) } else { work(host, who, known).await }
        };
        self.change(who, connector, present).await
    }

    /// Changes a connector as it is now: one change of an install at a time, and each to its end, also when whoever asked for it
    /// does not wait.
    pub(crate) async fn change<R: Send + 'static, F: Future<Output = Result<R, Problem>> + Send>(
        &self,
        who: &Who,
        connector: &Connector,
        work: impl FnOnce(Self, Who, Connector) -> F + Send + 'static,
    ) -> Result<R, Problem> {
        let (host, who, uuid) = (self.clone(), who.clone(), connector.uuid.clone());
        let turns = self.parts().changes.of(&connector.install);
        let changed = tokio::spawn(async move {
            let _turn = turns.lock().await;
            let found = host.store(move |store| store.connector(&uuid)).await?;
            let found = found.ok_or_else(|| Problem::not_found("connector"))?;
            let changed = work(host.clone(), who, found).await;
            host.parts().watch.tell();
            changed
        });
        changed.await.map_err(|error| Problem::internal(&error))?
    }

    /// Notes what somebody did.
    pub(crate) async fn note(&self, who: &Who, what: &str, install: Option<&str>, told: &str) -> Result<(), Problem> {
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

pub(crate) fn unscheduled(NotScheduled(install): NotScheduled) -> Problem {
    Problem::validation(format!("`{install}` is not on schedule here: it is run by other means, or is being erased"))
}
