//! Several requests of a call are under way at once, and what comes of it is the same in whatever order they are answered.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use crate::support::{Rig, at, mixed, world};
use chrono::TimeDelta;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use outside::transport::{Request, Response, Transport, TransportError};
use tokio::sync::Semaphore;

/// Answers one account's list of the declined ones only when that of the completed ones, which is asked after it, was answered.
struct Crossing {
    inner: Arc<dyn Transport>,
    is_held: bool,
    completed: Semaphore,
    /// The account whose requests are counted: the other one is polled at the same time.
    account: String,
    under_way: AtomicU32,
    /// The most requests of it that were under way at one time.
    most: AtomicU32,
}

impl Transport for Crossing {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let url = request.url.to_string();
            let counted = u32::from(url.contains(&self.account));
            self.most.fetch_max(self.under_way.fetch_add(counted, SeqCst) + counted, SeqCst);
            if self.is_held && counted > 0 && url.contains("=declined") {
                self.completed.acquire().await.unwrap().forget();
            }
            let answer = self.inner.send(request).await;
            if counted > 0 && url.contains("=completed") {
                self.completed.add_permits(1);
            }
            self.under_way.fetch_sub(counted, SeqCst);
            answer
        }
        .boxed()
    }
}

/// A poll of two accounts with so many requests under way at most: the export, the states, and how many there were.
async fn polled(in_flight: u32, is_held: bool) -> (String, Vec<(String, Vec<u8>)>, u32) {
    let (mut world, accounts) = world(2);
    for account in &accounts {
        mixed(&mut world, account, 30, at(0), TimeDelta::minutes(7));
    }
    let mut rig = Rig::new(world, 25).await;
    rig.runner.max_in_flight = in_flight;
    let crossing = Arc::new(Crossing {
        inner: rig.runner.outside.transport.clone(),
        is_held,
        completed: Semaphore::new(0),
        account: accounts[0].clone(),
        under_way: AtomicU32::new(0),
        most: AtomicU32::new(0),
    });
    rig.runner.outside.transport = crossing.clone();
    rig.poll_well().await;
    rig.assert_complete();
    (rig.export_text(), rig.states().into_iter().collect(), crossing.most.load(SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_asked_at_once_and_give_the_same_whichever_is_answered_first_and_one_at_a_time() {
    let (one_by_one, states, most) = polled(1, false).await;
    assert_eq!(most, 1, "the host lets no more requests go out than it said");
    for is_held in [true, false] {
        let (export, left, most) = polled(8, is_held).await;
        assert!(most > 1 || !is_held, "{most}");
        assert_eq!(left, states);
        assert!(export == one_by_one, "crossing: {is_held}");
    }
}
