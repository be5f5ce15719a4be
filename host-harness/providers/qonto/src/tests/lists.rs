//! Accounts and beneficiaries.

use super::*;

#[test]
fn accounts_are_in_the_organization_and_in_a_list_of_their_own() {
    let mut world = catalogue();
    let slugs = |body: &Value| {
        let accounts = body["organization"]["bank_accounts"].as_array().expect("a list");
        accounts.iter().map(|account| account["slug"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let (_, body) = get(&mut world, "/v2/organization");
    assert_eq!(slugs(&body).len(), 4);
    let (_, body) = get(&mut world, "/v2/organization?include_external_accounts=true");
    assert_eq!(slugs(&body)[2], "catalogue-1-bank-account-3");
    let (_, body) = get(&mut world, "/v2/bank_accounts");
    let accounts = body["bank_accounts"].as_array().expect("a list");
    assert_eq!((accounts.len(), body.get("meta")), (5, None));
    assert!(accounts.iter().all(|account| account.get("slug").is_none() && account["organization_id"].is_string()));
    let id = accounts[1]["id"].as_str().expect("text").to_owned();
    assert_eq!(get(&mut world, &format!("/v2/bank_accounts/{id}")).1["bank_account"]["status"], "closed");
    assert_eq!(get(&mut world, "/v2/bank_accounts/nope").0, 404);
    world.dialect.bank_accounts_meta = true;
    assert_eq!(get(&mut world, "/v2/bank_accounts?per_page=2").1["meta"]["next_page"], 2);
}

#[test]
fn any_endpoint_can_be_forbidden() {
    let mut world = catalogue();
    world.dialect.legacy_beneficiaries = true;
    for (endpoint, path) in [
        (Endpoint::Organization, "/v2/organization"),
        (Endpoint::BankAccounts, "/v2/bank_accounts"),
        (Endpoint::Transactions, "/v2/transactions?iban=x"),
        (Endpoint::SepaBeneficiaries, "/v2/sepa/beneficiaries"),
        (Endpoint::InternationalBeneficiaries, "/v2/international/beneficiaries?currency=USD"),
        (Endpoint::LegacyBeneficiaries, "/v2/beneficiaries"),
    ] {
        assert_ne!(get(&mut world, path).0, 403, "{path}");
        world.dialect.forbidden.insert(endpoint);
        assert_eq!(get(&mut world, path).0, 403, "{path}");
    }
}

#[test]
fn sepa_beneficiaries_come_25_at_a_time_newest_first_and_know_no_filter_by_time() {
    let (mut world, _) = world();
    for number in 0..30 {
        let iban = french_iban(99_999, 1, number);
        let status = if number == 7 { "pending" } else { "validated" };
        let at = at(i64::try_from(number).expect("small"));
        let row = Beneficiary::sepa(&format!("B{number}"), &iban, "FICTFRP2XXX", at).set("status", status);
        world.sepa_beneficiary(row.set("trusted", number != 3));
    }
    let mut names = |rest: &str| {
        let (_, body) = get(&mut world, &format!("/v2/sepa/beneficiaries?{rest}"));
        body["beneficiaries"].as_array().expect("a list").iter().map(|row| row["name"].to_string()).collect::<Vec<_>>()
    };
    let all = names("updated_at_from=2026-12-01");
    assert_eq!((all.len(), all[0].as_str()), (25, "\"B29\""));
    assert_eq!(names("sort_by=updated_at:asc")[0], "\"B0\"");
    assert_eq!(names("status[]=pending"), ["\"B7\""]);
    assert_eq!(names("trusted=false"), ["\"B3\""]);
    assert_eq!(names(&format!("iban[]={}", french_iban(99_999, 1, 4))), ["\"B4\""]);
    let id = world.beneficiary_ids()[4].clone();
    assert!(world.edit_beneficiary(&id, at(99), |row| {
        row.set("name", "Edited");
    }));
    let (_, body) = get(&mut world, "/v2/sepa/beneficiaries");
    assert_eq!(
        (&body["beneficiaries"][0]["name"], body["beneficiaries"][0].get("bank_account")),
        (&"Edited".into(), None)
    );
    world.dialect.nested_bank_account = true;
    let (_, body) = get(&mut world, &format!("/v2/sepa/beneficiaries/{id}"));
    assert_eq!(body["beneficiary"]["bank_account"]["iban"], french_iban(99_999, 1, 4));
    assert!(world.delete_beneficiary(&id) && !world.delete_beneficiary(&id));
}

#[test]
fn international_beneficiaries_come_by_currency_and_legacy_ones_all_together() {
    let mut world = catalogue();
    let (_, body) = get(&mut world, "/v2/international/beneficiaries?currency=JPY");
    assert_eq!((body["beneficiaries"][0]["country"].as_str(), &body["meta"]["total_count"]), (Some("JP"), &1.into()));
    world.dialect.long_international_key = true;
    let (_, body) = get(&mut world, "/v2/international/beneficiaries?currency=CHF");
    assert_eq!(body["international_beneficiaries"], json("[]"));
    world.dialect.legacy_beneficiaries = true;
    let (_, body) = get(&mut world, "/v2/beneficiaries?sort_by=updated_at:asc");
    let rows = body["beneficiaries"].as_array().expect("a list");
    assert_eq!((rows.len(), &rows[8]["bank_account"]["account_number"]), (11, &"000123456789".into()));
}
