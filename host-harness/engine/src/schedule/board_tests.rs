use super::*;

const PERIOD: Duration = Duration::from_mins(30);

fn board(most: usize) -> Board {
    Board::new(most, fastrand::Rng::with_seed(7))
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

/// Begins one poll at `now`, of an install with so many root tasks of one provider.
fn begin(board: &mut Board, now: Duration, roots: usize) -> Option<Begun> {
    let mut begun = board.begin(now)?;
    begun.roots = board.known(&begun, roots, Some("https://bank.example".into()));
    Some(begun)
}

fn end(board: &mut Board, begun: &Begun, how: End, since: Duration, now: Duration) {
    board.ended(&begun.install, &begun.roots, how, since, now);
}

fn next(board: &Board, install: &str) -> Option<Duration> {
    board.standing(install, Duration::ZERO).unwrap().next
}

#[test]
fn the_first_poll_is_for_all_root_tasks_and_each_has_a_schedule_of_its_own_after_it() {
    let mut board = board(4);
    board.put("a", PERIOD, minutes(0));
    let first = begin(&mut board, minutes(0), 3).unwrap();
    assert_eq!(first.roots, [0, 1, 2]);
    assert!(board.begin(minutes(0)).is_none(), "nothing runs twice at once");
    end(&mut board, &first, End::Over, minutes(0), minutes(1));
    let mut polled = Vec::new();
    for minute in 30..=34 {
        while let Some(begun) = begin(&mut board, minutes(minute), 3) {
            polled.extend(begun.roots);
        }
    }
    polled.sort_unstable();
    assert_eq!(polled, [0, 1, 2], "each within a tenth of the period after it");
}

/// An install of two root tasks whose first poll is over, and of which both run, each in a poll of its own.
fn both_run(board: &mut Board) -> [Begun; 2] {
    board.put("a", PERIOD, minutes(0));
    let first = begin(board, minutes(0), 2).unwrap();
    end(board, &first, End::Over, minutes(0), minutes(1));
    [(); 2].map(|()| begin(board, board.wakes_at().unwrap(), 2).unwrap())
}

#[test]
fn a_root_task_that_reads_for_hours_holds_up_no_other() {
    let mut board = board(8);
    let [_, other] = both_run(&mut board);
    for minute in [40, 80, 120] {
        end(&mut board, &other, End::Over, minutes(minute - 1), minutes(minute - 1));
        let next = begin(&mut board, minutes(minute + 33), 2).unwrap();
        assert_eq!(next.roots, other.roots);
    }
}

#[test]
fn what_lasts_longer_than_its_period_begins_again_when_it_is_over_and_what_was_interrupted_as_well() {
    let mut board = board(4);
    for (how, over, due) in [(End::Over, 100, 100), (End::Interrupted, 5, 5)] {
        board.put("a", PERIOD, minutes(0));
        let begun = begin(&mut board, minutes(0), 1).unwrap();
        end(&mut board, &begun, how, minutes(0), minutes(over));
        assert_eq!(next(&board, "a"), Some(minutes(due)), "{how:?}");
    }
}

#[test]
fn a_poll_that_is_asked_for_while_one_runs_follows_it_and_no_later_one_does() {
    let mut board = board(4);
    board.put("a", PERIOD, minutes(0));
    let begun = begin(&mut board, minutes(0), 1).unwrap();
    board.change("a", |place| place.poll_now(minutes(1))).unwrap();
    assert!(board.begin(minutes(1)).is_none());
    end(&mut board, &begun, End::Over, minutes(0), minutes(2));
    let again = begin(&mut board, minutes(2), 1).unwrap();
    end(&mut board, &again, End::Over, minutes(2), minutes(3));
    assert!(next(&board, "a").unwrap() >= minutes(32));
}

#[test]
fn an_install_that_is_paused_or_held_is_not_polled_and_neither_is_one_whose_polls_are_asked_to_end() {
    let mut board = board(4);
    board.put("a", PERIOD, minutes(0));
    board.change("a", |place| (place.paused, place.held) = (true, true)).unwrap();
    assert_eq!(board.wakes_at(), None);
    board.change("a", |place| place.paused = false).unwrap();
    assert_eq!(board.wakes_at(), None);
    board.change("a", |place| place.held = false).unwrap();
    assert_eq!(board.wakes_at(), Some(minutes(0)));
    board.remove("a");
    let [one, other] = both_run(&mut board);
    board.change("a", |place| place.interrupt()).unwrap();
    assert!(one.stop.is_set() && other.stop.is_set());
    end(&mut board, &one, End::Interrupted, minutes(35), minutes(36));
    assert_eq!(board.wakes_at(), None, "it would be interrupted at once");
    end(&mut board, &other, End::Interrupted, minutes(35), minutes(37));
    let again = begin(&mut board, minutes(37), 2).unwrap();
    assert!(again.roots == [0, 1] && !again.stop.is_set());
}

#[test]
fn a_provider_that_hangs_gets_half_of_the_room_and_whoever_waits_for_longest_gets_it_first() {
    let mut board = board(4);
    for (number, install) in ["a", "b", "c"].into_iter().enumerate() {
        board.put(install, PERIOD, minutes(number as u64));
    }
    let hangs: Vec<Begun> = std::iter::from_fn(|| begin(&mut board, minutes(9), 1)).collect();
    assert_eq!(hangs.iter().map(|begun| &*begun.install).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(hangs[2].late, minutes(7));
    for begun in &hangs[1..] {
        end(&mut board, begun, End::Interrupted, minutes(9), minutes(10));
    }
    // By now it is known whose they are: with `a` there is room for one more of the provider.
    board.put("new", PERIOD, minutes(11));
    let begun: Vec<String> =
        std::iter::from_fn(|| board.begin(minutes(12))).map(|begun| begun.install.to_string()).collect();
    assert_eq!(begun, ["b", "new"]);
    assert_eq!(board.figures(minutes(12)), Figures { installs: 4, due: 1, polls: 3, lateness: minutes(1) });
}

#[test]
fn after_a_restart_what_is_not_due_waits_for_its_time_and_what_is_late_comes_within_a_tenth_of_its_period() {
    let mut board = board(1);
    let now = minutes(1_000);
    assert_eq!(board.first(PERIOD, None, now), now);
    assert_eq!(board.first(PERIOD, Some(minutes(20)), now), minutes(1_010));
    let late: Vec<Duration> = (0..100).map(|_| board.first(PERIOD, Some(minutes(90)), now)).collect();
    assert!(late.iter().all(|due| (now..now + minutes(3)).contains(due)));
    assert!(late.iter().max().unwrap().saturating_sub(*late.iter().min().unwrap()) > minutes(2));
}

#[test]
fn an_install_that_was_removed_leaves_nothing_behind() {
    let mut board = board(4);
    board.put("a", PERIOD, minutes(0));
    let begun = begin(&mut board, minutes(0), 2).unwrap();
    end(&mut board, &begun, End::Over, minutes(0), minutes(1));
    board.remove("a");
    assert!(board.places.is_empty() && board.providers.is_empty() && board.polls == 0, "{board:?}");
    assert_eq!(board.change("a", |_| ()), Err(NotScheduled("a".into())));
}

#[test]
fn an_install_that_is_put_again_is_due_once() {
    let mut board = board(4);
    board.put("a", PERIOD, minutes(0));
    board.put("a", PERIOD, minutes(10));
    assert_eq!(board.wakes_at(), Some(minutes(10)));
    assert_eq!(board.figures(minutes(20)).due, 1);
}
