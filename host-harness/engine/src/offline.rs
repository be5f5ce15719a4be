//! What is seen of an install without asking its provider: what the connector has against its config, and which states it
//! takes for its own.

use std::sync::Arc;

use futures::future::{self, BoxFuture, FutureExt as _};

use crate::blocking::blocking;
use crate::install::Install;
use model::{Error, Parent, Task};
use outside::clock::{Clock as _, SystemClock};
use outside::transport::{Request, Response, Transport, TransportError};
use sandbox::{CallError, Fetch, Outside};
use store::{PollStore as _, Store, StoreError, StreamKey};

impl Install {
    /// What the connector itself has against its config; none when that is nothing that it sees without a request, since none
    /// is let out.
    pub async fn complaint(&self) -> Option<CallError> {
        let checked = self.connector.check(&self.nowhere(), self.config.clone()).await.result;
        checked.err().filter(|error| matches!(error, CallError::Connector { error: Error::InvalidConfig(_), .. }))
    }

    /// The streams of the install `name` whose states the connector does not take for its own: another version left them
    /// behind. One that does take a state asks the provider, and gets no answer.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unread(&self, store: &Store, name: &str) -> Result<Vec<StreamKey>, StoreError> {
        let mut unread = Vec::new();
        for (key, state, _) in blocking(|| store.states(name))? {
            let Some(task) = self.manifest.workflow.iter().find(|task| task.name == key.task) else { continue };
            let parent = match &key.parent {
                None => None,
                Some(reference) => match blocking(|| self.parent(store, task, &key, reference))? {
                    Some(parent) => Some(parent),
                    None => continue,
                },
            };
            let request = self.request(&task.name, parent, SystemClock.now());
            let fetch = Fetch::Page(task.capability);
            let called = self.connector.fetch(&self.nowhere(), Some(state), request, fetch).await;
            if let Err(CallError::Connector { error: Error::InvalidState(_), .. }) = called.result {
                unread.push(key);
            }
        }
        Ok(unread)
    }

    /// The record that a stream runs for.
    fn parent(
        &self,
        store: &Store,
        task: &Task,
        key: &StreamKey,
        reference: &str,
    ) -> Result<Option<Parent>, StoreError> {
        let above = task.parent.and_then(|index| self.manifest.workflow.get(usize::try_from(index).ok()?));
        let Some(above) = above else { return Ok(None) };
        let above_key = StreamKey { task: above.name.clone(), parent: None, ..key.clone() };
        Ok(store.kept(&above_key, above.capability, reference)?.map(|kept| kept.parent))
    }

    fn nowhere(&self) -> Outside {
        self.outside(Arc::new(Nowhere), Arc::new(SystemClock))
    }
}

/// Where no request gets out.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        future::ready(Err(TransportError::Stopped)).boxed()
    }
}
