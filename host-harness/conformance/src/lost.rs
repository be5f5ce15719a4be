//! Where a row was lost: its place among the rows of its account, and the answer in which it stood or beside which the
//! page ended.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sim::{TruePayment, Truth};

/// Rows before and after the lost one by which the page that ended there is found.
const NEAR: usize = 8;

/// What is known of how a row was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Its place, and the page that ended there, in a sentence.
    pub told: String,
    /// The number of the exchange that tells it; none where no answer holds a row near it.
    pub exchange: Option<usize>,
}

/// An account's payment with its reference.
type Row<'t> = (&'t str, &'t TruePayment);

/// When a payment happened last, by which lists are ordered.
#[must_use]
pub fn instant(payment: &TruePayment) -> DateTime<Utc> {
    payment.updated_at.unwrap_or(payment.created_at)
}

/// How the payment `reference` was lost. `answers` are bodies with the numbers of their exchanges, oldest first.
pub(crate) fn lost(reference: &str, truth: &Truth, answers: &[(usize, &[u8])]) -> Option<Lost> {
    let account = &truth.payments.get(reference)?.account;
    let mut rows: Vec<Row<'_>> = truth.payments.iter().map(|(reference, row)| (&**reference, row)).collect();
    rows.retain(|(_, row)| row.account == *account);
    rows.sort_by_key(|(reference, row)| (instant(row), *reference));
    let place = rows.iter().position(|(known, _)| *known == reference)?;
    let near = rows.get(place.saturating_sub(NEAR)..rows.len().min(place + NEAR + 1))?;
    let held = held(near, answers);
    let place_told = format!("it is row {} of the {} of its account by time", place + 1, rows.len());
    if let Some((number, _)) = held.iter().find(|(_, held)| held.contains(reference)) {
        let told = format!("{place_told}, and the answer of exchange {number} holds it");
        return Some(Lost { told, exchange: Some(*number) });
    }
    let when = instant(rows.get(place)?.1);
    // The rows before it count more than those behind: a page that ends before it should have had it next.
    let nearness = |row: &Row<'_>| ((instant(row.1) - when).abs(), instant(row.1) > when);
    let mut by_nearness: Vec<Row<'_>> = near.to_vec();
    by_nearness.sort_by_key(nearness);
    let page = by_nearness.iter().find_map(|(known, row)| {
        let page = held.iter().rev().find(|(_, held)| held.contains(*known))?;
        Some((page.0, instant(row)))
    });
    Some(match page {
        Some((number, beside)) => Lost {
            told: format!(
                "{place_told}; no answer holds it, and the page of exchange {number} ended beside it, at {}",
                beside.format("%Y-%m-%d %H:%M:%S UTC")
            ),
            exchange: Some(number),
        },
        None => Lost { told: format!("{place_told}; no answer holds it or a row near it"), exchange: None },
    })
}

/// Which of these rows each answer holds, byte for byte as the provider spells them; answers with none are left out.
fn held<'t>(rows: &[Row<'t>], answers: &[(usize, &[u8])]) -> Vec<(usize, BTreeSet<&'t str>)> {
    let Ok(search) = AhoCorasick::new(rows.iter().map(|(_, row)| row.raw.as_bytes())) else { return Vec::new() };
    let of = |body: &[u8]| {
        let found = search.find_overlapping_iter(body);
        found.filter_map(|found| rows.get(found.pattern().as_usize())).map(|(reference, _)| *reference).collect()
    };
    let held = answers.iter().map(|(number, body)| (*number, of(body)));
    held.filter(|(_, held): &(usize, BTreeSet<&str>)| !held.is_empty()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use model::{PaymentStatus, PaymentType};

    /// Payments `a` to `e`, a minute apart, `c` and `d` of one instant.
    fn truth() -> Truth {
        let payment = |name: &str, minute: i64| TruePayment {
            account: "account".into(),
            payment_type: PaymentType::Transfer,
            incoming: None,
            status: PaymentStatus::Succeeded,
            amount: "1".into(),
            asset: "EUR/2".into(),
            created_at: DateTime::from_timestamp(minute * 60, 0).unwrap(),
            created_on_day: false,
            updated_at: None,
            fees: vec![],
            counter_amount: None,
            parent: None,
            raw: format!("{{\"id\":\"{name}\"}}"),
        };
        let rows = [("a", 0), ("b", 1), ("c", 2), ("d", 2), ("e", 3)];
        let payments = rows.map(|(name, minute)| (name.to_owned(), payment(name, minute))).into();
        let mut truth = Truth { payments, ..Truth::default() };
        truth.payments.get_mut("b").unwrap().account = "another".into();
        truth
    }

    fn page(names: &str) -> Vec<u8> {
        names.chars().map(|name| format!("{{\"id\":\"{name}\"}}")).collect::<Vec<_>>().join(",").into_bytes()
    }

    fn lost_of(reference: &str, pages: &[&str]) -> Lost {
        let pages: Vec<Vec<u8>> = pages.iter().map(|names| page(names)).collect();
        let answers: Vec<(usize, &[u8])> = pages.iter().enumerate().map(|(place, body)| (place + 7, &**body)).collect();
        lost(reference, &truth(), &answers).unwrap()
    }

    #[test]
    fn a_row_that_an_answer_holds_was_lost_there() {
        let lost = lost_of("d", &["a", "cd", "e"]);
        assert_eq!(lost.exchange, Some(8));
        assert_eq!(lost.told, "it is row 3 of the 4 of its account by time, and the answer of exchange 8 holds it");
    }

    #[test]
    fn a_row_that_no_answer_holds_was_lost_behind_the_page_that_ended_beside_it() {
        let lost = lost_of("d", &["ac", "e", "b"]);
        assert_eq!(lost.exchange, Some(7));
        let said = "row 3 of the 4 of its account by time; no answer holds it, and the page of exchange 7 ended beside it, at 1970-01-01 00:02:00 UTC";
        assert!(lost.told.ends_with(said), "{}", lost.told);
        assert_eq!(lost_of("e", &["a", "c"]).exchange, Some(8));
        assert_eq!(lost_of("a", &["e", "c"]).exchange, Some(8));
    }

    #[test]
    fn a_row_far_from_every_answer_has_its_place_only() {
        assert_eq!(lost_of("a", &["b"]).exchange, None);
        assert_eq!(lost("z", &truth(), &[]), None);
    }
}
