//! H8: many open payments, and one of them that cannot be asked for.

use chrono::{DateTime, TimeDelta, Utc};

use super::news::{Asking, Course, Fate, Open, Scene, Wrong, wrongs};
use crate::check::{Outcome, no_such_case};
use crate::checks::stock::Rows;
use crate::rig::{PAGE, ago};
use crate::subject::Subject;
use engine::runner::FOLLOWED_AT_ONCE;
use model::PaymentStatus;
use sim::{Asked, Bank, Movement};

/// Of the open payments one in so many has a fate; the others stay as they are.
const ONE_IN: usize = 3;
/// What becomes of them, by turns.
const FATES: [Fate; 5] =
    [Fate::Vanishes, Fate::SettledLongAgo, Fate::Settles, Fate::FailedLongAgo, Fate::EditedLongAgo];
/// How many of each fate cannot be asked for in their turn, and in how many ways.
const EACH: usize = 2;

/// More open payments than are followed at once, twice over, behind others that lists have shown since.
fn stock(bank: &mut dyn Bank) -> Vec<Open> {
    let account = bank.open_account("EUR");
    let rows = Rows { account: &account, count: PAGE, last: ago(300), apart: TimeDelta::minutes(7) };
    rows.add_in_turn(bank);
    let mut fates = FATES.iter().cycle();
    let mut fate = |number: usize| {
        let fate = fates.next().filter(|_| number.is_multiple_of(ONE_IN));
        fate.copied().unwrap_or(Fate::Stays)
    };
    let open = (0..2 * FOLLOWED_AT_ONCE + 2).map(|number| {
        let age = i64::try_from(number).unwrap_or_default();
        let row = Movement::on(&account, ago(50 * 24 * 60 - age)).status(PaymentStatus::Pending);
        Open { reference: bank.add(&row.minor(7_000 + age.unsigned_abs())), fate: fate(number) }
    });
    open.collect()
}

/// Some payments: what makes the lists go on behind what is dated back.
fn news(bank: &mut dyn Bank, now: DateTime<Utc>) {
    let accounts: Vec<String> = bank.truth().accounts.into_keys().collect();
    for account in &accounts {
        Rows { account, count: 3, last: now - TimeDelta::minutes(1), apart: TimeDelta::seconds(1) }.add_in_turn(bank);
    }
}

/// Runs it.
pub(super) async fn open_payments(subject: Subject) -> Outcome {
    if !subject.bank().statuses().contains(&PaymentStatus::Pending) {
        return no_such_case("pending payments");
    }
    let course = Course::new(&subject, &Scene { stock, news }).await?;
    let open = course.trial()?.open;
    let wrongs = wrongs(&*subject.bank());
    let mut trials = 0;
    for fate in FATES.into_iter().chain([Fate::Stays]) {
        let of_fate = |reference: &String| open.iter().any(|open| open.fate == fate && open.reference == *reference);
        let is_look_up = |asking: &&Asking| {
            asking.asked == Asked::Other && asking.list.len() == 1 && asking.list.iter().all(|(_, one)| of_fate(one))
        };
        for asking in course.requests.iter().filter(is_look_up).take(EACH) {
            let fitting: Vec<&Wrong> = wrongs.iter().filter(|wrong| wrong.fits(asking)).collect();
            for wrong in fitting.iter().cycle().skip(trials % fitting.len().max(1)).take(EACH) {
                course.runs(asking, wrong).await?;
                trials += 1;
            }
        }
    }
    if trials == 0 {
        return Ok(format!("{} open payments, none of which is asked for by itself", open.len()));
    }
    Ok(format!("{} open payments, {trials} times one of them that could not be asked for: all others came", open.len()))
}
