//! One step of a stream's poll is all there is to it: whoever makes the steps may wait, do something else, or die between
//! any two.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use chrono::TimeDelta;
use engine::runner::{Progress, Step, Target};
use model::Task;
use outside::clock::Clock as _;
use sim::{Fault, On};
use store::{Kept, PollStore as _, StreamKey};

use crate::support::{INSTALL, Rig, at, mixed, world};

/// A rig with one account and its rows, five a page, of which the account is read.
async fn account() -> (Rig, Task, Kept, StreamKey) {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 60, at(0), TimeDelta::minutes(30));
    let rig = Rig::new(world, 5).await;
    let workflow = rig.runner.manifest.workflow.clone();
    let root = StreamKey { install: INSTALL.into(), task: workflow[0].name.clone(), parent: None };
    let poll = rig.runner.begin(&()).unwrap();
    let mut progress = Progress::new(root.clone());
    let target = Target { task: &workflow[0], parent: None, key: &root };
    while matches!(poll.step(&target, &mut progress).await, Step::More) {}
    drop(poll);
    let kept = rig.store.kept(&root, workflow[0].capability, &accounts[0]).unwrap().unwrap();
    let task = workflow.into_iter().find(|task| task.name == "fetch-payments").unwrap();
    let key = StreamKey { install: INSTALL.into(), task: task.name.clone(), parent: Some(accounts[0].clone()) };
    (rig, task, kept, key)
}

#[tokio::test]
async fn a_poll_that_another_goes_on_with_between_any_two_steps_loses_nothing_and_reads_nothing_twice() {
    for seed in 0..5 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (rig, task, kept, key) = account().await;
        let target = Target { task: &task, parent: Some(&kept), key: &key };
        let mut poll = rig.runner.begin(&()).unwrap();
        let mut progress = Progress::new(key.clone());
        let (mut steps, mut deaths) = (0, 0);
        loop {
            match poll.step(&target, &mut progress).await {
                Step::More => steps += 1,
                Step::Done => break,
                other => panic!("{other:?}"),
            }
            if deaths < 6 && random.u8(..3) == 0 {
                deaths += 1;
                poll = rig.runner.begin(&()).unwrap();
                progress = Progress::new(key.clone());
            }
        }
        rig.assert_complete();
        assert!(rig.payments().values().all(|payment| payment["adjustments"].as_array().unwrap().len() == 1));
        assert!(steps > 12, "{steps}");
        assert!(rig.store.stream(&key).unwrap().completed_at.is_some());
    }
}

#[tokio::test]
async fn a_step_makes_one_call_and_says_how_long_to_wait_rather_than_sleeping() {
    let (rig, task, kept, key) = account().await;
    let target = Target { task: &task, parent: Some(&kept), key: &key };
    let poll = rig.runner.begin(&()).unwrap();
    let mut progress = Progress::new(key.clone());
    assert!(matches!(poll.step(&target, &mut progress).await, Step::More), "it may be polled");
    rig.sim.inject(On::any(), Fault::status(503).header("Retry-After", "2"));
    let (started, calls) = (rig.clock.monotonic(), rig.store.last_call(INSTALL).unwrap());
    let Step::Wait(wait) = poll.step(&target, &mut progress).await else { panic!("it fails") };
    assert_eq!(rig.clock.monotonic(), started);
    assert_eq!(rig.store.last_call(INSTALL).unwrap(), calls + 1);
    assert!(wait >= Duration::from_secs(2), "{wait:?}");
    rig.sim.calm();
    rig.clock.advance(wait);
    assert!(matches!(poll.step(&target, &mut progress).await, Step::More));
    assert_eq!(rig.payments().len(), 5, "a page");
}

#[tokio::test]
async fn a_provider_that_wants_to_be_left_alone_is_not_asked_before() {
    let (rig, task, kept, key) = account().await;
    let target = Target { task: &task, parent: Some(&kept), key: &key };
    let until = rig.clock.now() + TimeDelta::hours(3);
    rig.store.set_not_before(&key, Some(until)).unwrap();
    let poll = rig.runner.begin(&()).unwrap();
    let mut progress = Progress::new(key.clone());
    let requests = rig.sim.requests();
    assert!(matches!(poll.step(&target, &mut progress).await, Step::More));
    let Step::NotBefore(told) = poll.step(&target, &mut progress).await else { panic!("it waits") };
    assert_eq!((told, rig.sim.requests()), (until, requests));
}
