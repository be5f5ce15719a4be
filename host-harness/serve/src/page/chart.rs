//! A curve of balances, as SVG in the page: no script draws it, and what is exact stands in the table below it.

use std::fmt::Write as _;

use chrono::DateTime;
use maud::{Markup, html};
use model::money::money;
use store::serving::list::BalanceItem;

use super::layout::text;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 200.0;
/// Room for the words above and below.
const EDGE: f64 = 28.0;

/// An amount that was held from one time to another, as exact as a drawing has to be.
pub(super) struct Point {
    since: i64,
    until: i64,
    amount: f64,
    digits: String,
}

impl Point {
    pub(super) fn of(item: &BalanceItem) -> Self {
        Self {
            since: item.since.seconds,
            until: item.until.seconds,
            amount: item.amount.parse().unwrap_or_default(),
            digits: item.amount.clone(),
        }
    }
}

/// The curve of at least one point, the oldest first: a balance holds until the next one.
#[allow(clippy::cast_precision_loss, reason = "a drawing has some hundred pixels")]
pub(super) fn chart(name: &str, asset: &str, points: &[Point]) -> Markup {
    let by_amount = |a: &&Point, b: &&Point| a.amount.total_cmp(&b.amount);
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return super::layout::nothing() };
    let (Some(low), Some(high)) = (points.iter().min_by(by_amount), points.iter().max_by(by_amount)) else {
        return super::layout::nothing();
    };
    let x = |at: i64| WIDTH * share(at as f64, first.since as f64, last.until.max(last.since) as f64);
    let y = |amount: f64| HEIGHT - EDGE - (HEIGHT - 2.0 * EDGE) * share(amount, low.amount, high.amount);
    let mut path = String::new();
    for point in points {
        let command = if path.is_empty() { "M" } else { "H" };
        // A text takes everything.
        _ = match command {
            "M" => write!(path, "M{:.1} {:.1}", x(point.since), y(point.amount)),
            _ => write!(path, "H{:.1}V{:.1}", x(point.since), y(point.amount)),
        };
    }
    _ = write!(path, "H{:.1}", x(last.until.max(last.since)));
    let shown = |point: &Point| text(&money(&point.digits, asset));
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (text(name)) ": from " (shown(first)) " on " (day(first.since)) " to " (shown(last)) " on " (day(last.until)) ", lowest " (shown(low)) ", highest " (shown(high)) } {
            line.axis x1="0" x2=(WIDTH) y1=(y(high.amount)) y2=(y(high.amount)) {}
            line.axis x1="0" x2=(WIDTH) y1=(y(low.amount)) y2=(y(low.amount)) {}
            path.curve d=(path) {}
            text x="8" y=(EDGE - 8.0) { (shown(high)) }
            text x="8" y=(HEIGHT - 8.0) { (day(first.since)) ", lowest " (shown(low)) }
            text x=(WIDTH - 8.0) y=(HEIGHT - 8.0) text-anchor="end" { (day(last.until)) }
        }
    }
}

/// How far between two ends something is, 0 to 1; the middle where they are one.
fn share(value: f64, from: f64, to: f64) -> f64 {
    if to > from { ((value - from) / (to - from)).clamp(0.0, 1.0) } else { 0.5 }
}

fn day(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).map_or_else(String::new, |at| at.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(since: i64, until: i64, digits: &str) -> Point {
        Point { since, until, amount: digits.parse().unwrap_or_default(), digits: digits.to_owned() }
    }

    #[test]
    fn a_curve_holds_each_balance_until_the_next_and_stays_in_its_frame() {
        let points = [point(0, 100, "0"), point(100, 200, "-500"), point(200, 400, "500")];
        let shown = chart("x", "EUR/2", &points).into_string();
        assert!(shown.contains(r#"d="M0.0 100.0H180.0V172.0H360.0V28.0H720.0""#), "{shown}");
        assert!(shown.contains("lowest -5.00 EUR, highest 5.00 EUR"), "{shown}");
    }

    #[test]
    fn one_time_and_one_amount_are_a_line_in_the_middle() {
        let shown = chart("x", "EUR/2", &[point(5, 5, "7")]).into_string();
        assert!(shown.contains(r#"d="M360.0 100.0H360.0""#), "{shown}");
    }
}
