//! Beneficiaries are read whole, from whichever list answers.

use super::*;

fn poll_beneficiaries(bank: &mut Bank, size: u32) -> Result<Vec<Account>, Error> {
    let mut items = Vec::new();
    loop {
        let page = external_accounts::fetch(bank, &request(size, bank.clock))?;
        items.extend(page.items);
        if !page.has_more {
            return Ok(items);
        }
        assert!(bank.requests.len() < 5000, "endless");
    }
}

const FORBIDDEN: (u16, &str) = (403, r#"{"errors":[{"code":"forbidden"}]}"#);
pub(super) const INTERNATIONAL: &str = "/v2/international/beneficiaries";

fn bank_of_beneficiaries(seed: u64) -> Bank {
    let mut bank = Bank { beneficiaries: true, ..Bank::new(seed) };
    bank.scripted.insert(INTERNATIONAL.to_owned(), (FORBIDDEN.0, FORBIDDEN.1.to_owned()));
    bank
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]

    #[test]
    fn no_beneficiary_is_lost_while_the_list_changes(seed: u64, rows in 0usize..80, size in 1u32..30) {
        let mut bank = bank_of_beneficiaries(seed);
        for _ in 0..rows {
            bank.insert();
        }
        let mut store = BTreeMap::new();
        bank.unstable = true;
        for round in 0..4 {
            bank.unstable = round < 2;
            let items = poll_beneficiaries(&mut bank, size).unwrap();
            store.extend(items.into_iter().map(|item| (item.reference, item.raw)));
        }
        for row in &bank.rows {
            prop_assert!(store.contains_key(&row.id.to_string()), "lost {:?}", row);
        }
        let state = bank.state.clone();
        prop_assert_eq!(poll_beneficiaries(&mut bank, size).unwrap(), vec![]);
        prop_assert_eq!(&bank.state, &state);
    }
}

/// What a poll of the international lists brings, and what it does not.
fn poll_international(bank: &mut Bank, size: u32) -> Result<(Vec<Account>, Vec<String>), Error> {
    let (mut items, mut gaps) = (Vec::new(), Vec::new());
    loop {
        let page = international_accounts::fetch(bank, &request(size, bank.clock))?;
        items.extend(page.items);
        gaps.extend(page.gaps.into_iter().map(|gap| gap.what));
        if !page.has_more {
            return Ok((items, gaps));
        }
        assert!(bank.requests.len() < 5000, "endless");
    }
}

#[test]
fn the_same_refusal_of_every_currency_is_one_gap_and_each_poll_asks_anew() {
    for status in [401, 403, 404] {
        let mut bank = bank_of_beneficiaries(3);
        bank.scripted.insert(INTERNATIONAL.to_owned(), (status, FORBIDDEN.1.to_owned()));
        for polls in 1..3 {
            let (items, gaps) = poll_international(&mut bank, 25).unwrap();
            assert_eq!((items.len(), gaps), (0, vec!["international beneficiaries".to_owned()]), "{status}");
            assert_eq!(bank.requests.len(), polls * if status == 401 { 2 } else { 17 });
        }
    }
}

#[test]
fn one_currency_that_cannot_be_read_is_a_gap_and_the_others_are_read() {
    for (status, body) in [(400, ""), (403, ""), (404, ""), (422, ""), (500, ""), (200, "<html>")] {
        let mut bank = bank_of_beneficiaries(3);
        let row = r#"{"international_beneficiaries":[{"id":"i"}]}"#.to_owned();
        bank.scripted.insert(INTERNATIONAL.to_owned(), (200, row));
        bank.scripted.insert(format!("{INTERNATIONAL}?currency=CHF"), (status, body.to_owned()));
        let (items, gaps) = poll_international(&mut bank, 25).unwrap();
        assert_eq!((items.len(), gaps), (16, vec!["international beneficiaries in CHF".to_owned()]), "{status}");
    }
}

#[test]
fn every_currency_is_asked_and_one_that_qonto_does_not_know_is_empty() {
    let mut bank = bank_of_beneficiaries(3);
    let invalid = r#"{"errors":[{"code":"invalid_currency"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (422, invalid));
    assert_eq!(poll_international(&mut bank, 25).unwrap(), (vec![], vec![]));
    assert_eq!(bank.requests.len(), 17);
    let row = r#"{"international_beneficiaries":[{"id":"i"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (200, row));
    let (items, _) = poll_international(&mut bank, 25).unwrap();
    let assets: BTreeSet<_> = items.into_iter().map(|item| item.default_asset.unwrap()).collect();
    assert_eq!(assets.len(), 17);
    assert!(assets.contains("JPY/0") && assets.contains("USD/2"));
}

#[test]
fn the_old_list_answers_when_the_new_one_is_gone() {
    let mut bank = bank_of_beneficiaries(3);
    bank.insert();
    bank.scripted.insert("/v2/sepa/beneficiaries".to_owned(), (410, String::new()));
    assert_eq!(poll_beneficiaries(&mut bank, 25).unwrap().len(), 1);
    let before = bank.requests.len();
    poll_beneficiaries(&mut bank, 25).unwrap();
    assert!(bank.requests[before].contains("/v2/beneficiaries?"), "{}", bank.requests[before]);
    bank.scripted.insert("/v2/beneficiaries".to_owned(), (404, String::new()));
    assert!(matches!(poll_beneficiaries(&mut bank, 25), Err(Error::NotFound(_))));
}
