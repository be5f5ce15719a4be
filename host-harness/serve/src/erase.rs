//! Taking a connector away with its records, or beginning anew without them: bit by bit, in a task that says how far it is.

use store::PollStore as _;
use store::serving::connectors::{Connector, NewConnector};
use store::serving::tasks::{RESET, TaskStatus};

use crate::access::Who;
use crate::host::{Host, Unready};
use crate::installs::unscheduled;
use crate::problem::Problem;

/// Payments that are erased at once; others write in between.
const ERASED_AT_ONCE: u32 = 2_000;

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
            Self::Reset => RESET,
            Self::Uninstall => "uninstall",
        }
    }
}

impl Host {
    /// Erases a connector with its records, or makes it anew without them. Gives the task that does it.
    pub(crate) async fn erase(&self, who: &Who, connector: &Connector, what: Erase) -> Result<String, Problem> {
        let work = async move |host: Self, who: Who, known: Connector| {
            let (served, now, leaving) = (host.served().clone(), host.now(), known.clone());
            let task = host.blocking(move || {
                let store = &served.store;
                if store.open_tasks()?.iter().any(|task| task.connector == leaving.uuid) {
                    return Err(erasing(&leaving));
                }
                // A task that has ended meanwhile took it along: what is under its name now is another connector.
                let leaving = store.connector(&leaving.uuid)?.ok_or_else(|| Problem::not_found("connector"))?;
                // What cannot be made anew is not erased.
                if what == Erase::Reset {
                    served.config(&leaving)?;
                    store.granted(&leaving.install)?.ok_or(Unready::NotGranted)?;
                }
                store.set_leaving(&leaving.uuid, now)?;
                Ok(store.begin_task(&leaving, what.word(), now)?)
            });
            let task = task.await?;
            tokio::spawn(host.clone().erased(known.clone(), what, task.clone()));
            host.note(&who, what.word(), Some(&known.install), "").await?;
            Ok(task)
        };
        self.change(who, connector, work).await
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
                let origin = served.store.origin(install)?;
                let new = NewConnector { granted: &granted, provider, install, period, origin: origin.as_ref() };
                served.store.replace_connector(&new, now, |uuid| Ok::<_, Problem>(served.keys.seal(uuid, &text)?))
            })
            .await?;
        self.scheduler().put(&made.install, made.period, None);
        Ok(Some(made))
    }
}

/// Whoever changes what is being erased is told so.
pub(crate) fn erasing(connector: &Connector) -> Problem {
    Problem::validation(format!("`{}` is being erased; a task says how far that is", connector.install))
}
