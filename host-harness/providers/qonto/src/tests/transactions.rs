//! The list of transactions: filters, order, changes, spelling.

use super::*;

/// Three completed, one pending, one declined, a second apart.
fn statuses() -> (QontoWorld, String) {
    let (mut world, account) = world();
    let rows = [("a", "completed"), ("b", "pending"), ("c", "declined"), ("d", "completed"), ("e", "completed")];
    for (seconds, (label, status)) in (0..).zip(rows) {
        world.transaction(Transaction::on(&account, at(seconds)).status(status).label(label).id(label));
    }
    (world, account)
}

#[test]
fn only_completed_rows_come_unless_others_are_asked_for() {
    let (mut world, account) = statuses();
    let mut list = |filter, rest: &str| {
        world.dialect.status_filter = filter;
        let (_, body) =
            get(&mut world, &format!("/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc{rest}"));
        labels(&body).concat()
    };
    let two = "&status[]=pending&status%5B%5D=declined";
    assert_eq!(list(StatusFilter::All, ""), "ade");
    assert_eq!(list(StatusFilter::All, "&status[]=pending"), "b");
    assert_eq!(list(StatusFilter::All, two), "bc");
    assert_eq!(list(StatusFilter::First, two), "b");
    assert_eq!(list(StatusFilter::Last, two), "c");
}

#[test]
fn a_window_takes_or_leaves_its_bounds() {
    let (mut world, account) = statuses();
    let mut list = |rest: &str, from, to| {
        (world.dialect.from_inclusive, world.dialect.to_inclusive) = (from, to);
        let (_, body) =
            get(&mut world, &format!("/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc{rest}"));
        labels(&body).concat()
    };
    let d = "2026-09-01T08:00:03.000Z";
    for field in ["updated_at", "emitted_at", "settled_at", "created_at"] {
        assert_eq!(list(&format!("&{field}_from={d}"), true, true), "de");
        assert_eq!(list(&format!("&{field}_from={d}"), false, true), "e");
        assert_eq!(list(&format!("&{field}_to={d}"), true, true), "ad");
        assert_eq!(list(&format!("&{field}_to={d}"), true, false), "a");
    }
    // An offset, a bare date (its midnight), and no settlement.
    assert_eq!(list("&updated_at_from=2026-09-01T10:00:03%2B02:00", true, true), "de");
    assert_eq!(list("&updated_at_to=2026-09-01", true, true), "");
    assert_eq!(list("&status[]=pending&settled_at_from=2026-01-01", true, true), "");
}

#[test]
fn a_filter_can_be_ignored() {
    let (mut world, account) = statuses();
    let path = format!(
        "/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc&updated_at_from=2026-09-01T08:00:03Z"
    );
    world.dialect.updated_at_from_ignored = true;
    assert_eq!(labels(&get(&mut world, &path).1).concat(), "ade");
    world.dialect.sort_ignored = true;
    assert_eq!(labels(&get(&mut world, &path).1).concat(), "eda");
}

#[test]
fn rows_are_sorted_by_the_field_asked_for_and_newest_settled_first_by_default() {
    let (mut world, account) = world();
    for (label, emitted, settled, updated) in [("a", 1, 9, 12), ("b", 2, 8, 11), ("c", 3, 7, 13)] {
        let row = Transaction::on(&account, at(emitted)).settled(at(settled)).updated(at(updated));
        world.transaction(row.label(label));
    }
    let mut list = |sort: &str| {
        let (_, body) = get(&mut world, &format!("/v2/transactions?bank_account_id={account}{sort}"));
        labels(&body).concat()
    };
    assert_eq!(list(""), "abc");
    assert_eq!(list("&sort_by=:asc"), "cba");
    assert_eq!(list("&sort_by=emitted_at"), "cba");
    assert_eq!(list("&sort_by=updated_at:asc"), "bac");
    assert_eq!(list("&sort_by=updated_at:desc"), "cab");
    assert_eq!(list("&sort_by=updated_at:desc&per_page=1&page=3"), "b");
}

#[test]
fn side_operation_type_and_iban_filter() {
    let mut world = catalogue();
    let iban = french_iban(0, 1, 1);
    let (_, body) = get(
        &mut world,
        &format!("/v2/transactions?iban={iban}&side=credit&operation_type[]=cheque&operation_type[]=swift_income"),
    );
    let mut kinds = labels(&body);
    kinds.sort_unstable();
    assert_eq!(kinds, ["Check", "SwiftIncome"]);
    assert_eq!(get(&mut world, &format!("/v2/transactions?iban={iban}&side=left")).0, 422);
    assert_eq!(get(&mut world, "/v2/transactions?iban=FR00").0, 404);
}

#[test]
fn an_edit_moves_a_row_a_flip_moves_it_to_another_list_and_a_deletion_ends_it() {
    let (mut world, account) = statuses();
    let list = |world: &mut QontoWorld, status: &str| {
        let path = format!("/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc&status[]={status}");
        labels(&get(world, &path).1).concat()
    };
    assert!(world.edit("a", at(60), |row| {
        row.set("note", "late");
    }));
    assert_eq!(list(&mut world, "completed"), "dea");
    assert!(world.flip("b", at(61), "completed"));
    assert_eq!((list(&mut world, "completed"), list(&mut world, "pending")), ("deab".to_owned(), String::new()));
    let (_, body) = get(&mut world, "/v2/transactions/b");
    assert_eq!(body["transaction"]["settled_at"], "2026-09-01T08:01:01.000Z");
    assert!(world.delete("d") && !world.delete("d") && !world.edit("d", at(62), |_| {}));
    assert_eq!(list(&mut world, "completed"), "eab");
    assert_eq!(get(&mut world, "/v2/transactions/d").0, 404);
    assert_eq!(world.rows().len(), 4);
}

#[test]
fn ties_are_in_the_order_of_their_ids() {
    let (mut world, account) = world();
    for label in ["c", "a", "b"] {
        world.transaction(Transaction::on(&account, at(0)).id(label).label(label));
    }
    let path = format!("/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc");
    assert_eq!(labels(&get(&mut world, &path).1).concat(), "abc");
}

#[test]
fn lists_show_a_row_when_it_is_visible_and_its_older_version_until_then() {
    let (mut world, account) = statuses();
    let list = |world: &mut QontoWorld, seconds| {
        let path = format!("/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc");
        let response = world.answer(&request(&path, "test-1:s3cret"), at(seconds));
        labels(&serde_json::from_slice(&response.body).expect("JSON")).concat()
    };
    world.transaction(Transaction::on(&account, at(1)).label("z").visible_at(at(500)));
    assert_eq!(list(&mut world, 499), "ade");
    assert_eq!(list(&mut world, 500), "azde");
    world.dialect.visibility_delay = Duration::from_secs(30);
    world.edit("a", at(600), |row| {
        row.set("label", "A");
    });
    assert_eq!(list(&mut world, 629), "azde");
    assert_eq!(list(&mut world, 630), "zdeA");
}

#[test]
fn hidden_microseconds_lie_between_the_milliseconds_that_are_shown() {
    let (mut world, account) = world();
    world.dialect.hidden_microseconds = true;
    for _ in 0..20 {
        world.transaction(Transaction::on(&account, at(0)));
    }
    let mut count = |from: &str, to: &str| {
        let path = format!(
            "/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc&updated_at_from={from}&updated_at_to={to}"
        );
        labels(&get(&mut world, &path).1).len()
    };
    assert!(count("2026-09-01T08:00:00.000Z", "2026-09-01T08:00:00.000Z") < 20);
    assert_eq!(count("2026-09-01T08:00:00.000Z", "2026-09-01T08:00:00.001Z"), 20);
}

#[test]
fn fractions_and_subject_types_are_spelled_as_the_dialect_says() {
    let (mut world, account) = world();
    world.transaction(Transaction::on(&account, at(0)).kind("direct_debit", "DirectDebit", "tax").id("a"));
    let mut spell = |digits, casing| {
        (world.dialect.fraction_digits, world.dialect.subject_type) = (digits, casing);
        let row = get(&mut world, "/v2/transactions/a").1["transaction"].clone();
        format!("{} {}", row["updated_at"].as_str().expect("text"), row["subject_type"].as_str().expect("text"))
    };
    assert_eq!(spell(3, Casing::Camel), "2026-09-01T08:00:00.000Z DirectDebit");
    assert_eq!(spell(0, Casing::Snake), "2026-09-01T08:00:00Z direct_debit");
    assert_eq!(spell(9, Casing::Lower), "2026-09-01T08:00:00.000000000Z directdebit");
}
