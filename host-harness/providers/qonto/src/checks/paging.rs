//! Q3: the ways in which Qonto pages, documented and seen.

use chrono::TimeDelta;

use super::desk::{expect_ids, honest, open, rig, rows};
use crate::{Beneficiary, Dialect, Meta, PageParameter, PastEnd, PerPage, QontoWorld, StatusFilter, french_iban};
use conformance::check::{Finding, Outcome};
use conformance::rig::{PAGE, Rig, ago};
use conformance::subject::Subject;
use model::Capability;

/// Sets a dialect.
type Set = fn(&mut Dialect);

/// Dialects that any connector must read to the end.
const READABLE: [(&str, Set); 6] = [
    ("a page past the end is refused", |dialect| dialect.past_end = PastEnd::Refused),
    ("a page past the end is empty", |dialect| dialect.past_end = PastEnd::Empty),
    ("the last page names no next one", |dialect| dialect.meta = Meta::NoNextOnLast),
    ("an empty list has one page", |dialect| dialect.total_pages_when_empty = 1),
    ("`current_page` names a page as well", |dialect| dialect.page_parameter = PageParameter::PageOrCurrentPage),
    ("a page size out of range is clamped", |dialect| {
        dialect.per_page = PerPage::Clamped;
        dialect.status_filter = StatusFilter::First;
    }),
];

/// Dialects in which it may be impossible to read on: then an error says so.
const DECEPTIVE: [(&str, Set); 4] = [
    ("`page` is ignored", |dialect| dialect.page_parameter = PageParameter::Ignored),
    ("lists have no `meta`", |dialect| dialect.meta = Meta::Absent),
    ("`sort_by` is ignored", |dialect| dialect.sort_ignored = true),
    ("`updated_at_from` is ignored", |dialect| dialect.updated_at_from_ignored = true),
];

/// Lists of no page, of exactly two, and of some pages with a tie that fills more than one.
fn stock(world: &mut QontoWorld) {
    let account = open(world);
    rows(world, &account, "declined", 2 * PAGE, ago(9_000), TimeDelta::minutes(3));
    rows(world, &account, "completed", PAGE + 1, ago(8_000), TimeDelta::minutes(3));
    rows(world, &account, "completed", 2 * PAGE + 2, ago(7_000), TimeDelta::zero());
    rows(world, &account, "completed", PAGE, ago(6_000), TimeDelta::minutes(3));
}

fn speaking(subject: &Subject, name: &str, set: Set) -> Result<Rig, Finding> {
    let rig = rig(subject, |world| {
        set(&mut world.dialect);
        stock(world);
    })?;
    Ok(rig.setting(format!("{name}; pages of {PAGE}, a tie of {}", 2 * PAGE + 2)))
}

/// A list that can only be read by page numbers, at a Qonto that gives page 1 for ever: the second answer tells.
async fn same_page_for_ever(subject: &Subject) -> Result<u32, Finding> {
    const PAGES: u32 = 6;
    let mut rig = rig(subject, |world| {
        world.dialect.page_parameter = PageParameter::Ignored;
        open(world);
        for number in 0..u64::from(PAGES * PAGE) {
            let at = ago(900) + TimeDelta::minutes(i64::try_from(number).unwrap_or_default());
            let name = format!("Papeterie {number}");
            world.sepa_beneficiary(Beneficiary::sepa(&name, &french_iban(99_999, 1, number), "FICTFRP2XXX", at));
        }
    })?
    .setting(format!("{PAGES} pages of beneficiaries, and `page` is ignored"));
    let poll = rig.poll_only(&[Capability::FetchExternalAccounts]).await;
    let known = rig.ledger.external_accounts.len();
    let asked = poll.failed().map_or(0, |stream| stream.requests);
    match poll.failed().and_then(|stream| stream.fault.as_ref()) {
        None if known < (PAGES * PAGE) as usize => {
            let what = format!("where `page` is ignored, {known} of {} beneficiaries came, and no error", PAGES * PAGE);
            Err(rig.failure(what, Vec::new()))
        }
        Some(fault) if !fault.is_typed() => {
            Err(rig.failure(format!("where `page` is ignored, the poll ended with {fault}"), Vec::new()))
        }
        Some(_) if asked > 2 * PAGES => {
            let what = format!(
                "the same page came {asked} times until it was noticed; `meta.current_page` says at once which page it is"
            );
            Err(rig.failure(what, Vec::new()))
        }
        _ => Ok(poll.requests()),
    }
}

/// Filters with more hits than the search limit: spread out, and crowded into seconds.
async fn search_limit(subject: &Subject) -> Result<usize, Finding> {
    const LIMIT: u32 = 40;
    let mut rig = rig(subject, |world| {
        world.dialect.search_limit = Some(LIMIT as usize);
        let account = open(world);
        rows(world, &account, "completed", 2 * LIMIT, ago(60 * 24 * 90), TimeDelta::hours(9));
        rows(world, &account, "completed", LIMIT + 10, ago(90), TimeDelta::milliseconds(250));
    })?
    .pages_of(25)
    .setting(format!("{} rows, and no filter may hit more than {LIMIT}; pages of 25", 3 * LIMIT + 10));
    rig.poll_well().await?;
    expect_ids(&rig, "after the first poll")
}

/// The sizes that Qonto takes, and the largest that the connector says it takes.
async fn page_sizes(subject: &Subject) -> Result<(), Finding> {
    let largest = subject.manifest()?.max_page_size;
    for size in [25, 100, largest] {
        let mut rig = rig(subject, |world| {
            let account = open(world);
            rows(world, &account, "completed", 101, ago(9_000), TimeDelta::minutes(1));
        })?
        .pages_of(size.min(largest))
        .setting(format!("101 rows, pages of {}", size.min(largest)));
        rig.poll_well().await?;
        expect_ids(&rig, "after the first poll")?;
    }
    Ok(())
}

/// Runs it.
pub(super) async fn paging_dialects(subject: Subject) -> Outcome {
    for (name, set) in READABLE {
        let mut rig = speaking(&subject, name, set)?;
        rig.poll_well().await?;
        expect_ids(&rig, "after the first poll")?;
    }
    let mut refused = 0;
    for (name, set) in DECEPTIVE {
        let mut rig = speaking(&subject, name, set)?;
        rig.patience = 300;
        let poll = rig.poll_payments().await;
        refused += u32::from(!honest(&rig, &poll, &format!("where {name}"))?);
    }
    same_page_for_ever(&subject).await?;
    page_sizes(&subject).await?;
    let windowed = search_limit(&subject).await?;
    Ok(format!(
        "{} dialects read whole, {refused} of {} deceptive ones refused, {windowed} rows behind a search limit of 40",
        READABLE.len(),
        DECEPTIVE.len()
    ))
}
