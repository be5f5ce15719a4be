//! P5 and P7: rows that come after polls that found nothing, and rows that show late.

use std::time::Duration;

use chrono::TimeDelta;

use crate::check::{Finding, Outcome, no_such_case};
use crate::checks::stock::Rows;
use crate::rig::{PAGE, Rig, ago, start};
use crate::subject::Subject;
use model::Capability;
use outside::clock::Clock as _;
use sim::{Bank, Movement};

/// P5.
pub async fn idle_then_new(subject: Subject) -> Outcome {
    let s = PAGE;
    let mut polls = 0;
    for idle in 0..=5 {
        // A connector that counts what it should not counts it the same way after each of these.
        let counts: &[u32] = if idle < 3 { &[1, s - 1, s, s + s / 2] } else { &[s + s / 2, 1] };
        polls += idle_polls(&subject, idle, counts).await?;
    }
    Ok(format!("1 to {} new payments after 0 to 5 idle polls, {polls} polls, pages of {s}", s + s / 2))
}

async fn idle_polls(subject: &Subject, idle: u32, counts: &[u32]) -> Result<u32, Finding> {
    let mut account = String::new();
    let stock = |bank: &mut dyn Bank| {
        account = bank.open_account("EUR");
        let rows = Rows { account: &account, count: 2 * PAGE, last: ago(60), apart: TimeDelta::minutes(7) };
        rows.add_settled(bank);
        // The newest one has a twin: who knows the last row by its time, or by itself alone, meets the other one again.
        bank.add(&Movement::on(&account, ago(60)).minor(4_711));
    };
    let mut rig = Rig::new(subject, stock)?;
    let period = rig.install.polling_period;
    rig.poll_well().await?;
    let mut polls = 1;
    for &count in counts {
        rig.setting = format!("{idle} polls with nothing new, then {count} new payments, pages of {}", rig.page_size);
        for _ in 0..idle {
            rig.clock.advance(period);
            let poll = rig.poll_only(&[Capability::FetchPayments]).await;
            rig.expect_well(poll)?;
        }
        rig.clock.advance(period);
        let last = rig.clock.now() - TimeDelta::minutes(1);
        rig.sim.with(|bank| {
            let rows = Rows { account: &account, count, last, apart: TimeDelta::seconds(1) };
            rows.add_settled(&mut **bank);
        });
        let poll = rig.poll_only(&[Capability::FetchPayments]).await;
        rig.expect_well(poll)?;
        rig.expect_payments("after the poll that follows the new payments")?;
        polls += idle + 1;
    }
    Ok(polls)
}

/// P7.
pub async fn late_visible(subject: Subject) -> Outcome {
    let lag = subject.bank().lag();
    if lag.is_zero() {
        return no_such_case("a payment shows in lists at once");
    }
    let mut lags = vec![Duration::from_secs(1), lag / 2, lag];
    lags.retain(|one| *one <= lag);
    for &late in &lags {
        for newer in [1, 2 * PAGE] {
            one_late(&subject, late, newer).await?;
        }
    }
    Ok(format!("payments that show up to {} min late, in every status", lag.as_secs() / 60))
}

/// `newer` rows are read; then rows of every status show that are older than the newest by almost `late`.
async fn one_late(subject: &Subject, late: Duration, newer: u32) -> Result<(), Finding> {
    let behind = TimeDelta::from_std(late).unwrap_or_default();
    let shows = start() + TimeDelta::seconds(1);
    let stock = |bank: &mut dyn Bank| {
        let account = bank.open_account("EUR");
        for status in bank.statuses() {
            let rows = Rows { account: &account, count: newer, last: start(), apart: TimeDelta::seconds(1) };
            rows.add(bank, status);
            bank.add(&Movement::on(&account, shows - behind).status(status).visible_at(shows).minor(4_711));
        }
    };
    let mut rig = Rig::new(subject, stock)?.setting(format!(
        "{newer} payments of each status up to the time of the first poll, and one of each that shows {} s late, right \
         after that poll",
        late.as_secs()
    ));
    rig.poll_well().await?;
    rig.clock.advance(rig.install.polling_period);
    rig.poll_well().await?;
    rig.expect_payments("after the poll that follows the late payments")
}
