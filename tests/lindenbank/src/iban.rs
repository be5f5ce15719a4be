//! Account numbers.

/// A German IBAN with right check digits, of a bank code and an account number; digits beyond eight and ten are cut.
#[must_use]
pub fn german_iban(bank: u64, account: u64) -> String {
    let digits = format!("{:08}{:010}", bank % 100_000_000, account % 10_000_000_000);
    // "DE00" goes behind the number, its letters as 13 and 14.
    let rest = format!("{digits}131400").bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
    format!("DE{:02}{digits}", 98 - rest)
}
