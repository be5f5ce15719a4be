//! What was emitted lately: a bounded set of versions of rows.

use crate::codec;
use crate::row::items;
use crate::time::DAY;

/// How many versions a set may hold: some 12 000 bytes of JSON.
const LIMIT: usize = 400;
/// How many more of times that will be met once more: three full sets fit a state then, with all walks.
const MET_AGAIN: usize = 50;
/// How far behind the row before it a row is, in milliseconds, before it may be an oddity.
const JUMP: i64 = 30 * DAY;
/// More rows than this behind such a distance are none.
const FEW: usize = 25;

/// A set of (`updated_at` in milliseconds, fingerprint of the row's bytes), sorted.
///
/// The fingerprint instead of the identifier: it tells two edits within one millisecond apart, and it is short. When the
/// set is full the oldest go first, so what remains depends only on what was added, not in which order: reading the same
/// rows again leaves the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(Vec<(i64, i64)>);

impl Seen {
    /// Reads what `write` wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn read(json: &str) -> Result<Self, String> {
        let numbers: Option<Vec<i64>> = items(json)
            .and_then(|items| items.into_iter().map(|item| item.parse().ok()).collect())
            .filter(|numbers: &Vec<i64>| numbers.len().is_multiple_of(2));
        let numbers = numbers.ok_or("seen: expected pairs of numbers")?;
        let pairs: Vec<(i64, i64)> = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        if pairs.is_sorted_by(|one, other| one < other) { Ok(Self(pairs)) } else { Err("seen: not sorted".to_owned()) }
    }

    /// The set as a JSON list: each instant followed by a fingerprint.
    #[must_use]
    pub fn write(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(millis, print)| format!("{millis},{print}")).collect();
        codec::list(pairs.iter().map(String::as_str))
    }

    /// Remembers a version of a row; false when it was added before and is still remembered.
    pub fn add(&mut self, millis: i64, raw: &str) -> bool {
        let version = (millis, fingerprint(raw));
        let place = self.0.binary_search(&version);
        if let Err(at) = place {
            self.0.insert(at, version);
        }
        place.is_err()
    }

    /// The time to go on from, where everything up to `from` was read, and all of these: the newest, but for a few that lie
    /// far behind all others. One row with a time of next century would outrank all rows to come. A few that are no
    /// oddity are read again until more have joined them.
    #[must_use]
    pub fn mark(&self, from: Option<i64>) -> Option<i64> {
        let times = || self.0.iter().map(|(millis, _)| *millis);
        let mut mark = from.or_else(|| times().next())?;
        for (place, millis) in times().enumerate().filter(|(_, millis)| from.is_none_or(|from| *millis > from)) {
            // By the instants: one row that is edited for ever is one oddity.
            if millis.saturating_sub(mark) > JUMP && self.instants_from(place) <= FEW {
                break;
            }
            mark = millis;
        }
        Some(mark)
    }

    /// How many versions it holds from a time on.
    #[must_use]
    pub fn count_from(&self, millis: i64) -> usize {
        self.0.len() - self.0.partition_point(|(time, _)| *time < millis)
    }

    /// Forgets the oldest when there is too much, but for some of times that will be met once more. Gives the newest time of
    /// what is forgotten, of which nothing is remembered.
    pub fn bound(&mut self, is_met_again: impl Fn(i64) -> bool) -> Option<i64> {
        let newest = self.0.split_off(self.0.len().saturating_sub(LIMIT));
        let oldest = newest.first().map_or(i64::MAX, |(millis, _)| *millis);
        let (kept, forgotten): (Vec<_>, Vec<_>) = self.0.drain(..).partition(|(millis, _)| is_met_again(*millis));
        self.0.extend(&kept[kept.len().saturating_sub(MET_AGAIN)..]);
        self.0.extend(newest);
        forgotten.into_iter().map(|(millis, _)| millis).filter(|millis| *millis < oldest).max()
    }

    fn instants_from(&self, place: usize) -> usize {
        let later = self.0.get(place..).unwrap_or_default();
        later.chunk_by(|one, other| one.0 == other.0).count()
    }

    /// Forgets what is older than `horizon`, and the oldest when there is too much.
    pub fn trim(&mut self, horizon: i64) {
        let old = self.0.partition_point(|(millis, _)| *millis < horizon);
        let excess = self.0.len().saturating_sub(LIMIT);
        self.0.drain(..old.max(excess));
    }
}

/// 48 bits in which two versions of rows that share a millisecond differ. Eight bytes a step, since every byte of every row
/// passes here; the next version of the connector has to find the same.
#[must_use]
pub fn fingerprint(raw: &str) -> i64 {
    let (words, rest) = raw.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let length = u64::try_from(raw.len()).unwrap_or_default();
    let step = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = words.iter().chain([&last]).fold(length, |hash, word| step(hash, u64::from_le_bytes(*word)));
    i64::try_from((hash ^ (hash >> 32)) >> 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn filled(rows: impl IntoIterator<Item = (i64, String)>, every: usize) -> Seen {
        let mut seen = Seen::default();
        for (count, (millis, raw)) in rows.into_iter().enumerate() {
            seen.add(millis, &raw);
            if count % every == 0 {
                seen.trim(i64::MIN);
            }
        }
        seen.trim(i64::MIN);
        seen
    }

    #[test]
    fn the_set_stays_within_its_bytes_and_keeps_the_newest() {
        for tie in [1, 3, 100_000] {
            let rows = (0..100_000i64).map(|row| (1_769_854_830_000 + row / tie, row.to_string()));
            let seen = filled(rows, 100);
            assert!(seen.write().len() <= 12_000 + 800);
            assert_eq!(Seen::read(&seen.write()).unwrap(), seen);
            if tie < 100_000 {
                assert!(!seen.clone().add(1_769_854_830_000 + 99_999 / tie, "99999"));
                assert!(seen.clone().add(1_769_854_830_000, "0"));
            }
        }
    }

    #[test]
    fn another_version_in_the_same_millisecond_is_another_row() {
        let seen = filled([(5, "a".to_owned())], 1);
        let is_news = |millis, raw| seen.clone().add(millis, raw);
        assert!(!is_news(5, "a"));
        assert!(is_news(5, "b") && is_news(6, "a") && is_news(5, "a\0") && is_news(5, ""));
    }

    #[test]
    fn a_fingerprint_is_the_same_in_every_version_and_depends_on_every_byte() {
        assert_eq!(fingerprint(""), 0);
        assert_eq!(fingerprint("{\"id\":\"t1\",\"amount\":1.5}"), 37_630_369_789_195);
        let row = "0123456789abcdef0123";
        let mut prints: Vec<i64> =
            (0..row.len()).map(|at| fingerprint(&format!("{}x{}", &row[..at], &row[at + 1..]))).collect();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), row.len());
    }

    #[test]
    fn what_is_met_again_is_remembered_within_bounds_and_the_newest_time_forgotten_is_told() {
        let mut seen = Seen::default();
        for row in 0..1000 {
            seen.add(row, &row.to_string());
        }
        assert_eq!(seen.bound(|time| time == 7 || (100..400).contains(&time)), Some(599));
        assert_eq!((seen.0.len(), seen.0[0].0, seen.0[MET_AGAIN].0), (LIMIT + MET_AGAIN, 350, 600));
        // Of one instant some are forgotten and some remembered: what is remembered tells that time.
        let mut tied = Seen::default();
        for row in 0..500 {
            tied.add(if row < 10 { 1 } else { 2 }, &row.to_string());
        }
        assert_eq!(tied.bound(|_| false), Some(1));
        assert_eq!(seen.bound(|_| true), None);
    }

    #[test]
    fn three_full_sets_fit_a_state_with_all_walks() {
        // Of this century, and a walk in the middle of a tie.
        let pair = format!("{},{},", 4_102_444_800_000_i64, (1_i64 << 48) - 1).len();
        let walk = 250;
        assert!(3 * (pair * (LIMIT + MET_AGAIN) + walk * crate::payments_state::WINDOWS) < 64 * 1024);
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for json in ["{}", "[1]", "[1,2,3]", "[1,\"2\"]", "[2,1,1,1]", "[1,1,1,1]", "[1.5,1]", "7"] {
            assert!(Seen::read(json).is_err(), "{json}");
        }
    }

    fn of(days: &[i64]) -> Seen {
        let mut seen = Seen::default();
        for (number, day) in days.iter().enumerate() {
            seen.add(day * DAY, &number.to_string());
        }
        seen
    }

    #[test]
    fn a_few_rows_far_ahead_of_all_others_are_no_mark_and_many_are() {
        let next_century = 30_000;
        for (days, from, mark) in [
            (vec![], None, None),
            (vec![], Some(7), Some(7)),
            (vec![1, 2, 31], None, Some(31)),
            (vec![1, 2, 33], None, Some(2)),
            (vec![1, 2, next_century], Some(2), Some(2)),
            (vec![1, 2, next_century, next_century + 400], None, Some(2)),
            (vec![5, 40, 75], Some(9), Some(9)),
            ((100..126).collect(), Some(2), Some(125)),
            ((101..126).collect(), Some(2), Some(2)),
        ] {
            assert_eq!(of(&days).mark(from.map(|day| day * DAY)), mark.map(|day: i64| day * DAY), "{days:?} {from:?}");
        }
    }

    proptest! {
        #[test]
        fn reading_the_same_rows_again_in_pages_leaves_the_same_set(
            ties in 1i64..40, rows in 0i64..2000, page in 1usize..200
        ) {
            let rows = || (0..rows).map(|row| (row / ties, row.to_string()));
            let mut seen = filled(rows(), page);
            let before = seen.clone();
            for (count, (millis, raw)) in rows().enumerate() {
                seen.add(millis, &raw);
                if count % 7 == 0 { seen.trim(i64::MIN); }
            }
            seen.trim(i64::MIN);
            prop_assert_eq!(seen, before);
        }
    }
}
