//! Odd rows among ordinary ones: each must become what the contract says, and none may hold up the others.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::check::{Finding, no_such_case};
use crate::ledger::{instant, payment_difference};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use model::{Capability, Payment};
use outside::clock::Clock as _;
use sim::{Bank, Expected, Movement, Odd, TruePayment, Truth};

/// The minutes between two rows.
const STEP: i64 = 2;
/// Ordinary rows after the last odd one.
const AFTER: usize = 3;
/// Rows that come after the odd ones were read.
const LATER: u64 = 7;

/// A connector at a bank with odd rows.
pub struct Trial {
    /// The connector.
    pub rig: Rig,
    /// The account with the odd rows.
    pub account: String,
    /// What must become of each.
    pub expected: Vec<(Odd, Expected)>,
}

/// A connector that reads payments, at a bank stocked by `stock`.
///
/// # Errors
/// Skip: it reads none.
pub fn rig(subject: &Subject, stock: impl FnOnce(&mut dyn Bank)) -> Result<Rig, Finding> {
    let rig = Rig::new(subject, stock)?;
    if rig.tasks(Capability::FetchPayments).is_empty() {
        return Err(Finding::Skip("the connector does not read payments".to_owned()));
    }
    Ok(rig)
}

/// When an odd row happened: at the time that it spells, if it does.
fn time_of(odd: &Odd, otherwise: DateTime<Utc>) -> DateTime<Utc> {
    match odd {
        Odd::Time(text) => DateTime::parse_from_rfc3339(text).map_or(otherwise, |at| at.with_timezone(&Utc)),
        _ => otherwise,
    }
}

impl Trial {
    /// Two accounts; on the first one each odd row and after it an ordinary one, out and in by turns.
    ///
    /// # Errors
    /// Skip: the provider has none of these rows. Inconclusive: the connector cannot be installed.
    pub fn new(subject: &Subject, odds: &[Odd]) -> Result<Self, Finding> {
        Self::stocked(subject, odds, 1)
    }

    /// All odd rows in a row, ordinary ones before and after them.
    ///
    /// # Errors
    /// As [`Trial::new`].
    pub fn dense(subject: &Subject, odds: &[Odd]) -> Result<Self, Finding> {
        Self::stocked(subject, odds, odds.len())
    }

    /// An ordinary row before every `run` odd ones, and some at the end.
    fn stocked(subject: &Subject, odds: &[Odd], run: usize) -> Result<Self, Finding> {
        let (mut account, mut expected) = (String::new(), Vec::new());
        let mut rig = rig(subject, |bank| {
            account = bank.open_account("EUR");
            bank.open_account("EUR");
            let mut times = (0..).map(|number| ago(2_000) + TimeDelta::minutes(STEP * number));
            let mut minor = 100;
            let mut ordinary = |bank: &mut dyn Bank, at| {
                minor += 1;
                let row = Movement::on(&account, at).minor(minor);
                bank.add(&if minor % 2 == 0 { row.incoming() } else { row });
            };
            for some in odds.chunks(run.max(1)) {
                times.next().into_iter().for_each(|at| ordinary(bank, at));
                for (odd, at) in some.iter().zip(&mut times) {
                    let found = bank.add_odd(&account, time_of(odd, at), odd);
                    expected.extend(found.map(|found| (odd.clone(), found)));
                }
            }
            times.take(AFTER).for_each(|at| ordinary(bank, at));
        })?;
        if expected.is_empty() {
            return no_such_case(format!("{odds:?}"));
        }
        rig.setting = format!("{} odd rows among ordinary ones, pages of {}", expected.len(), rig.page_size);
        Ok(Self { rig, account, expected })
    }

    /// Polls, then again after more rows came; expects of the odd rows what the contract says, and of the others all.
    ///
    /// # Errors
    /// Fail: something else.
    pub async fn hold(&mut self) -> Result<String, Finding> {
        self.rig.poll_well().await?;
        self.judge("after the first poll")?;
        for number in 0..LATER {
            self.rig.clock.advance(Duration::from_mins(5));
            let row = Movement::on(&self.account, self.rig.clock.now()).minor(5_000 + number);
            self.rig.sim.with(|bank| bank.add(&row));
        }
        self.rig.poll_well().await?;
        self.judge("after later rows came, in the next poll")?;
        let rejected = self.expected.iter().filter(|(_, expected)| self.was_rejected(expected)).count();
        let read = self.expected.len() - rejected;
        Ok(format!("{read} odd rows read, {rejected} rejected, {} ordinary ones around them", self.others()))
    }

    fn others(&self) -> usize {
        self.rig.ledger.payments.len() - self.expected.iter().filter(|(_, it)| !self.was_rejected(it)).count()
    }

    fn was_rejected(&self, expected: &Expected) -> bool {
        let raw = match expected {
            Expected::Rejected(raw) => raw,
            Expected::Payment(_, payment) | Expected::Either(_, payment) => &payment.raw,
        };
        self.rig.ledger.rejected.contains_key(raw)
    }

    /// Holds what was committed against what is expected.
    fn judge(&self, when: &str) -> Result<(), Finding> {
        let mut truth = self.rig.sim.with(|bank| bank.truth());
        let mut wrong = Vec::new();
        for (odd, expected) in &self.expected {
            wrong.extend(self.odd_difference(expected, &mut truth).map(|wrong| format!("{odd:?}: {wrong}")));
        }
        if wrong.is_empty() {
            wrong = self.rig.ledger.payment_differences(&truth, true);
        }
        match wrong.first() {
            None => Ok(()),
            Some(first) => Err(self.rig.failure(format!("{when}, {first}"), wrong)),
        }
    }

    /// What is wrong with one odd row, which then is no longer in the truth.
    fn odd_difference(&self, expected: &Expected, truth: &mut Truth) -> Option<String> {
        let ledger = &self.rig.ledger;
        let (reference, wanted, must) = match expected {
            Expected::Rejected(raw) => {
                let taken = ledger.payments.values().find(|payment| payment.raw == *raw);
                return match taken {
                    Some(payment) => Some(format!(
                        "it was read as {} {} at {}; it should be a rejected row",
                        payment.amount,
                        payment.asset,
                        instant(payment.updated_at.unwrap_or(payment.created_at)).to_rfc3339(),
                    )),
                    None if ledger.rejected.contains_key(raw) => None,
                    None => Some("it is neither a payment nor a rejected row with its bytes".to_owned()),
                };
            }
            Expected::Payment(reference, wanted) => (reference, wanted, true),
            Expected::Either(reference, wanted) => (reference, wanted, false),
        };
        match (ledger.payments.get(reference), ledger.rejected.get(&wanted.raw)) {
            (Some(payment), _) => {
                let wanted = as_leaped(wanted, payment);
                let wrong = payment_difference(payment, &wanted);
                truth.payments.insert(reference.clone(), wanted);
                wrong
            }
            (None, Some(rejected)) => {
                truth.payments.remove(reference);
                must.then(|| format!("it was rejected ({}); it is a payment", rejected.reason))
            }
            (None, None) => Some("it is neither a payment nor a rejected row with its bytes".to_owned()),
        }
    }
}

/// A leap second is the second after it, or the end of the second before.
fn as_leaped(wanted: &TruePayment, payment: &Payment) -> TruePayment {
    let mut wanted = wanted.clone();
    if let (Some(found), Some(after)) = (payment.updated_at.map(instant), wanted.updated_at)
        && wanted.raw.contains(":60")
        && (after - TimeDelta::seconds(1)..after).contains(&found)
    {
        wanted.updated_at = Some(found);
    }
    wanted
}
