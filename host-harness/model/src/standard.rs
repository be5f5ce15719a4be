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
    /// A whole number above 0.
    Count,
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
pub const KEYS: [StandardKey; 18] = [
    key("account-number", Kind::Text, "an account's number, where it is no IBAN"),
    key("address", Kind::Text, "an address on a chain"),
    key("batch-count", Kind::Count, "how many payments a row stands for"),
    key("bic", Kind::Text, "the bank of an account"),
    key("booking-date", Kind::Date, "when a payment was booked"),
    key("country", Kind::Text, "where an account is"),
    key("description", Kind::Text, "what payer or bank wrote"),
    key("end-to-end-id", Kind::Text, "the payer's identifier, passed on by every bank"),
    key("group", Kind::Text, "equal for the rows of one event: both legs, one batch"),
    key("holder", Kind::Text, "whose account it is"),
    key("iban", Kind::Text, "an account's IBAN"),
    key("mandate-id", Kind::Text, "the mandate of a direct debit"),
    key("routing-number", Kind::Text, "the bank of an account in the United States"),
    key("scheme", Kind::Text, "the provider's word for the rail"),
    key("sort-code", Kind::Text, "the bank of an account in the United Kingdom"),
    key("status", Kind::Text, "the provider's word for the state"),
    key("type", Kind::Text, "the provider's word for the kind of payment or account"),
    key("value-date", Kind::Date, "from when the money counts"),
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
        Kind::Count => (value.parse::<u64>().is_ok_and(|count| count > 0), "a whole number above 0"),
    };
    (!fits).then(|| format!("expected {expected}"))
}

fn is_date(value: &str) -> bool {
    value.len() == 10 && chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok()
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
        for (key, value) in
            [("std/iban", "FR7630006000011234567890189"), ("std/booking-date", "2026-02-28"), ("x/iban", "")]
        {
            assert_eq!(wrong(key, value), None, "{key}");
        }
        for (key, value) in [
            ("std/booking-date", "2026-02-30"),
            ("std/booking-date", "2026-2-3"),
            ("std/batch-count", "0"),
            ("std/status", ""),
            ("std/colour", "blue"),
        ] {
            assert!(wrong(key, value).is_some(), "{key} {value}");
        }
    }
}
