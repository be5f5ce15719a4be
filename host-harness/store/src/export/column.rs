//! What the columns of a table are, as far as a table has types.

/// What its cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A decimal number.
    Number,
    Day,
    Instant,
    /// A JSON object of texts.
    Map,
    Json,
}

impl Kind {
    /// Columns are named by what they hold.
    fn of(column: &str) -> Self {
        match column {
            "since" | "as_of" => Self::Instant,
            "amount" | "local_amount" | "vat_amount" | "vat_rate" | "balance_after" | "attachments" => Self::Number,
            "metadata" => Self::Map,
            "raw" => Self::Json,
            _ if column.ends_with("_minor") => Self::Number,
            _ if column.ends_with("_at") => Self::Instant,
            _ if column.ends_with("_on") => Self::Day,
            _ => Self::Text,
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// As many decimals as the number in it that has most, where the format has to know before.
    pub(super) decimals: usize,
}

impl Column {
    pub(super) fn all(names: &[&str]) -> Vec<Self> {
        let column = |name: &&str| Self { name: (*name).to_owned(), kind: Kind::of(name), decimals: 0 };
        names.iter().map(column).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_typed_by_its_name() {
        for (column, kind) in [
            ("booked_on", Kind::Day),
            ("created_at", Kind::Instant),
            ("as_of", Kind::Instant),
            ("amount", Kind::Number),
            ("amount_minor", Kind::Number),
            ("account_iban", Kind::Text),
            ("reason", Kind::Text),
            ("metadata", Kind::Map),
        ] {
            assert_eq!(Kind::of(column), kind, "{column}");
        }
    }
}
