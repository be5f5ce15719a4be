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
const INTERNATIONAL: &str = "/v2/international/beneficiaries";

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

#[test]
fn a_refused_international_list_is_asked_once() {
    let mut bank = bank_of_beneficiaries(3);
    bank.insert();
    assert_eq!(poll_beneficiaries(&mut bank, 25).unwrap().len(), 1);
    poll_beneficiaries(&mut bank, 25).unwrap();
    let asked = bank.requests.iter().filter(|url| url.contains(INTERNATIONAL)).count();
    assert_eq!((asked, bank.requests.len()), (1, 3));
    assert!(String::from_utf8(bank.state.unwrap()).unwrap().contains(r#""international":"refused""#));
}

#[test]
fn every_currency_is_asked_and_one_that_qonto_does_not_know_is_empty() {
    let mut bank = bank_of_beneficiaries(3);
    let invalid = r#"{"errors":[{"code":"invalid_currency"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (422, invalid));
    assert_eq!(poll_beneficiaries(&mut bank, 25).unwrap(), []);
    assert_eq!(bank.requests.len(), 1 + 17);
    let row = r#"{"international_beneficiaries":[{"id":"i"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (200, row));
    let assets: BTreeSet<_> =
        poll_beneficiaries(&mut bank, 25).unwrap().into_iter().map(|item| item.default_asset.unwrap()).collect();
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
