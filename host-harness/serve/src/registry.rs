//! Installs whose components come from registries: made, given another version, and given back the one before.

use distribution::reference::{Reference, Version};
use engine::install::Install;
use model::shown::one_line;
use store::serving::connectors::Connector;
use store::{Origin, StreamKey};

use crate::access::Who;
use crate::host::Host;
use crate::installs::unscheduled;
use crate::offer::{Found, Offer, OfferError, expect_onward, followed, less};
use crate::problem::Problem;
use crate::providers::Provider;

impl From<OfferError> for Problem {
    fn from(error: OfferError) -> Self {
        match error {
            OfferError::Components(error) => error.into(),
            error => Self::validation(error),
        }
    }
}

impl Offer {
    /// The connector, for whoever installs it.
    pub(crate) fn provider(&self) -> Provider {
        Provider { described: self.described.clone(), is_bundled: false }
    }
}

impl Host {
    /// What a registry has of a reference, where the policy takes it.
    pub(crate) async fn offer(&self, reference: &str) -> Result<Offer, Problem> {
        let reference: Reference = reference.parse().map_err(OfferError::from)?;
        let trust = &self.served().policy.trust;
        // Who is trusted for nothing is not even spoken with.
        trust.of(&reference.repository).map_err(OfferError::from)?;
        let weighed = Found::at(&reference).await?.weighed(trust).await?;
        Ok(weighed.fetched(&self.served().kept.sandbox).await?)
    }

    /// Installs the connector of a reference. `name` is what whoever asks takes it for.
    pub(crate) async fn install_from(
        &self,
        who: &Who,
        name: &str,
        reference: &str,
        body: String,
    ) -> Result<Connector, Problem> {
        let offer = self.offer(reference).await?;
        let provider = offer.provider();
        let found = &provider.described.manifest.name;
        if !found.eq_ignore_ascii_case(name) {
            return Err(Problem::validation(format!("{} is the connector `{}`", one_line(reference), one_line(found))));
        }
        self.add(who, provider, body, Some((offer.origin, offer.wasm))).await
    }

    /// Gives an install another version of its component: that of a reference, else of the tag that it was installed by. What
    /// it asks more than the policy grants is refused; and what is known less of it, unless it is named by its digest.
    pub(crate) async fn upgrade(
        &self,
        who: &Who,
        connector: &Connector,
        reference: Option<String>,
    ) -> Result<Origin, Problem> {
        let work = async move |host: Self, who: Who, known: Connector| {
            let before = host.origins(&known).await?.remove(0);
            let by_digest = || {
                Problem::validation(format!(
                    "it was installed by its digest, which is what it stays; name another version of {} in `component`",
                    before.repository
                ))
            };
            let reference = reference.or_else(|| followed(&before)).ok_or_else(by_digest)?;
            let offer = host.offer(&reference).await?;
            expect_onward(&before, &offer.origin)?;
            expect_meant(&reference, &before, &offer.origin)?;
            let install = host.takes(&known, offer.provider()).await?;
            let (served, now, name) = (host.served().clone(), host.now(), known.install.clone());
            let origin = offer.origin.clone();
            let change = host.blocking(move || {
                served.kept.components()?.put(&offer.wasm)?;
                Ok(served.store.upgrade(&name, &offer.origin, &install.1, now)?)
            });
            host.alone(&known, change).await?;
            let told = format!("{} becomes {}, {}", before.version, origin.version, origin.component);
            host.note(&who, "upgrade", Some(&known.install), &told).await?;
            Ok(origin)
        };
        self.change_present(who, connector, work).await
    }

    /// Gives an install back the component that it had before. What its streams remember stays; those are told whose states the
    /// older one does not take.
    pub(crate) async fn roll_back(
        &self,
        who: &Who,
        connector: &Connector,
    ) -> Result<(Origin, Vec<StreamKey>), Problem> {
        let work = async move |host: Self, who: Who, known: Connector| {
            let none = || Problem::validation("it has had one component only: there is none to go back to");
            let before = host.origins(&known).await?.into_iter().nth(1).ok_or_else(none)?;
            let (served, origin) = (host.served().clone(), before.clone());
            let provider = host.blocking(move || Ok(served.kept.load(&origin)?)).await?;
            let (install, _) = host.takes(&known, provider).await?;
            let (served, now, name) = (host.served().clone(), host.now(), known.install.clone());
            let unread = install.unread(&served.store, &name).await?;
            let change = host.blocking(move || Ok(served.store.roll_back(&name, now)?));
            let (left, back) = host.alone(&known, change).await?.ok_or_else(none)?;
            let told = format!("{} becomes {} again, {}", left.version, back.version, back.component);
            host.note(&who, "roll back", Some(&known.install), &told).await?;
            Ok((back, unread))
        };
        self.change_present(who, connector, work).await
    }

    /// Where the components of an install came from, the present one first.
    pub(crate) async fn origins(&self, connector: &Connector) -> Result<Vec<Origin>, Problem> {
        let install = connector.install.clone();
        let origins = self.store(move |store| store.origins(&install)).await?;
        match origins.len() {
            0 => Err(Problem::validation("it does not come from a registry: its component is put where it was before")),
            _ => Ok(origins),
        }
    }

    /// The install with another connector and the config that it has, and what grants that.
    async fn takes(&self, known: &Connector, provider: Provider) -> Result<(Install, store::Granted), Problem> {
        let (served, of) = (self.served().clone(), known.clone());
        let config = self.blocking(move || Ok(served.config(&of)?)).await?;
        let (_, accepted) = self.accepted(provider, config, Some(known)).await?;
        Ok((accepted.install, accepted.granted))
    }

    /// Changes an install while nothing of it runs; then it is polled.
    async fn alone<R: Send + 'static>(
        &self,
        known: &Connector,
        change: impl Future<Output = Result<R, Problem>> + Send,
    ) -> Result<R, Problem> {
        let install = &known.install;
        let Some(standing) = self.scheduler().standing(install) else { return change.await };
        let changed = self.scheduler().exclusively(install, change).await.map_err(unscheduled)??;
        if !standing.paused {
            self.scheduler().poll_now(install).map_err(unscheduled)?;
        }
        Ok(changed)
    }
}

/// A tag is whatever its registry says today: what is known less of it than of what is installed has to be meant.
fn expect_meant(reference: &str, before: &Origin, now: &Origin) -> Result<(), Problem> {
    let less = less(before, now);
    let is_pinned = reference.parse::<Reference>().is_ok_and(|meant| matches!(meant.version, Version::Digest(_)));
    if less.is_empty() || is_pinned {
        return Ok(());
    }
    let meant = format!("oci://{}@{}", now.repository, now.artifact);
    Err(Problem::validation(format!("{}; where that is meant, name it by its digest: {meant}", less.join("; "))))
}
