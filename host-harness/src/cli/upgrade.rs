//! `harness upgrade`: another version of a connector that came from a registry.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use distribution::components::Components;
use distribution::reference::Reference;
use engine::install::Install;
use model::grant::Grant;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};
use outside::config::Terms;
use outside::egress::Endpoint;
use serve::offer::{Offer, expect_onward, followed, less};
use store::{Granted, Origin, PollStore as _, Store};

use super::asked::wider_lines;
use super::consent::{Consent, Question};
use super::failure::Failure;
use super::remote;
use super::{StoreFile, installed, kept, open};

/// Gives an install another version of its component: that of the tag that it was installed by, or of --to.
///
/// What is wider, or signed by somebody else, or less proved, is asked for. Where nobody is there to be asked, nothing is
/// upgraded unless the policy has `unattendedUpgrades` and nothing of that is so, or --accept names the component.
#[derive(Debug, Args)]
pub struct Upgrade {
    /// The install.
    name: String,
    /// Another tag, or a digest: of an older version as well.
    #[arg(long, value_name = "REFERENCE")]
    to: Option<Reference>,
    /// As of `harness install`.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The `SQLite` file.
    #[arg(long, value_name = "FILE", default_value = "payments.db")]
    store: PathBuf,
    /// Agree to what this component asks.
    #[arg(long, value_name = "SHA256", require_equals = true)]
    accept: Option<String>,
}

impl Upgrade {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let trust = remote::trust(self.policy.as_deref())?;
        let place = StoreFile { store: self.store.clone(), name: Some(self.name.clone()) };
        let (store, name) = open::existing(&place)?;
        let (before, granted) = of_registry(&store, &name)?;
        let reference = self.reference(&before)?;
        let offer = remote::offer(&reference, &trust).await?;
        if offer.origin.artifact == before.artifact {
            Components::of_user()?.put(&offer.wasm)?;
            say!("`{}` is at {} already, {}", one_line(&name), before.version, before.artifact);
            return Ok(ExitCode::SUCCESS);
        }
        expect_onward(&before, &offer.origin)?;
        let config = kept::config(&self.store, &store, &name)?.ok_or_else(|| {
            Failure::usage(format!("the store keeps no config of `{}`: install it anew", one_line(&name)))
        })?;
        let terms = Terms::default().public(granted.public.clone());
        let install = offer.described.clone().install(&config, &terms)?;
        let asked = install.asked();
        let title =
            one_line(&format!("`{name}`: {} {} becomes {}", asked.connector, before.version, offer.origin.version));
        tell!("{title}");
        self.agree(&title, &changes(&before, &granted, &offer, &install, &asked), &offer)?;
        Components::of_user()?.put(&offer.wasm)?;
        store.upgrade(&name, &offer.origin, &Granted::Grant(Box::new(asked)), SystemClock.now())?;
        say!("`{}` is at {}, {}", one_line(&name), offer.origin.version, offer.origin.component);
        say!("  harness rollback {}   goes back to {}", one_line(&name), before.version);
        Ok(ExitCode::SUCCESS)
    }

    fn reference(&self, before: &Origin) -> Result<Reference, Failure> {
        if let Some(reference) = &self.to {
            return Ok(reference.clone());
        }
        let Some(followed) = followed(before) else {
            return Err(Failure::usage(format!(
                "`{}` was installed by its digest, which is what it stays; --to oci://{}:TAG names another version",
                one_line(&self.name),
                before.repository
            )));
        };
        Ok(followed.parse()?)
    }

    fn agree(&self, title: &str, changes: &[String], offer: &Offer) -> Result<(), Failure> {
        let consent = Consent::to(self.accept.clone());
        let is_free = changes.is_empty() && (consent.is_attended() || offer.trusted.unattended_upgrades);
        if is_free && self.accept.is_none() {
            tell!("nothing of it is wider; {}", remote::proved(&offer.evidence));
            return Ok(());
        }
        let lines = [changes, &[one_line(&remote::proved(&offer.evidence))]].concat();
        consent.agree(&Question { what: title.to_owned(), lines, digest: &offer.origin.component, is_first: false })
    }
}

/// Where an install came from, and what it is granted.
pub fn of_registry(store: &Store, name: &str) -> Result<(Origin, Grant), Failure> {
    let shown = one_line(name);
    let Some(origin) = store.origin(name)? else {
        return Err(Failure::usage(format!(
            "`{shown}` does not come from a registry: `harness run` runs it with the component that it is given"
        )));
    };
    installed::digest(&origin)?;
    match store.granted(name)? {
        Some(Granted::Grant(grant)) => Ok((origin, *grant)),
        _ => Err(Failure::usage(format!(
            "what `{shown}` was granted was taken back; `harness run --name {shown}` says how it is agreed to anew"
        ))),
    }
}

/// What is to be agreed to: what is wider than what is granted, and what is known less of.
fn changes(before: &Origin, granted: &Grant, offer: &Offer, install: &Install, asked: &Grant) -> Vec<String> {
    // That it is another component is what an upgrade is about.
    let granted = Grant { digests: asked.digests.clone(), ..granted.clone() };
    let mut changes = wider_lines(&granted.wider(asked, Endpoint::elsewhere(install.policy.endpoints())));
    changes.extend(less(before, &offer.origin));
    changes
}
