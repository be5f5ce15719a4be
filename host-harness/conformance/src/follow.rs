//! Which failures follow from another: a connector that cannot read a first page fails half the catalogue, and one of
//! these failures is the one to start with.

use super::check::Verdict;
use super::suite::Checked;

/// Checks that do little else than what each other one does as well: where one of them fails in the same way, it is the one
/// to start with.
const SIMPLEST: [&str; 7] = ["A1", "A2", "A3", "C1", "K1", "P1", "K2"];
/// Words at the end of two reasons that are the same thing said twice; less may be chance.
const SAME: usize = 6;

/// Puts down of each check that did not pass from which other one that follows, if from any. The one to start with follows
/// from none.
pub(super) fn follow(checks: &mut [Checked]) {
    let mut order: Vec<usize> = (0..checks.len()).collect();
    order.sort_by_key(|place| {
        SIMPLEST
            .iter()
            .position(|id| checks.get(*place).is_some_and(|checked| checked.id == *id))
            .unwrap_or(SIMPLEST.len())
    });
    let mut roots: Vec<usize> = Vec::new();
    for place in order {
        let Some(checked) = checks.get(place) else { continue };
        let is_open = matches!(checked.verdict, Verdict::Fail | Verdict::Inconclusive);
        let root =
            roots.iter().find_map(|root| checks.get(*root).filter(|root| is_open && follows(checked, root, checks)));
        match root.map(|root| root.id) {
            Some(id) => set(checks, place, id),
            None if checked.verdict == Verdict::Fail => roots.push(place),
            None => {}
        }
    }
}

fn set(checks: &mut [Checked], place: usize, root: &'static str) {
    if let Some(checked) = checks.get_mut(place) {
        checked.follows = Some(root);
    }
}

fn follows(checked: &Checked, root: &Checked, all: &[Checked]) -> bool {
    let names = |id: &str| named(&checked.reason).is_some_and(|named| named == id);
    let sent = all.iter().any(|other| names(other.id) && (other.id == root.id || other.follows == Some(root.id)));
    let lost = |checked: &Checked| checked.evidence.as_ref().is_some_and(|evidence| evidence.lost.is_some());
    // Every check that loses a row says so in the same words.
    let same = if lost(root) && lost(checked) {
        SIMPLEST.contains(&root.id)
    } else {
        says_the_same(&root.reason, &checked.reason)
    };
    sent || same
}

/// The check to which a reason sends its reader: `…: see P1`.
fn named(reason: &str) -> Option<&str> {
    reason.rsplit_once(": see ").map(|(_, named)| named.split(' ').next().unwrap_or_default())
}

/// Whether two reasons end with the same words, those left out that name a record or a number.
fn says_the_same(one: &str, other: &str) -> bool {
    let is_word = |word: &&str| !word.contains(|c: char| c.is_ascii_digit() || c == '"');
    let words =
        |reason: &'_ str| reason.split_whitespace().rev().filter(is_word).map(str::to_owned).collect::<Vec<_>>();
    words(one).iter().zip(&words(other)).take_while(|(one, other)| one == other).count() >= SAME
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::check::Tier;
    use crate::evidence::Evidence;
    use crate::lost::Lost;

    fn checked(id: &'static str, verdict: Verdict, reason: &str) -> Checked {
        let check = catalogue::with([]).find(|check| check.id == id).unwrap();
        let evidence = reason.contains("is missing").then(|| {
            let lost = Some(Lost { told: "there".into(), exchange: None });
            Box::new(Evidence { lost, ..Evidence::new(reason) })
        });
        let reason = reason.to_owned();
        Checked {
            check,
            id,
            title: "-",
            tier: Tier::One,
            verdict,
            reason,
            millis: 1,
            evidence,
            again: None,
            follows: None,
        }
    }

    /// Which checks follow from which, as `P4<P1`.
    fn folded(found: &[(&'static str, Verdict, &str)]) -> Vec<String> {
        let mut checks: Vec<Checked> =
            found.iter().map(|(id, verdict, reason)| checked(id, *verdict, reason)).collect();
        follow(&mut checks);
        checks.iter().filter_map(|checked| Some(format!("{}<{}", checked.id, checked.follows?))).collect()
    }

    #[test]
    fn the_simplest_of_those_that_fail_in_the_same_way_is_the_one_to_start_with() {
        let refused = |stream: &str| {
            format!("the stream {stream} failed: the provider does not accept the credentials: HTTP 401")
        };
        let (one, other) = (refused("payments/1"), refused("accounts"));
        let found = [
            ("C5", Verdict::Fail, &*one),
            ("C4", Verdict::Fail, "`check` gave `unauthorized`"),
            ("K1", Verdict::Fail, &other),
            ("P1", Verdict::Fail, &one),
            ("H1", Verdict::Inconclusive, "not even a provider that is well is read to its end: see P1"),
            ("X1", Verdict::Pass, &one),
        ];
        assert_eq!(folded(&found), ["C5<K1", "P1<K1", "H1<K1"]);
    }

    #[test]
    fn who_loses_rows_in_an_ordinary_poll_loses_them_in_every_other() {
        let lost = "after the first poll, payment 1 is missing (2026-06-01 07:21:00 UTC, succeeded, on 7)";
        let more = "with pages of 1, payment 2 is missing (2026-06-01 07:22:00 UTC, succeeded, on 7)";
        assert_eq!(folded(&[("P1", Verdict::Fail, lost), ("P4", Verdict::Fail, more)]), ["P4<P1"]);
        // Who loses them in two extraordinary ones may have two bugs.
        assert!(folded(&[("P2", Verdict::Fail, lost), ("P4", Verdict::Fail, more)]).is_empty());
    }

    #[test]
    fn failures_of_their_own_stay_their_own() {
        let found = [
            ("K1", Verdict::Fail, "the manifest lists `fetch-balances`, and a poll gave no balance"),
            ("X1", Verdict::Fail, "the secret is in a record"),
            ("K3", Verdict::Inconclusive, "the connector reads fewer than two accounts: see A3"),
        ];
        assert!(folded(&found).is_empty());
    }

    #[test]
    fn the_simplest_checks_are_in_the_catalogue() {
        for id in SIMPLEST {
            assert!(catalogue::with([]).any(|check| check.id == id), "{id}");
        }
    }
}
