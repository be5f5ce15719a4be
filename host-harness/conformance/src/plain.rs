//! Values of records in the sentences of a finding, as a person writes them.

use std::fmt::Display;

use model::Money;

/// A text in quotes; `absent` where there is none.
pub fn quoted<T: Display>(value: Option<&T>) -> String {
    value.map_or_else(|| "absent".to_owned(), |value| format!("“{value}”"))
}

/// An amount with its asset; `absent` where there is none.
pub fn amount(money: Option<&Money>) -> String {
    money.map_or_else(|| "absent".to_owned(), |Money { amount, asset }| format!("{amount} {asset}"))
}

/// All of them; `none` where there are none.
pub fn amounts(all: &[Money]) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    all.iter().map(|money| amount(Some(money))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_told_so_and_what_is_there_as_it_is() {
        let fee = || Money { amount: "35".into(), asset: "EUR/2".into() };
        assert_eq!([quoted(Some(&"a")), quoted(None::<&u16>)], ["“a”", "absent"]);
        assert_eq!([amount(Some(&fee())), amount(None)], ["35 EUR/2", "absent"]);
        assert_eq!([amounts(&[fee(), fee()]), amounts(&[])], ["35 EUR/2, 35 EUR/2", "none"]);
    }
}
