//! Many installs in one process: who is polled when, and what becomes of a poll that somebody ends early.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use chrono::TimeDelta;
use engine::schedule::{NotScheduled, Room, Scheduler};
use futures::FutureExt as _;
use outside::clock::Clock as _;
use outside::stop::Stop;
use qonto::QontoWorld;
use sim::{Fault, On};

use crate::support::fleet::{Fleet, Seen};
use crate::support::{at, mixed, world};

const PERIOD: Duration = Duration::from_mins(30);
/// The longest that two polls are apart, jitter included, and some for the poll.
const LONGEST: Duration = Duration::from_mins(34);
/// Rows of an install that takes some minutes to read, one a page.
const MANY: usize = 120;

/// One account with so many rows, half an hour apart: nothing is read twice.
fn rows(count: usize) -> QontoWorld {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], count, at(0), TimeDelta::minutes(30));
    world
}

/// An install with many rows, of which some pages are stored and the next is in flight.
async fn reading() -> (Arc<Fleet>, Scheduler) {
    let fleet = Fleet::new();
    fleet.add("large", rows(MANY), 1).await;
    let (scheduler, _) = fleet.scheduled(Room::default(), &Stop::default());
    scheduler.put("large", PERIOD, None);
    fleet.timeline.until(|| fleet.pages("large") >= 20 && fleet.in_flight("large") > 0).await;
    (fleet, scheduler)
}

/// Pages that an install with many rows takes when nothing disturbs it.
async fn undisturbed() -> usize {
    let fleet = Fleet::new();
    fleet.add("large", rows(MANY), 1).await;
    let (scheduler, _) = fleet.scheduled(Room::default(), &Stop::default());
    scheduler.put("large", PERIOD, None);
    fleet.timeline.until(|| !fleet.ended("large").is_empty()).await;
    fleet.pages("large")
}

/// Everything is stored, nothing of it twice, and it went on rather than began anew.
async fn assert_went_on(fleet: &Fleet) {
    fleet.assert_complete("large");
    for payment in fleet.payments("large").values() {
        assert_eq!(payment["adjustments"].as_array().unwrap().len(), 1, "{payment}");
    }
    // What had come to its end before is polled anew.
    let (pages, least) = (fleet.pages("large"), undisturbed().await);
    assert!(pages >= least && pages <= least + 12, "{pages} pages, {least} undisturbed");
}

#[tokio::test]
async fn each_install_is_polled_at_its_period_and_holds_what_its_provider_has() {
    let fleet = Fleet::new();
    let (scheduler, _) = fleet.scheduled(Room::default(), &Stop::default());
    for (name, count) in [("a", 3), ("b", 9), ("c", 0)] {
        fleet.add(name, rows(count), 25).await;
        scheduler.put(name, PERIOD, None);
    }
    fleet.timeline.pass(Duration::from_hours(10)).await;
    for name in ["a", "b", "c"] {
        let began = fleet.began(name);
        assert_eq!(began[0], Duration::ZERO, "at once");
        // Its three root tasks drift apart.
        assert!((55..=60).contains(&began.len()), "{began:?}");
        assert!(fleet.ended(name).iter().all(Vec::is_empty), "{:?}", fleet.ended(name));
        fleet.assert_complete(name);
    }
    assert_ne!(fleet.began("a"), fleet.began("b"), "they drift apart");
}

#[tokio::test]
async fn an_install_with_very_many_pages_holds_up_a_small_one_by_a_few_calls() {
    let fleet = Fleet::new();
    fleet.add("large", rows(MANY), 1).await;
    fleet.add("small", rows(2), 25).await;
    // One call at a time.
    let (scheduler, _) = fleet.scheduled(Room { polls: 8, calls: 1 }, &Stop::default());
    scheduler.put("large", PERIOD, None);
    fleet.timeline.until(|| fleet.pages("large") >= 10).await;
    let before = fleet.pages("large");
    scheduler.put("small", PERIOD, None);
    fleet.timeline.until(|| !fleet.ended("small").is_empty()).await;
    fleet.assert_complete("small");
    let meanwhile = fleet.pages("large") - before;
    // A call of the large one at most before each of the small one.
    assert!(meanwhile <= fleet.pages("small") + 2, "{meanwhile} pages, {} of the small one", fleet.pages("small"));
    assert!(fleet.ended("large").is_empty());
}

#[tokio::test]
async fn a_pause_ends_after_the_pages_in_flight_and_a_resumed_install_goes_on_from_there() {
    let (fleet, scheduler) = reading().await;
    fleet.timeline.during(scheduler.pause("large")).await.unwrap();
    let (pages, standing) = (fleet.pages("large"), scheduler.standing("large").unwrap());
    assert!(!standing.polling && standing.paused && standing.next.is_none(), "{standing:?}");
    assert_eq!(fleet.in_flight("large"), 0);
    fleet.timeline.pass(Duration::from_hours(5)).await;
    assert_eq!(fleet.pages("large"), pages);
    scheduler.resume("large").unwrap();
    fleet.timeline.pass(Duration::from_mins(20)).await;
    assert_went_on(&fleet).await;
}

#[tokio::test]
async fn work_on_an_install_is_done_while_nothing_of_it_runs_and_its_poll_goes_on_after_it() {
    let (fleet, scheduler) = reading().await;
    let work = |name: &'static str| {
        let (fleet, scheduler) = (fleet.clone(), scheduler.clone());
        async move {
            fleet.timeline.sleep(Duration::from_hours(1)).await;
            assert!(!scheduler.standing("large").unwrap().polling);
            assert_eq!(fleet.in_flight("large"), 0, "{name}");
            fleet.timeline.monotonic()
        }
    };
    let both = futures::future::join(
        scheduler.exclusively("large", work("first")),
        scheduler.exclusively("large", work("second")),
    );
    let (first, second) = fleet.timeline.during(both).await;
    assert_eq!(second.unwrap(), first.unwrap() + Duration::from_hours(1), "one after the other");
    fleet.timeline.pass(Duration::from_mins(20)).await;
    assert_went_on(&fleet).await;
}

#[tokio::test]
async fn a_reset_while_a_poll_runs_reads_everything_again() {
    let (fleet, scheduler) = reading().await;
    let store = fleet.store.clone();
    let reset = scheduler.exclusively("large", async move { store.reset_state("large", None).unwrap() });
    assert!(fleet.timeline.during(reset).await.unwrap() > 0);
    fleet.timeline.pass(Duration::from_mins(20)).await;
    assert!(fleet.pages("large") >= undisturbed().await + 20, "{}", fleet.pages("large"));
    assert!(fleet.ended("large").concat().iter().all(|error| error.contains("interrupted")));
    fleet.assert_complete("large");
}

#[tokio::test]
async fn work_that_is_given_up_lets_the_install_go() {
    let (fleet, scheduler) = reading().await;
    let never = scheduler.exclusively("large", std::future::pending::<()>());
    assert!(Box::pin(never).now_or_never().is_none());
    fleet.timeline.pass(Duration::from_mins(20)).await;
    assert_went_on(&fleet).await;
}

#[tokio::test]
async fn of_an_install_that_was_removed_nothing_runs_any_more() {
    let (fleet, scheduler) = reading().await;
    fleet.timeline.during(scheduler.remove("large")).await.unwrap();
    assert_eq!(fleet.in_flight("large"), 0);
    let pages = fleet.pages("large");
    fleet.store.purge("large").unwrap();
    fleet.timeline.pass(Duration::from_hours(2)).await;
    assert_eq!(fleet.pages("large"), pages);
    assert!(fleet.store.installs().unwrap().is_empty(), "nothing came after it");
    assert_eq!(scheduler.poll_now("large"), Err(NotScheduled("large".into())));
    assert_eq!(scheduler.figures().installs, 0);
}

#[tokio::test]
async fn a_poll_that_is_asked_for_comes_at_once_and_one_that_runs_is_followed_by_another() {
    let (fleet, scheduler) = reading().await;
    scheduler.poll_now("large").unwrap();
    fleet.timeline.pass(Duration::from_mins(20)).await;
    assert_eq!(fleet.began("large").len(), 2);
    scheduler.poll_now("large").unwrap();
    let now = fleet.timeline.monotonic();
    fleet.timeline.pass(Duration::from_secs(1)).await;
    assert_eq!(fleet.began("large")[2..], [now]);
}

#[tokio::test]
async fn a_stop_ends_after_the_pages_in_flight_and_the_next_process_goes_on_from_there() {
    let (fleet, stop) = (Fleet::new(), Stop::default());
    fleet.add("large", rows(MANY), 1).await;
    let (scheduler, runs) = fleet.scheduled(Room::default(), &stop);
    scheduler.put("large", PERIOD, None);
    fleet.timeline.until(|| fleet.pages("large") >= 20 && fleet.in_flight("large") > 0).await;
    let before = fleet.pages("large");
    stop.set();
    fleet.timeline.during(runs).await.unwrap();
    assert_eq!(fleet.in_flight("large"), 0);
    assert!(fleet.pages("large") > before, "what was in flight is stored");
    let (scheduler, _) = fleet.scheduled(Room::default(), &Stop::default());
    scheduler.put("large", PERIOD, None);
    fleet.timeline.pass(Duration::from_mins(20)).await;
    assert_went_on(&fleet).await;
}

#[tokio::test]
async fn a_provider_that_is_down_for_a_day_is_asked_at_each_period_and_nothing_is_lost_when_it_is_back() {
    let fleet = Fleet::new();
    let sims = [fleet.add("down", rows(5), 25).await, fleet.add("well", rows(5), 25).await];
    let (scheduler, _) = fleet.scheduled(Room { polls: 2, calls: 2 }, &Stop::default());
    scheduler.put("down", PERIOD, None);
    scheduler.put("well", PERIOD, None);
    fleet.timeline.pass(Duration::from_hours(1)).await;
    sims[0].inject(On::any(), Fault::status(503));
    let polls = fleet.began("down").len();
    for hour in 0..24 {
        for sim in &sims {
            sim.with(|world| {
                let account = world.rows()[0].account.to_string();
                mixed(world, &account, 2, at(7 * 24 * 60 + 60 + hour * 60), TimeDelta::minutes(1));
            });
        }
        fleet.timeline.pass(Duration::from_hours(1)).await;
        fleet.assert_complete("well");
    }
    assert!(fleet.began("down").len() > polls + 40, "{:?}", fleet.began("down"));
    sims[0].calm();
    fleet.timeline.pass(Duration::from_hours(1)).await;
    fleet.assert_complete("down");
}

#[tokio::test]
async fn a_clock_that_is_set_back_holds_up_no_poll() {
    let fleet = Fleet::new();
    fleet.add("a", rows(5), 25).await;
    let (scheduler, _) = fleet.scheduled(Room::default(), &Stop::default());
    scheduler.put("a", PERIOD, None);
    for days in [1, 300, -20] {
        fleet.timeline.pass(Duration::from_hours(1)).await;
        fleet.timeline.hands.set(fleet.timeline.now() - TimeDelta::days(days));
    }
    // As after a restart, with what the clock that was ahead wrote down.
    scheduler.put("a", PERIOD, Some(fleet.timeline.now() + TimeDelta::days(40)));
    fleet.timeline.pass(Duration::from_hours(1)).await;
    let began = fleet.began("a");
    assert!(began.windows(2).all(|two| two[1] < two[0] + LONGEST), "{began:?}");
    assert!(began.len() >= 8, "{began:?}");
}

#[tokio::test]
async fn an_install_that_nobody_can_make_ready_is_told_and_looked_at_again_at_the_next_period() {
    let fleet = Fleet::new();
    fleet.add("a", rows(5), 25).await;
    let (scheduler, _) = fleet.scheduled(Room::default(), &Stop::default());
    fleet.ready.store(false, SeqCst);
    scheduler.put("a", PERIOD, None);
    fleet.timeline.pass(Duration::from_hours(2)).await;
    let ended = fleet.ended("a");
    assert!((3..=4).contains(&ended.len()), "{ended:?}");
    assert!(ended.concat().iter().all(|error| error == "its config cannot be read"), "{ended:?}");
    fleet.ready.store(true, SeqCst);
    fleet.timeline.pass(Duration::from_hours(1)).await;
    fleet.assert_complete("a");
}

/// What a model of the schedule says of one install.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// It is polled, and by this time at the latest it is polled next.
    By(Duration),
    /// It is not polled.
    Rests,
}

/// One day of installs that come, fail, are worked on and go, against a model.
async fn a_day(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (fleet, stop) = (Fleet::new(), Stop::default());
    // Room for all of them: a poll that waits for a provider which is down holds its place meanwhile.
    let (scheduler, _) = fleet.scheduled(Room { polls: 20, calls: 3 }, &stop);
    let mut model: Vec<(String, Said)> = Vec::new();
    let soon = |fleet: &Fleet| fleet.timeline.monotonic() + Duration::from_mins(10);
    for step in 0..24 * 6 {
        if step % 16 == 0 {
            let name = format!("install-{step}");
            fleet.add(&name, rows(1 + random.usize(..40)), 10).await;
            scheduler.put(&name, PERIOD, None);
            model.push((name, Said::By(soon(&fleet))));
        }
        let chosen = random.usize(..model.len());
        let many = model.len() > 3;
        let (name, said) = &mut model[chosen];
        let sim = fleet.banks.lock().unwrap()[&*name].sim.clone();
        match random.u8(..9) {
            0 => sim.inject(On::any(), Fault::status(503)),
            1 => sim.calm(),
            2 => {
                fleet.timeline.during(scheduler.pause(name)).await.unwrap();
                assert_eq!(fleet.in_flight(name), 0);
                *said = Said::Rests;
            }
            3 if matches!(said, Said::Rests) => {
                scheduler.resume(name).unwrap();
                *said = Said::By(fleet.timeline.monotonic() + LONGEST);
            }
            4 => {
                let polling = scheduler.standing(name).unwrap().polling;
                scheduler.poll_now(name).unwrap();
                if matches!(said, Said::By(_)) && !polling {
                    *said = Said::By(soon(&fleet));
                }
            }
            5 => {
                let store = fleet.store.clone();
                let reset = async { store.reset_state(name, None).unwrap() };
                fleet.timeline.during(scheduler.exclusively(name, reset)).await.unwrap();
            }
            6 if many => {
                fleet.timeline.during(scheduler.remove(name)).await.unwrap();
                assert_eq!(fleet.in_flight(name), 0);
                model.swap_remove(chosen);
            }
            _ => sim.with(|world| {
                let account = world.rows()[0].account.to_string();
                mixed(world, &account, 3, at(7 * 24 * 60 + step * 10), TimeDelta::seconds(90));
            }),
        }
        let before = fleet.seen.lock().unwrap().len();
        fleet.timeline.pass(Duration::from_mins(10)).await;
        let now = fleet.timeline.monotonic();
        let news = fleet.seen.lock().unwrap().split_off(before);
        for (name, said) in &mut model {
            let mut began = news.iter().filter_map(|seen| match seen {
                Seen::Began(install, at) if install == name => Some(*at),
                _ => None,
            });
            match (began.next_back(), &mut *said) {
                (None, Said::By(latest)) => assert!(now <= *latest, "{name} was not polled by {latest:?}: {now:?}"),
                (Some(at), Said::By(latest)) => *latest = at + LONGEST,
                (None, Said::Rests) => {}
                (Some(at), Said::Rests) => panic!("{name} rests, and was polled at {at:?}"),
            }
        }
    }
    for (name, _) in &model {
        fleet.banks.lock().unwrap()[name].sim.calm();
        scheduler.resume(name).unwrap();
    }
    fleet.timeline.pass(Duration::from_hours(1)).await;
    for (name, _) in &model {
        fleet.assert_complete(name);
    }
    stop.set();
}

#[tokio::test]
async fn in_a_day_of_installs_that_come_fail_and_go_every_poll_comes_in_time_and_nothing_is_lost() {
    for seed in 1..=3 {
        a_day(seed).await;
    }
}
