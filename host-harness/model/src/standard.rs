//! The metadata keys that mean the same for every provider: what views and exports need from each connector.
//!
//! The list is that of `wit/types.wit`, and may grow. Nothing of the provider's own stands in this namespace, so that what
//! is added later collides with nothing.

/// What the keys begin with.
pub const NAMESPACE: &str = "std/";

/// What a value has to look like. A text is the provider's, and how it spells an IBAN is not for a connector to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A calendar date: `2026-01-31`.
    Date,
    /// An instant of RFC 3339, with an offset: `2026-01-31T10:20:30Z`.
    Instant,
    /// A whole number above 0.
    Count,
    /// A decimal number: `19.6`.
    Decimal,
}

/// A key, what its value looks like, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandardKey {
    /// Without the namespace.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// What it means, for a person.
    pub meaning: &'static str,
}

const fn key(name: &'static str, kind: Kind, meaning: &'static str) -> StandardKey {
    StandardKey { name, kind, meaning }
}

/// All of them, sorted.
pub const KEYS: [StandardKey; 26] = [
    key("account-number", Kind::Text, "an account's number, where it is no IBAN"),
    key("address", Kind::Text, "an address on a chain"),
    key("attachments", Kind::Count, "how many documents are attached to a payment"),
    key("batch-count", Kind::Count, "how many payments a row stands for"),
    key("bic", Kind::Text, "the bank of an account"),
    key("booked-at", Kind::Instant, "when a payment was booked, where it is known to the second"),
    key("booking-date", Kind::Date, "when a payment was booked"),
    key("category", Kind::Text, "what kind of expense or income a payment is"),
    key("country", Kind::Text, "where an account is"),
    key("description", Kind::Text, "what payer or bank wrote"),
    key("end-to-end-id", Kind::Text, "the payer's identifier, passed on by every bank"),
    key("group", Kind::Text, "equal for the rows of one event: both legs, one batch"),
    key("holder", Kind::Text, "whose account it is"),
    key("iban", Kind::Text, "an account's IBAN"),
    key("label", Kind::Text, "what a payment is called on the account's statement"),
    key("mandate-id", Kind::Text, "the mandate of a direct debit"),
    key("note", Kind::Text, "what the account's holder wrote to a payment afterwards"),
    key("routing-number", Kind::Text, "the bank of an account in the United States"),
    key("scheme", Kind::Text, "the provider's word for the rail"),
    key("sort-code", Kind::Text, "the bank of an account in the United Kingdom"),
    key("status", Kind::Text, "the provider's word for the state"),
    key("tags", Kind::Text, "the holder's own words for a payment, separated by commas"),
    key("type", Kind::Text, "the provider's word for the kind of payment or account"),
    key("value-date", Kind::Date, "from when the money counts"),
    key("vat-amount", Kind::Decimal, "the value-added tax in a payment"),
    key("vat-rate", Kind::Decimal, "its rate in percent"),
];

/// What is wrong with a pair of metadata as far as the namespace goes; nothing for keys outside of it.
#[must_use]
pub fn wrong(key: &str, value: &str) -> Option<String> {
    let name = key.strip_prefix(NAMESPACE)?;
    let Some(known) = KEYS.iter().find(|known| known.name == name) else {
        return Some(
            "there is no such key in this version of the contract; a provider's own have its name before them".into(),
        );
    };
    let (fits, expected) = match known.kind {
        Kind::Text => (!value.is_empty(), "a text"),
        Kind::Date => (is_date(value), "a date like 2026-01-31"),
        Kind::Instant => (chrono::DateTime::parse_from_rfc3339(value).is_ok(), "an instant like 2026-01-31T10:20:30Z"),
        Kind::Decimal => (is_decimal(value), "a decimal number like 19.6"),
        Kind::Count => (value.parse::<u64>().is_ok_and(|count| count > 0), "a whole number above 0"),
    };
    (!fits).then(|| format!("expected {expected}"))
}

fn is_date(value: &str) -> bool {
    value.len() == 10 && chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok()
}

fn is_decimal(value: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    unsigned.split_once('.').map_or_else(|| is_digits(unsigned), |(whole, rest)| is_digits(whole) && is_digits(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_authors_lists_them_all() {
        let page = include_str!("../../docs/names.md");
        let listed = page.lines().filter_map(|line| line.strip_prefix("| `std/")?.split('`').next());
        assert_eq!(listed.collect::<Vec<_>>(), KEYS.map(|key| key.name));
        for key in KEYS {
            assert!(page.contains(&format!("| {} |", key.meaning)), "{}", key.name);
        }
    }

    #[test]
    fn keys_are_sorted_and_values_are_of_their_kind() {
        assert!(KEYS.is_sorted_by_key(|key| key.name));
        for (key, value) in [
            ("std/iban", "FR7630006000011234567890189"),
            ("std/booking-date", "2026-02-28"),
            ("std/booked-at", "2026-02-28T10:20:30.123+01:00"),
            ("std/vat-rate", "19.60"),
            ("std/vat-amount", "-7"),
            ("x/iban", ""),
        ] {
            assert_eq!(wrong(key, value), None, "{key}");
        }
        for (key, value) in [
            ("std/booking-date", "2026-02-30"),
            ("std/booking-date", "2026-2-3"),
            ("std/batch-count", "0"),
            ("std/booked-at", "2026-02-28T10:20:30"),
            ("std/vat-rate", "1e2"),
            ("std/vat-rate", ".5"),
            ("std/vat-amount", "5."),
            ("std/status", ""),
            ("std/colour", "blue"),
        ] {
            assert!(wrong(key, value).is_some(), "{key} {value}");
        }
    }
}
