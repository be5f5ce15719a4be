//! H7 and H10: one request that never gets a good answer.

use chrono::{DateTime, TimeDelta, Utc};

use super::news::{Asking, Course, Fate, Open, Scene, Wrong, wrongs};
use crate::check::Outcome;
use crate::checks::stock::Rows;
use crate::rig::{PAGE, ago};
use crate::subject::Subject;
use model::PaymentStatus;
use sim::{Bank, Movement};

/// How many ways each request meets.
const EACH: usize = 2;
/// Of the whole effort of a run, by its random histories: who does not make so many has little time.
const LITTLE: u64 = 1_000;

/// Two accounts with payments of every status, counterparties, and payments that have been open for long.
pub(super) fn stock(bank: &mut dyn Bank) -> Vec<Open> {
    let mut open = Vec::new();
    for _ in 0..2 {
        let account = bank.open_account("EUR");
        if bank.statuses().contains(&PaymentStatus::Pending) {
            for (number, fate) in (0_i64..).zip([Fate::Settles, Fate::Vanishes, Fate::Stays]) {
                let row = Movement::on(&account, ago(40 * 24 * 60 - number)).status(PaymentStatus::Pending);
                open.push(Open { reference: bank.add(&row.minor(7_000 + number.unsigned_abs())), fate });
            }
        }
        let rows = Rows { account: &account, count: 6, last: ago(300), apart: TimeDelta::minutes(7) };
        rows.add_in_turn(bank);
    }
    for number in 0..2 {
        bank.add_counterparty(ago(900 - number));
    }
    open
}

/// Something new everywhere. More than a page of it in each status of the first account.
pub(super) fn news(bank: &mut dyn Bank, now: DateTime<Utc>) {
    let accounts: Vec<String> = bank.truth().accounts.into_keys().collect();
    let known = bank.truth().external_accounts.into_keys().next();
    let new = bank.open_account("EUR");
    for (account, count) in accounts.iter().zip([PAGE + 1, 1]).chain([(&new, 1)]) {
        for (place, status) in (1_i32..).zip(bank.statuses()) {
            let last = now - TimeDelta::minutes(1) * place;
            Rows { account, count, last, apart: TimeDelta::seconds(1) }.add(bank, status);
        }
        bank.set_balance(account, "4711", "4700");
    }
    for number in 0..i64::from(PAGE) {
        bank.add_counterparty(now - TimeDelta::minutes(number + 1));
    }
    if let Some(known) = known {
        bank.change_counterparty(&known, now - TimeDelta::minutes(9));
    }
}

/// Those that request number `number` meets: each request others, so that each kind meets most of them; and what may be
/// taken for the end of a list.
fn of<'w>(wrongs: &'w [Wrong], number: usize, asking: &Asking, most: usize) -> Vec<&'w Wrong> {
    let mut fitting: Vec<&Wrong> = wrongs.iter().filter(|wrong| wrong.fits(asking)).collect();
    let turn = 3 * number % fitting.len().max(1);
    fitting.rotate_left(turn);
    let mut rest = fitting.split_off(fitting.len().min(most));
    rest.retain(|wrong| asking.goes_on && wrong.like_an_end);
    fitting.append(&mut rest);
    fitting
}

/// H7: some ways for each request, in turn.
pub(super) async fn lasting(subject: Subject) -> Outcome {
    each_wrong(&subject, |wrongs, number, asking| of(wrongs, number, asking, EACH)).await
}

/// H10: every way for each request; with little effort, some more of them than H7.
pub(super) async fn every_answer(subject: Subject) -> Outcome {
    let most = if subject.effort().histories < LITTLE { 2 * EACH } else { usize::MAX };
    each_wrong(&subject, |wrongs, number, asking| of(wrongs, number, asking, most)).await
}

async fn each_wrong(subject: &Subject, of: impl for<'w> Fn(&'w [Wrong], usize, &Asking) -> Vec<&'w Wrong>) -> Outcome {
    let course = Course::new(subject, &Scene { stock, news }).await?;
    let wrongs = wrongs(&*subject.bank());
    let mut trials = 0;
    for (number, asking) in course.requests.iter().enumerate() {
        for wrong in of(&wrongs, number, asking) {
            course.runs(asking, wrong).await?;
            trials += 1;
        }
    }
    let requests = course.requests.len();
    Ok(format!("{requests} requests of a poll, each wrong for ever in its turn, {trials} polls: all else came"))
}
