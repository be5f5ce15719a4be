//! Bugs in the records.

use lindenbank_connector::contract::exports::payments::connector::connector::{BalancesPage, PaymentsPage};
use lindenbank_connector::contract::payments::connector::types::{
    Balance, BalanceKind, Money, Payment, PaymentType, TimePrecision, Timestamp,
};
use mutant_connector::lindenbank::Bug;

const HOUR: i64 = 3_600;
/// How far the bank's midnight is before that of UTC, in summer.
const BERLIN: i64 = 2 * HOUR;

/// A page of balances as the bug has it.
pub fn balances(bug: Option<Bug>, mut page: BalancesPage) -> BalancesPage {
    let word = |kind, balance: &Balance| Balance { kind, label: None, ..balance.clone() };
    let credit: Vec<Balance> =
        page.items.iter().filter(|balance| balance.kind == BalanceKind::Other).cloned().collect();
    match bug {
        Some(Bug::CreditAlsoAvailable) => {
            page.items.splice(..0, credit.iter().map(|balance| word(BalanceKind::Available, balance)));
        }
        Some(Bug::NothingPending) => {
            let nothing = |balance| Balance { amount: "0".to_owned(), ..word(BalanceKind::Pending, balance) };
            page.items.extend(credit.iter().map(nothing));
        }
        _ => {}
    }
    for balance in &mut page.items {
        match bug {
            Some(Bug::CreditIsAvailable) if balance.kind == BalanceKind::Other => {
                balance.kind = BalanceKind::Available;
                balance.label = None;
            }
            Some(Bug::BalanceOfMidnight) => balance.as_of.seconds -= balance.as_of.seconds.rem_euclid(24 * HOUR),
            Some(Bug::CreditWithoutWord) => balance.label = None,
            Some(Bug::ReservedIsPending) if balance.kind == BalanceKind::Reserved => {
                balance.kind = BalanceKind::Pending;
            }
            _ => {}
        }
    }
    page
}

/// A page of payments as the bug has it.
pub fn payments(bug: Option<Bug>, mut page: PaymentsPage) -> PaymentsPage {
    let Some(bug) = bug else { return page };
    match bug {
        Bug::SuccessorUnsaid => page.withdrawn.iter_mut().for_each(|one| one.replaced_by = None),
        Bug::SuccessorIsItsPlace => {
            let mut before = None;
            for one in &mut page.withdrawn {
                one.replaced_by = before.replace(one.reference.clone());
            }
        }
        _ => {}
    }
    let known: Vec<String> = page.items.iter().map(|payment| payment.reference.clone()).collect();
    page.items.iter_mut().for_each(|payment| change(bug, payment, &known));
    page
}

/// One payment of a page that has these.
fn change(bug: Bug, payment: &mut Payment, known: &[String]) {
    match bug {
        Bug::FeesNegative => payment.fees.iter_mut().for_each(|fee| fee.amount.insert(0, '-')),
        Bug::FeesTwice => payment.fees.extend(payment.fees.clone()),
        Bug::FeesForgotten => payment.fees.clear(),
        Bug::FeesTakenOff => payment.amount = without(&payment.amount, &payment.fees),
        Bug::FeesInBareCode => payment.fees.iter_mut().for_each(|fee| fee.asset = code(&fee.asset)),
        Bug::OtherSideAlways => {
            let same = || Money { amount: payment.amount.clone(), asset: payment.asset.clone() };
            payment.counter_amount = Some(payment.counter_amount.take().unwrap_or_else(same));
        }
        Bug::OtherSideForgotten if payment.payment_type != PaymentType::Conversion => payment.counter_amount = None,
        Bug::SidesSwapped => {
            if let Some(other) = &mut payment.counter_amount {
                std::mem::swap(&mut other.amount, &mut payment.amount);
                std::mem::swap(&mut other.asset, &mut payment.asset);
            }
        }
        Bug::ExchangeIsPayout if payment.payment_type == PaymentType::Conversion => {
            payment.payment_type = PaymentType::Payout;
            payment.destination_account_reference = None;
        }
        Bug::ExchangeHalf if payment.payment_type == PaymentType::Conversion => payment.counter_amount = None,
        Bug::RefundAlone => payment.parent_reference = None,
        Bug::RefundOfSeen => payment.parent_reference = payment.parent_reference.take().filter(|of| known.contains(of)),
        Bug::RefundByNumber => {
            let number = |of: String| of.trim_start_matches("LB-P-").trim_start_matches('0').to_owned();
            payment.parent_reference = payment.parent_reference.take().map(number);
        }
        Bug::DayIsInstant => payment.created_at_precision = TimePrecision::Instant,
        Bug::DayAtNoon => payment.created_at = later(payment.created_at, 12 * HOUR),
        Bug::DayInBerlin => {
            payment.created_at = later(payment.created_at, -BERLIN);
            payment.created_at_precision = TimePrecision::Instant;
        }
        Bug::BookedIsChanged => payment.updated_at = Some(payment.created_at),
        _ => {}
    }
}

fn later(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp { seconds: time.seconds + seconds, ..time }
}

fn code(asset: &str) -> String {
    asset.split('/').next().unwrap_or_default().to_owned()
}

/// An amount less fees.
fn without(amount: &str, fees: &[Money]) -> String {
    let number = |text: &str| text.parse::<i128>().unwrap_or_default();
    let kept: i128 = fees.iter().map(|fee| number(&fee.amount)).sum();
    if fees.is_empty() { amount.to_owned() } else { (number(amount) - kept).max(0).to_string() }
}
