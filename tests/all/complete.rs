//! Every row of the provider reaches the store, whatever the page size and however the rows lie in time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::time::Duration;

use crate::support::{Rig, STATUSES, at, mixed, tie, world};
use chrono::{DateTime, TimeDelta, Utc};
use qonto::{Account, Dialect, Meta, PastEnd, QontoWorld, StatusFilter, Transaction};
use sim::{Fault, On};

/// When a rig's clock starts.
fn start() -> DateTime<Utc> {
    at(7 * 24 * 60)
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

/// Sets a dialect.
type Set = fn(&mut Dialect);

/// Whether the provider includes rows at exactly `from` and exactly `to`.
const BOUNDS: [(bool, bool); 4] = [(true, true), (false, false), (true, false), (false, true)];

#[tokio::test]
async fn a_first_poll_brings_every_row_and_a_second_changes_nothing() {
    let (mut world, accounts) = world(2);
    world.fill(&accounts[0], 260, at(0), TimeDelta::minutes(1));
    world.fill(&accounts[1], 3, at(0), TimeDelta::minutes(1));
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    rig.assert_complete();
    let (export, states) = (rig.export(), rig.states());
    let summary = rig.poll_well().await;
    assert_eq!(rig.export(), export);
    assert_eq!(rig.states(), states);
    assert!(summary.streams.iter().all(|stream| stream.changed == 0), "{summary:?}");
}

#[tokio::test]
async fn every_page_size_gives_the_same_store() {
    let (mut world, accounts) = world(3);
    mixed(&mut world, &accounts[0], 130, at(0), seconds(7));
    tie(&mut world, &accounts[0], 60, at(30), &STATUSES);
    mixed(&mut world, &accounts[1], 31, at(60), TimeDelta::milliseconds(1));
    let mut exports = Vec::new();
    for size in [1, 2, 7, 25, 100] {
        let rig = Rig::new(world.clone(), size).await;
        rig.poll_well().await;
        rig.assert_complete();
        exports.push((size, rig.export()));
    }
    for (size, export) in &exports {
        assert_eq!(*export, exports[0].1, "page size {size}");
    }
}

#[tokio::test]
async fn any_number_of_rows_arrives_whole() {
    for size in [1_u32, 2, 7, 25, 100] {
        let s = usize::try_from(size).unwrap();
        for count in [0, 1, s - 1, s, s + 1, 10 * s] {
            for past_end in [PastEnd::Refused, PastEnd::Empty] {
                let (mut world, accounts) = world(1);
                world.dialect.past_end = past_end;
                world.fill(&accounts[0], count, at(0), seconds(1));
                let rig = Rig::new(world, size).await;
                rig.poll_well().await;
                assert_eq!(rig.payments().len(), count);
                rig.assert_complete();
            }
        }
    }
}

/// A history of `around` rows with a tie in it, at a place from 0 (oldest) to 2 (newest).
fn history_with_tie(count: usize, place: i64, around: usize) -> QontoWorld {
    let (mut world, accounts) = world(1);
    world.fill(&accounts[0], around, at(100), seconds(1));
    let when = [at(99), at(100) + seconds(i64::try_from(around / 2).unwrap()), at(200)];
    tie(&mut world, &accounts[0], count, when[usize::try_from(place).unwrap()], &STATUSES[..1]);
    world
}

async fn ties_arrive_whole(size: u32, counts: &[usize], bounds: &[(bool, bool)]) {
    let around = usize::try_from(size).unwrap() * 3 / 2;
    for &count in counts {
        for place in 0..3 {
            for &(from_inclusive, to_inclusive) in bounds {
                let mut world = history_with_tie(count, place, around.clamp(3, 40));
                world.dialect.from_inclusive = from_inclusive;
                world.dialect.to_inclusive = to_inclusive;
                let rig = Rig::new(world, size).await;
                rig.poll_well().await;
                rig.assert_complete();
            }
        }
    }
}

#[tokio::test]
async fn ties_arrive_whole_at_page_size_1() {
    ties_arrive_whole(1, &[1, 2], &BOUNDS).await;
    ties_arrive_whole(1, &[250], &BOUNDS[1..2]).await;
}

#[tokio::test]
async fn ties_arrive_whole_at_page_size_2() {
    ties_arrive_whole(2, &[1, 2, 3], &BOUNDS).await;
    ties_arrive_whole(2, &[250], &BOUNDS[..1]).await;
}

#[tokio::test]
async fn ties_arrive_whole_at_page_size_25() {
    ties_arrive_whole(25, &[1, 24, 25, 26], &BOUNDS).await;
    ties_arrive_whole(25, &[250], &BOUNDS[..2]).await;
}

#[tokio::test]
async fn ties_arrive_whole_at_page_size_100() {
    ties_arrive_whole(100, &[99, 100, 101], &BOUNDS[..2]).await;
    ties_arrive_whole(100, &[250], &BOUNDS[1..2]).await;
}

#[tokio::test]
async fn a_tie_next_to_another_millisecond_arrives_whole() {
    for gap in [1, 2, 3, 4] {
        for size in [2, 7] {
            for (from_inclusive, to_inclusive) in &BOUNDS[..2] {
                let (mut world, accounts) = world(1);
                world.dialect.from_inclusive = *from_inclusive;
                world.dialect.to_inclusive = *to_inclusive;
                for number in 0..3 {
                    tie(&mut world, &accounts[0], 9, at(0) + TimeDelta::milliseconds(gap * number), &STATUSES[..1]);
                }
                let rig = Rig::new(world, size).await;
                rig.poll_well().await;
                rig.assert_complete();
            }
        }
    }
}

#[tokio::test]
async fn after_idle_polls_every_new_row_arrives() {
    for size in [7, 100] {
        for new in [1, 99, 150] {
            for is_tie in [false, true] {
                let (mut world, accounts) = world(1);
                mixed(&mut world, &accounts[0], 15, at(0), seconds(1));
                let rig = Rig::new(world, size).await;
                for _ in 0..5 {
                    rig.poll_well().await;
                    rig.clock.advance(Duration::from_mins(30));
                }
                rig.sim.with(|world| {
                    if is_tie {
                        // As the newest row that is known.
                        tie(world, &accounts[0], new, at(0) + seconds(12), &STATUSES[..1]);
                    } else {
                        mixed(world, &accounts[0], new, start(), seconds(1));
                    }
                });
                rig.poll_well().await;
                rig.assert_complete();
            }
        }
    }
}

#[tokio::test]
async fn the_dialects_that_cannot_be_ruled_out_lose_no_row() {
    let dialects: [(&str, Set); 10] = [
        ("from exclusive", |dialect| dialect.from_inclusive = false),
        ("to exclusive", |dialect| dialect.to_inclusive = false),
        ("first status only", |dialect| dialect.status_filter = StatusFilter::First),
        ("last status only", |dialect| dialect.status_filter = StatusFilter::Last),
        ("past the end is empty", |dialect| dialect.past_end = PastEnd::Empty),
        ("hidden microseconds", |dialect| dialect.hidden_microseconds = true),
        ("hidden microseconds, bounds exclusive", |dialect| {
            dialect.hidden_microseconds = true;
            dialect.from_inclusive = false;
            dialect.to_inclusive = false;
        }),
        ("no next_page on the last page", |dialect| dialect.meta = Meta::NoNextOnLast),
        ("one page when empty", |dialect| dialect.total_pages_when_empty = 1),
        ("six digits of a second", |dialect| dialect.fraction_digits = 6),
    ];
    for (name, set) in dialects {
        for size in [7, 25] {
            let (mut world, accounts) = world(2);
            set(&mut world.dialect);
            mixed(&mut world, &accounts[0], 25, at(0), TimeDelta::milliseconds(1));
            tie(&mut world, &accounts[0], 60, at(1), &STATUSES);
            let rig = Rig::new(world, size).await;
            rig.poll_well().await;
            let known = rig.payments().len();
            assert_eq!(known, 85, "{name}, page size {size}");
            rig.sim.with(|world| mixed(world, &accounts[0], 10, at(2), seconds(1)));
            rig.poll_well().await;
            assert_eq!(rig.payments().len(), 95, "{name}, page size {size}");
        }
    }
}

#[tokio::test]
async fn closed_accounts_are_read_like_all_others_and_connected_ones_of_other_banks_are_not_the_customers() {
    let (mut world, mut accounts) = world(2);
    accounts.push(world.account(Account::new("Fermé", "", at(0)).closed()));
    for account in &accounts {
        mixed(&mut world, account, 30, at(0), seconds(1));
    }
    let external = world.account(Account::new("Ailleurs", "", at(0)).external("12345678"));
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    rig.assert_complete();
    assert_eq!(rig.payments().len(), 90);
    assert!(rig.export().iter().all(|record| record["reference"] != external.as_str()));
}

#[tokio::test]
async fn more_rows_than_the_search_limit_arrive_whole() {
    for (size, limit) in [(7, 60), (25, 300), (100, 300)] {
        let (mut world, accounts) = world(1);
        world.dialect.search_limit = Some(limit);
        world.fill(&accounts[0], 500, at(0), seconds(60));
        // Crowded: the window has to be halved far down.
        world.fill(&accounts[0], limit + 50, start() - seconds(5), TimeDelta::milliseconds(1));
        let rig = Rig::new(world, size).await;
        rig.poll_well().await;
        rig.assert_complete();
    }
}

#[tokio::test]
async fn the_real_search_limit_does_not_hide_the_rows_behind_it() {
    let (mut world, accounts) = world(1);
    world.fill(&accounts[0], 12_500, at(0), seconds(30));
    let rig = Rig::new(world, 100).await;
    rig.poll_well().await;
    rig.assert_complete();
    assert!(rig.sim.log().iter().any(|one| one.status.is_some_and(|status| status == 422)), "the limit was not met");
}

#[tokio::test]
async fn rows_that_show_late_within_the_hour_are_not_lost() {
    for minutes in [1, 20, 59] {
        let (mut world, accounts) = world(1);
        world.fill(&accounts[0], 40, at(0), seconds(1));
        let rig = Rig::new(world, 25).await;
        rig.poll_well().await;
        let shows = start() + TimeDelta::minutes(minutes);
        rig.sim.with(|world| {
            for number in 0..60 {
                let late = Transaction::on(&accounts[0], start() + seconds(number)).cents(5).label("Late");
                world.transaction(if number % 2 == 0 { late.visible_at(shows) } else { late });
            }
        });
        rig.poll_well().await;
        assert_eq!(rig.payments().len(), 70);
        rig.clock.advance(Duration::from_mins(u64::try_from(minutes).unwrap()));
        // The newest of all: the late ones are behind it.
        rig.sim.with(|world| world.fill(&accounts[0], 3, shows, seconds(0)));
        rig.poll_well().await;
        rig.assert_complete();
    }
}

#[tokio::test]
async fn a_delay_of_every_row_loses_none() {
    let (mut world, accounts) = world(1);
    world.dialect.visibility_delay = Duration::from_mins(50);
    world.fill(&accounts[0], 40, at(0), seconds(1));
    let rig = Rig::new(world, 7).await;
    for round in 0..6 {
        rig.sim.with(|world| mixed(world, &accounts[0], 9, start() + TimeDelta::minutes(30 * round), seconds(20)));
        rig.poll_well().await;
        rig.clock.advance(Duration::from_mins(30));
    }
    rig.clock.advance(Duration::from_mins(30));
    rig.poll_well().await;
    rig.assert_complete();
}

#[tokio::test]
async fn another_page_size_at_any_page_of_a_first_poll_loses_nothing() {
    for fails_at in [4, 6, 9] {
        let (mut world, accounts) = world(1);
        mixed(&mut world, &accounts[0], 50, at(0), seconds(1));
        tie(&mut world, &accounts[0], 80, at(1), &STATUSES[..1]);
        let mut rig = Rig::new(world, 7).await;
        rig.sim.inject(On::since(fails_at), Fault::status(400));
        let disturbed = rig.poll().await;
        assert!(disturbed.streams.iter().any(|stream| stream.error.is_some() || !stream.gaps.is_empty()));
        rig.sim.calm();
        rig.runner.page_size = 25;
        rig.poll_well().await;
        rig.assert_complete();
    }
}
