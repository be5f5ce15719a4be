//! Amounts as people read them.

/// Minor units as an amount with its currency: `-1 299.00 EUR`. What is no asset of the contract is shown as it is.
#[must_use]
pub fn money(amount: &str, asset: &str) -> String {
    let Some((currency, exponent)) = asset.split_once('/') else { return format!("{amount} {asset}") };
    let Ok(exponent) = exponent.parse::<usize>() else { return format!("{amount} {asset}") };
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let padded = format!("{digits:0>width$}", width = exponent + 1);
    let (major, minor) = padded.split_at(padded.len() - exponent);
    let point = if exponent == 0 { "" } else { "." };
    format!("{sign}{}{point}{minor} {currency}", grouped(major))
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_in_major_units_without_losing_a_digit() {
        for (amount, asset, shown) in [
            ("129900", "EUR/2", "1 299.00 EUR"),
            ("-5", "EUR/2", "-0.05 EUR"),
            ("0", "EUR/2", "0.00 EUR"),
            ("1500", "JPY/0", "1 500 JPY"),
            ("90071992547409930001", "BHD/3", "90 071 992 547 409 930.001 BHD"),
        ] {
            assert_eq!(money(amount, asset), shown);
        }
    }
}
