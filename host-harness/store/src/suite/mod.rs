//! What every [`PollStore`] has to keep, each rule a function that panics where it is broken.
//!
//! [`RULES`] is for the tests of whoever writes a store; here they are run for `SQLite`, in a file and in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a rule that is broken is told by a panic")]

mod payments;
mod records;
mod rounds;

use crate::export::{Format, What};
use crate::testing::exported;
use crate::{PollStore, Store};

/// A store under test: what polls ask of it, and what came of it.
pub trait Tried: PollStore {
    /// The records of the install `acme`, as [`export`](crate::export::export) writes them in lines of JSON.
    fn exported(&self, what: What) -> String;
}

impl Tried for Store {
    fn exported(&self, what: What) -> String {
        exported(self, what, Format::Ndjson)
    }
}

/// Makes a store with nothing in it.
pub type New<'n> = &'n dyn Fn() -> Box<dyn Tried>;

/// Lists the rules, and makes a test of each for each kind of store that is ours.
macro_rules! rules {
    ($($group:ident: $($rule:ident),+;)+) => {
        /// Every rule, by its name.
        pub const RULES: &[(&str, fn(New<'_>))] = &[$($((stringify!($rule), $group::$rule)),+),+];

        #[cfg(test)]
        mod in_memory {
            use super::*;

            $($(#[test]
            fn $rule() {
                $group::$rule(&|| Box::new(Store::in_memory().unwrap()));
            })+)+
        }

        #[cfg(test)]
        mod in_a_file {
            use super::*;

            $($(#[test]
            fn $rule() {
                let folder = tempfile::tempdir().unwrap();
                let made = std::cell::Cell::new(0);
                $group::$rule(&|| {
                    made.set(made.get() + 1);
                    Box::new(Store::open(folder.path().join(made.get().to_string())).unwrap())
                });
            })+)+
        }
    };
}

rules! {
    payments:
        a_page_delivered_twice_changes_nothing,
        each_change_of_status_amount_or_raw_is_an_adjustment_and_the_newest_is_current,
        the_version_that_was_read_last_is_present_whatever_its_time_says,
        of_versions_whose_calls_overlapped_the_later_change_is_present,
        a_race_of_poll_and_follow_is_settled_by_the_change_and_a_time_that_cannot_be_does_not_count,
        several_versions_in_one_page_stand_in_the_order_in_which_they_took_effect,
        a_payment_without_a_time_of_change_is_as_good_as_any,
        an_old_page_delivered_late_or_twice_does_not_step_back,
        a_better_mapping_of_the_same_object_replaces_the_old_one_without_an_adjustment,
        a_withdrawn_payment_is_cancelled_once_also_a_final_one_and_an_unknown_one_is_ignored,
        a_payment_that_another_one_replaces_says_which,
        a_payment_that_is_read_again_after_its_withdrawal_is_back;
    rounds:
        a_gap_that_recurs_is_one_that_lasts_and_one_that_is_not_ours_to_read_is_no_failure,
        payments_that_were_asked_for_one_by_one_leave_however_many_they_are,
        an_account_that_two_complete_polls_an_hour_apart_have_missed_is_gone_and_comes_back,
        a_round_in_which_something_was_not_read_misses_nothing_until_that_is_read,
        a_rejected_row_without_a_reference_may_be_any_record_whatever_is_read_again,
        open_payments_are_those_that_no_call_of_the_round_has_reported_and_unclear_ones_for_thirty_days,
        what_a_clock_that_was_ahead_missed_first_leaves_an_hour_after_it_is_missed_by_the_right_one;
    records:
        an_install_knows_how_much_it_keeps_and_what_is_known_already_adds_nothing,
        states_streams_and_the_log_of_polls_are_part_of_what_an_install_keeps,
        reading_an_account_again_moves_only_the_time_it_was_read,
        the_balance_read_last_is_present_also_after_a_clock_that_was_ahead,
        an_equal_balance_changes_nothing_and_the_latest_is_shown_since_it_holds,
        a_row_that_arrives_after_all_leaves_quarantine_for_good,
        a_record_does_not_hide_a_row_rejected_in_its_own_page,
        a_stream_with_an_empty_parent_is_not_the_root,
        a_page_fetched_at_an_older_revision_is_refused_whole,
        an_install_belongs_to_the_subject_that_it_was_bound_to_first,
        incidents_suspend_the_install_whose_component_tried_them_and_no_other,
        calls_are_numbered_in_the_order_in_which_they_begin_each_install_by_itself;
}
