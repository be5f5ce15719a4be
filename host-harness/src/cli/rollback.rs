//! `harness rollback`: the component that an install had before.

use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use engine::config::Terms;
use engine::install::Install;
use model::Error;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};
use outside::transport::{Request, Response, Transport, TransportError};
use sandbox::{CallError, Fetch};
use store::{PollStore as _, Store, StreamKey};

use super::failure::Failure;
use super::upgrade::of_registry;
use super::{StoreFile, installed, kept, open};

/// Goes back to the component that an install had before its last upgrade, with what was granted to that. What its streams
/// remember stays; where the older version cannot read that, it is told.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The install.
    name: String,
    /// The `SQLite` file.
    #[arg(long, value_name = "FILE", default_value = "payments.db")]
    store: PathBuf,
}

impl Rollback {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let place = StoreFile { store: self.store.clone(), name: Some(self.name.clone()) };
        let (store, name) = open::existing(&place)?;
        let (_, granted) = of_registry(&store, &name)?;
        let shown = one_line(&name);
        let none = || Failure::usage(format!("`{shown}` has had one component only: there is none to go back to"));
        let before = store.origins(&name)?.into_iter().nth(1).ok_or_else(none)?;
        // It has to be there, and to take the config.
        let described = installed::load(&before).await?;
        let config = kept::config(&self.store, &store, &name)?.unwrap_or_default();
        let install = described.install(&config, &Terms::default().public(granted.public))?;
        let unread = unread(&install, &store, &name).await?;
        let (left, back) = store.roll_back(&name, SystemClock.now())?.ok_or_else(none)?;
        say!("`{shown}` is at {} again, {}; it was at {}", back.version, back.component, left.version);
        if unread.is_empty() {
            say!("what its streams remember stays, and goes on from there");
            return Ok(ExitCode::SUCCESS);
        }
        say!("{} cannot read what the later version left behind of:", back.version);
        unread.iter().for_each(|stream| say!("  {stream}"));
        say!(
            "  harness state reset --name {shown}   reads everything anew; records stay, and reading them again changes nothing"
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// The streams whose state a connector does not take for its own, tried without a way out: one that does, asks the provider,
/// and gets no answer.
async fn unread(install: &Install, store: &Store, name: &str) -> Result<Vec<String>, Failure> {
    let outside = install.outside(Arc::new(NoWay), Arc::new(SystemClock));
    let mut unread = Vec::new();
    for (key, state, _) in store.states(name)? {
        let Some(task) = install.manifest.workflow.iter().find(|task| task.name == key.task) else { continue };
        let above = task.parent.and_then(|index| install.manifest.workflow.get(usize::try_from(index).ok()?));
        let parent = match (&key.parent, above) {
            (Some(reference), Some(above)) => {
                let above_key = StreamKey { task: above.name.clone(), parent: None, ..key.clone() };
                match store.kept(&above_key, above.capability, reference)? {
                    Some(kept) => Some(kept.parent),
                    None => continue,
                }
            }
            _ => None,
        };
        let request = install.request(&task.name, parent, SystemClock.now());
        let called = install.connector.fetch(&outside, Some(state), request, Fetch::Page(task.capability)).await;
        if let Err(CallError::Connector { error: Error::InvalidState(_), .. }) = called.result {
            unread.push(one_line(&key.to_string()));
        }
    }
    Ok(unread)
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Nothing answers.
struct NoWay;

impl Transport for NoWay {
    fn send(&self, _: Request) -> Answer<'_> {
        Box::pin(async { Err(TransportError::Interrupted("nothing is sent while it is tried".to_owned())) })
    }
}
