//! The contract's functions.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Checked, FetchRequest, Guest, Manifest, OthersPage, PaymentsPage,
};
use crate::contract::payments::connector::types::{Error, Gap, Rejected, Timestamp, Withdrawn};
use crate::contract::payments::connector::{log, state};
use crate::errors::{clip, detail, ends_the_call, invalid_parent, malformed, no_progress, unread, unsupported};
use crate::http::{Listed, Refused, get, list};
use crate::manifest::{ACCOUNTS, BALANCES, PAYMENTS, PROFILES};
use crate::row::{Row, is_id};
use crate::walk::Walk;
use crate::{accounts, config, manifest, payment};

/// The connector.
pub struct Lindenbank;

impl Guest for Lindenbank {
    fn describe() -> Manifest {
        manifest::describe()
    }

    fn check(config: String) -> Result<Checked, Error> {
        let base = config::parse(&config)?;
        let path = "/v1/me";
        let text = get(&base, path, "", None).map_err(|refused| refused.error)?;
        let me: Me = serde_json::from_str(&text).map_err(|_| unread(path, "the answer names no customer", &text))?;
        Ok(Checked { subject: Some(me.customer.id), name: me.customer.name })
    }

    fn fetch_others(request: FetchRequest) -> Result<OthersPage, Error> {
        let (base, _) = begin(&request, PROFILES, None)?;
        let read = read(&request, &base, "/v1/profiles", PROFILES, false)?;
        let (items, rejected) = mapped(&read.rows, accounts::profile);
        Ok(OthersPage { items, rejected, gaps: read.gaps, has_more: read.has_more })
    }

    fn fetch_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        let (base, profile) = begin(&request, ACCOUNTS, Some(PROFILES))?;
        let path = format!("/v1/profiles/{profile}/accounts");
        let read = read(&request, &base, &path, &format!("{ACCOUNTS} {profile}"), false)?;
        let (items, rejected) = mapped(&read.rows, accounts::account);
        Ok(AccountsPage { items, withdrawn: vec![], rejected, gaps: read.gaps, has_more: read.has_more })
    }

    fn fetch_external_accounts(_request: FetchRequest) -> Result<AccountsPage, Error> {
        Err(unsupported())
    }

    fn fetch_balances(request: FetchRequest) -> Result<BalancesPage, Error> {
        let (base, account) = begin(&request, BALANCES, Some(ACCOUNTS))?;
        let path = format!("/v1/accounts/{account}/balances");
        let text = get(&base, &path, "", Some(request.observed_at)).map_err(|refused| refused.error)?;
        let answer: Balances =
            serde_json::from_str(&text).map_err(|_| unread(&path, "the answer has no balances", &text))?;
        if answer.account_id != account {
            return Err(malformed(&path, "the balances are another account's"));
        }
        let rows = answer.balances;
        let (items, rejected) = mapped(&rows, |raw| accounts::balance(&account, raw, request.observed_at));
        Ok(BalancesPage { items, rejected, gaps: vec![], has_more: false })
    }

    fn fetch_payments(request: FetchRequest) -> Result<PaymentsPage, Error> {
        let (base, _) = begin(&request, PAYMENTS, None)?;
        let read = read(&request, &base, "/v1/payments", PAYMENTS, true)?;
        let (items, rejected) = mapped(&read.rows, payment::read);
        Ok(PaymentsPage { items, withdrawn: vec![], rejected, gaps: read.gaps, has_more: read.has_more })
    }

    fn follow_payments(request: FetchRequest, references: Vec<String>) -> Result<PaymentsPage, Error> {
        let (base, _) = begin(&request, PAYMENTS, None)?;
        follow(&base, &references, request.observed_at)
    }
}

#[derive(Deserialize)]
struct Me {
    customer: Customer,
}

#[derive(Deserialize)]
struct Customer {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Balances {
    account_id: String,
    balances: Vec<Box<RawValue>>,
}

/// Checks what a call was given; gives the base of its URLs and the reference of its parent, empty at the root.
fn begin(request: &FetchRequest, task: &str, parent: Option<&str>) -> Result<(String, String), Error> {
    let base = config::parse(&request.config)?;
    config::check_page_size(request.page_size)?;
    if request.task != task {
        return Err(unsupported());
    }
    match (&request.parent, parent) {
        (None, None) => Ok((base, String::new())),
        (Some(given), Some(wanted)) if given.task == wanted && is_id(&given.reference) => {
            Ok((base, given.reference.clone()))
        }
        (Some(given), Some(_)) => Err(invalid_parent(&format!("{} of {}", clip(&given.reference), clip(&given.task)))),
        (Some(_), None) => Err(invalid_parent("the task has none")),
        (None, Some(_)) => Err(invalid_parent("there is none")),
    }
}

/// A page of a list.
struct Read {
    rows: Vec<Box<RawValue>>,
    gaps: Vec<Gap>,
    has_more: bool,
}

/// Reads the next page of a list, and sets the state to what comes behind it.
fn read(request: &FetchRequest, base: &str, path: &str, stream: &str, dated: bool) -> Result<Read, Error> {
    let kept = Walk::load(state::get().as_deref(), stream)?;
    let now = Some(request.observed_at);
    let since = request.since.filter(|_| dated).and_then(date);
    let is_begun = kept.after.is_some();
    let mut walk =
        if is_begun { kept.clone() } else { Walk { from: kept.start(since.as_deref()), newest: None, ..kept.clone() } };
    let anew = |from: Option<String>| Walk { stream: stream.to_owned(), from, ..Walk::default() };
    let ask = |walk: &Walk| list(base, path, &query(walk, request.page_size), now);
    let mut listed = match ask(&walk) {
        Err(Error::NotFound(refusal) | Error::UpstreamRejected(refusal))
            if is_begun && is_of_cursor(refusal.provider_code.as_deref()) =>
        {
            log::write(log::Level::Info, "the cursor is no longer valid; the walk begins anew");
            walk = anew(walk.from);
            ask(&walk)?
        }
        other => other?,
    };
    // The newest row that was read before should be there. Where nothing is, the date means nothing to this provider.
    let is_lost = listed.items.is_empty() && !is_begun && kept.newest.is_some() && walk.from != since;
    if is_lost {
        log::write(log::Level::Info, "the newest payment read before is gone; the walk begins anew");
        walk = anew(since);
        listed = ask(&walk)?;
    }
    let Listed { items, next } = listed;
    let mut passed = walk.pass(path, dated, items.iter().map(|row| row.get()));
    if next.is_some() && next == walk.after {
        passed = Err(no_progress(path, "the next page is the same one again"));
    }
    match passed {
        // The pages before this one count. The cursor leads astray, so it must not be what the next poll begins with.
        Err(error) if walk.after.is_some() => {
            state::set(&anew(walk.from).save());
            let gap = Gap { what: format!("the rest of the list {path}"), error };
            return Ok(Read { rows: vec![], gaps: vec![gap], has_more: false });
        }
        other => other?,
    }
    let has_more = next.is_some();
    let left = match next {
        Some(next) => Walk { after: Some(next), ..walk },
        None => Walk { newest: walk.newest, ..anew(None) },
    };
    state::set(&left.save());
    Ok(Read { rows: items, gaps: vec![], has_more })
}

/// Whether a refusal is one of the cursor.
fn is_of_cursor(code: Option<&str>) -> bool {
    matches!(code, Some("cursor_expired" | "cursor_unknown"))
}

/// The query of a page.
fn query(walk: &Walk, page_size: u32) -> String {
    let mut query = url::form_urlencoded::Serializer::new(format!("?limit={page_size}"));
    query.extend_pairs(walk.from.iter().map(|from| ("from", from)));
    query.extend_pairs(walk.after.iter().map(|after| ("after", after)));
    query.finish()
}

/// The date of an instant, in UTC.
fn date(time: Timestamp) -> Option<String> {
    Some(chrono::DateTime::from_timestamp(time.seconds, 0)?.date_naive().to_string())
}

/// The records of some rows, and those that are none.
fn mapped<T>(rows: &[Box<RawValue>], read: impl Fn(&str) -> Result<T, String>) -> (Vec<T>, Vec<Rejected>) {
    let (mut items, mut rejected) = (Vec::new(), Vec::new());
    for raw in rows.iter().map(|row| row.get()) {
        match read(raw) {
            Ok(item) => items.push(item),
            Err(reason) => rejected.push(Row::reject(raw, reason)),
        }
    }
    (items, rejected)
}

/// Asks how payments stand, one by one. What cannot be asked for is a gap, and holds up no other.
fn follow(base: &str, references: &[String], now: Timestamp) -> Result<PaymentsPage, Error> {
    let mut page = PaymentsPage { items: vec![], withdrawn: vec![], rejected: vec![], gaps: vec![], has_more: false };
    let mut ended: Option<Error> = None;
    for reference in references {
        let asked = match &ended {
            Some(error) => Err(error.clone()),
            None => one(base, reference, now, &mut page),
        };
        if let Err(error) = asked {
            ended = ended.or_else(|| ends_the_call(&error).then(|| error.clone()));
            page.gaps.push(Gap { what: format!("how the payment {} stands", clip(reference)), error });
        }
    }
    match page.gaps.first() {
        Some(gap) if page.gaps.len() == references.len() => Err(gap.error.clone()),
        _ => Ok(page),
    }
}

/// Asks how one payment stands.
fn one(base: &str, reference: &str, now: Timestamp, page: &mut PaymentsPage) -> Result<(), Error> {
    if !is_id(reference) {
        return Err(Error::NotFound(detail("a reference that is none of Lindenbank's")));
    }
    let path = format!("/v1/payments/{reference}");
    match get(base, &path, "", Some(now)) {
        Ok(text) => {
            let raw: Box<RawValue> =
                serde_json::from_str(&text).map_err(|_| malformed(&path, "the answer is no payment"))?;
            match payment::read(raw.get()) {
                Ok(payment) if payment.reference == *reference => page.items.push(payment),
                Ok(_) => return Err(malformed(&path, "the answer is another payment")),
                Err(_) if Row::parse(raw.get()).and_then(|row| row.id()).as_deref() != Ok(reference) => {
                    return Err(unread(&path, "the answer is no payment", &text));
                }
                Err(reason) => page.rejected.push(Row::reject(raw.get(), reason)),
            }
        }
        Err(refused) => {
            let Refused { error, said } = *refused;
            let replaced_by = match said.code.as_deref() {
                Some("payment_unknown") => None,
                Some("payment_replaced") => said.replaced_by.filter(|other| is_id(other) && other != reference),
                _ => return Err(error),
            };
            page.withdrawn.push(Withdrawn { reference: reference.to_owned(), replaced_by });
        }
    }
    Ok(())
}
