//! What was emitted lately: a bounded set of versions of rows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// How many bytes of JSON a set may take.
const LIMIT: usize = 12_000;
/// What an instant of its own costs in JSON, and what each version costs.
const INSTANT_COST: usize = 26;
const VERSION_COST: usize = 15;

/// A set of (`updated_at` in milliseconds, fingerprint of the row's bytes).
///
/// The fingerprint instead of the identifier: it tells two edits within one millisecond apart, and it is short. When the
/// set is full the oldest go first, so what remains depends only on what was added, not in which order: reading the same
/// rows again leaves the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(BTreeMap<i64, BTreeSet<String>>);

impl Seen {
    /// Whether this version of a row was added and is still remembered.
    #[must_use]
    pub fn contains(&self, millis: i64, raw: &str) -> bool {
        self.0.get(&millis).is_some_and(|versions| versions.contains(&fingerprint(raw)))
    }

    /// Remembers a version of a row.
    pub fn add(&mut self, millis: i64, raw: &str) {
        self.0.entry(millis).or_default().insert(fingerprint(raw));
    }

    /// Forgets what is older than `horizon`, and the oldest when there is too much.
    pub fn trim(&mut self, horizon: i64) {
        self.0 = self.0.split_off(&horizon);
        let mut cost: usize = self.0.values().map(|versions| INSTANT_COST + VERSION_COST * versions.len()).sum();
        while cost > LIMIT {
            let Some(mut oldest) = self.0.first_entry() else { return };
            oldest.get_mut().pop_first();
            cost -= VERSION_COST;
            if oldest.get().is_empty() {
                oldest.remove();
                cost -= INSTANT_COST;
            }
        }
    }
}

/// 48 bits of FNV-1a: two versions of rows that share a millisecond differ in it.
fn fingerprint(raw: &str) -> String {
    let hash = raw
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{:012x}", (hash >> 48) ^ (hash & 0xffff_ffff_ffff))
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
            assert!(serde_json::to_string(&seen).unwrap().len() <= LIMIT + 2);
            if tie < 100_000 {
                assert!(seen.contains(1_769_854_830_000 + 99_999 / tie, "99999"));
                assert!(!seen.contains(1_769_854_830_000, "0"));
            }
        }
    }

    #[test]
    fn another_version_in_the_same_millisecond_is_another_row() {
        let seen = filled([(5, "a".to_owned())], 1);
        assert!(seen.contains(5, "a"));
        assert!(!seen.contains(5, "b"));
        assert!(!seen.contains(6, "a"));
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
