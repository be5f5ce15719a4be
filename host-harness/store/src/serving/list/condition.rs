//! What records of a list have to be like.

use rusqlite::types::Value;

use super::RecordId;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Match,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// More.
    Gt,
    /// More or equal.
    Gte,
    /// Like a pattern, in which `%` stands for any text and `_` for any character.
    Like,
}

impl Op {
    fn sql(self) -> &'static str {
        match self {
            Self::Match => "=",
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Like => "LIKE",
        }
    }
}

/// A field that records are picked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The provider's identifier.
    Reference,
    /// The name of an account.
    Name,
    /// The type of a payment, or `INTERNAL` or `EXTERNAL` of an account.
    Type,
    /// The asset of a payment or balance, or the default one of an account.
    Asset,
    /// The rail of a payment.
    Scheme,
    /// The status of a payment.
    Status,
    /// The amount of a payment, in the smallest unit.
    Amount,
    /// The amount that a payment had first.
    InitialAmount,
    /// The own account that a payment leaves.
    Source,
    /// The own account that it comes to.
    Destination,
    /// A key of the metadata, the user's notes included.
    Metadata(String),
    /// The name of the connector's install.
    Install,
    /// The name of the connector.
    Provider,
}

/// What a record has to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of these; none: anything.
    All(Vec<Condition>),
    /// One of these at least.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A field compares so. Amounts compare as numbers, all else as text.
    Compare(Field, Op, String),
    /// The field is there.
    Exists(Field),
    /// The connector has this UUID.
    OfConnector(String),
    /// It is this very record.
    Is(RecordId),
    /// A payment out of this account.
    From(RecordId),
    /// A payment to this account.
    To(RecordId),
    /// Made at this time, in seconds and nanoseconds since 1970, or before or after it.
    Created(Op, i64, u32),
}

/// How the fields of one kind of records are spelt in SQL.
pub(in crate::serving) struct Columns {
    pub(in crate::serving) column: fn(&Field) -> Option<&'static str>,
    /// The time of creation.
    pub(in crate::serving) created: [&'static str; 2],
    /// What tells one record, given its connector.
    pub(in crate::serving) is: &'static str,
}

/// A condition as SQL, with the values in the order of their marks.
pub(in crate::serving) struct Compiled<'c> {
    columns: &'c Columns,
    pub(in crate::serving) sql: String,
    pub(in crate::serving) values: Vec<Value>,
}

impl<'c> Compiled<'c> {
    pub(in crate::serving) fn new(columns: &'c Columns, condition: &Condition) -> Self {
        let mut compiled = Self { columns, sql: String::new(), values: Vec::new() };
        compiled.add(condition);
        compiled
    }

    fn add(&mut self, condition: &Condition) {
        match condition {
            Condition::All(all) => self.joined(all, " AND ", "TRUE"),
            Condition::Any(any) => self.joined(any, " OR ", "FALSE"),
            Condition::Not(one) => {
                self.sql.push_str("NOT ifnull(");
                self.add(one);
                self.sql.push_str(", FALSE)");
            }
            Condition::Compare(field, op, value) => self.compare(field, *op, value),
            Condition::Exists(field) => {
                let column = self.column(field).unwrap_or("NULL");
                self.sql.extend([column, " NOT NULL"]);
            }
            Condition::OfConnector(uuid) => {
                self.push("p.install = (SELECT install FROM connectors WHERE uuid = ?)", [uuid.clone().into()]);
            }
            Condition::Is(id) => {
                let RecordId { connector, reference, payment_type } = id.clone();
                let [one, two] = [reference.clone(), reference];
                self.push(self.columns.is, [connector.into(), one.into(), two.into(), payment_type.into()]);
            }
            Condition::From(account) => self.account("p.source", account),
            Condition::To(account) => self.account("p.destination", account),
            Condition::Created(op, seconds, nanoseconds) => {
                let [s, n] = self.columns.created;
                self.push(&format!("({s}, {n}) {} (?, ?)", op.sql()), [(*seconds).into(), (*nanoseconds).into()]);
            }
        }
    }

    fn joined(&mut self, conditions: &[Condition], by: &str, none: &str) {
        if conditions.is_empty() {
            return self.sql.push_str(none);
        }
        self.sql.push('(');
        for (index, condition) in conditions.iter().enumerate() {
            self.sql.push_str(if index == 0 { "" } else { by });
            self.add(condition);
        }
        self.sql.push(')');
    }

    fn compare(&mut self, field: &Field, op: Op, value: &str) {
        let Some(column) = self.column(field) else { return self.sql.push_str("FALSE") };
        let sign = op.sql();
        match field {
            // Digits without leading zeros: the longer is the larger. A sign makes it less than any.
            Field::Amount | Field::InitialAmount if value.starts_with('-') => {
                self.sql.push_str(if matches!(op, Op::Gt | Op::Gte) { "TRUE" } else { "FALSE" });
            }
            Field::Amount | Field::InitialAmount => {
                let length = i64::try_from(value.len()).unwrap_or(i64::MAX);
                self.push(
                    &format!("(length({column}), {column}) {sign} (?, ?)"),
                    [length.into(), value.to_owned().into()],
                );
            }
            _ => self.push(&format!("{column} {sign} ?"), [value.to_owned().into()]),
        }
    }

    fn account(&mut self, column: &str, account: &RecordId) {
        let of = "p.install = (SELECT install FROM connectors WHERE uuid = ?)";
        self.push(
            &format!("({of} AND {column} = ?)"),
            [account.connector.clone().into(), account.reference.clone().into()],
        );
    }

    /// The column of a field. The key of metadata is a value, as often as it is asked for.
    fn column(&mut self, field: &Field) -> Option<&'static str> {
        let column = (self.columns.column)(field)?;
        if let Field::Metadata(key) = field {
            let path = format!("$.\"{}\"", key.replace('"', "\\\""));
            self.values.extend(column.matches('?').map(|_| Value::from(path.clone())));
        }
        Some(column)
    }

    fn push<const N: usize>(&mut self, sql: &str, values: [Value; N]) {
        self.sql.push_str(sql);
        self.values.extend(values);
    }
}
