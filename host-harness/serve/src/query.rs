//! The filters of the payments API: JSON in the body of a GET, or in `?query=`.

use model::malformed::malformed;
use serde_json::{Map, Value};
use store::serving::list::{Condition, Field, Op};

use crate::id::{AccountId, ConnectorId, Id as _, PaymentId};
use crate::problem::Problem;

/// How deep conditions may stand in each other, and how many there may be in all.
const DEEPEST: usize = 16;
const MOST: usize = 200;

/// What a list is of, which says what it can be picked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Accounts,
    Payments,
    Connectors,
}

/// What an operator takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Compare(Op),
    Exists,
    In,
}

/// A key that records are picked by.
enum Key {
    Plain(Field),
    Amount(Field),
    Created,
    Connector,
    Id,
    Source,
    Destination,
    /// Nothing here has one.
    Never,
}

/// Reads a filter; an empty one lets everything pass.
///
/// # Errors
/// It is not JSON, or asks for what there is not: the message names it.
pub(crate) fn parse(text: &str, of: Of) -> Result<Condition, Problem> {
    if text.trim().is_empty() {
        return Ok(Condition::All(Vec::new()));
    }
    let not_json = |error| Problem::validation(format!("the filter is not JSON: {}", malformed(&error)));
    let value: Value = serde_json::from_str(text).map_err(not_json)?;
    let mut budget = MOST;
    Reader { of, budget: &mut budget }.node(&value, DEEPEST)
}

struct Reader<'b> {
    of: Of,
    budget: &'b mut usize,
}

impl Reader<'_> {
    fn node(&mut self, value: &Value, depth: usize) -> Result<Condition, Problem> {
        self.spend(1)?;
        let depth = depth.checked_sub(1).ok_or_else(too_large)?;
        let object = value.as_object().ok_or_else(|| Problem::validation("a filter is a JSON object"))?;
        if object.is_empty() {
            return Ok(Condition::All(Vec::new()));
        }
        let (operator, argument) = only(object)?;
        match operator {
            "$and" => self.list(argument, depth).map(Condition::All),
            "$or" => self.list(argument, depth).map(Condition::Any),
            "$not" => Ok(Condition::Not(Box::new(self.node(argument, depth)?))),
            "$match" => self.test(Operator::Compare(Op::Match), operator, argument),
            "$lt" => self.test(Operator::Compare(Op::Lt), operator, argument),
            "$lte" => self.test(Operator::Compare(Op::Lte), operator, argument),
            "$gt" => self.test(Operator::Compare(Op::Gt), operator, argument),
            "$gte" => self.test(Operator::Compare(Op::Gte), operator, argument),
            "$like" => self.test(Operator::Compare(Op::Like), operator, argument),
            "$exists" => self.test(Operator::Exists, operator, argument),
            "$in" => self.test(Operator::In, operator, argument),
            other => Err(Problem::validation(format!("unknown operator '{other}' when building query"))),
        }
    }

    /// Counts conditions, of which there may be so many: the store takes no more.
    fn spend(&mut self, conditions: usize) -> Result<(), Problem> {
        *self.budget = self.budget.checked_sub(conditions).ok_or_else(too_large)?;
        Ok(())
    }

    fn list(&mut self, value: &Value, depth: usize) -> Result<Vec<Condition>, Problem> {
        let list = value.as_array().ok_or_else(|| Problem::validation("`$and` and `$or` take a list"))?;
        list.iter().map(|one| self.node(one, depth)).collect()
    }

    fn test(&mut self, operator: Operator, word: &str, argument: &Value) -> Result<Condition, Problem> {
        let object = argument
            .as_object()
            .ok_or_else(|| Problem::validation(format!("`{word}` takes an object with one key")))?;
        let (name, value) = only(object)?;
        let key = self.key(name)?;
        match operator {
            Operator::Exists => {
                let wanted = value.as_bool().ok_or_else(|| Problem::validation("`$exists` takes true or false"))?;
                let exists = exists(&key);
                Ok(if wanted { exists } else { Condition::Not(Box::new(exists)) })
            }
            Operator::In => {
                let list = value.as_array().ok_or_else(|| Problem::validation("`$in` takes a list"))?;
                self.spend(list.len())?;
                let each = list.iter().map(|one| self.compare(&key, name, Op::Match, one));
                Ok(Condition::Any(each.collect::<Result<_, _>>()?))
            }
            Operator::Compare(op) => self.compare(&key, name, op, value),
        }
    }

    fn compare(&self, key: &Key, name: &str, op: Op, value: &Value) -> Result<Condition, Problem> {
        let only_equal = matches!(key, Key::Connector | Key::Id | Key::Source | Key::Destination)
            || self.of == Of::Payments && !matches!(key, Key::Amount(_) | Key::Created);
        if only_equal && op != Op::Match {
            return Err(Problem::validation(format!("'{name}' column can only be used with $match")));
        }
        if let Key::Amount(field) = key {
            let amount = value.as_number().map(ToString::to_string).filter(|digits| is_whole(digits));
            let amount = amount.ok_or_else(|| Problem::validation(format!("'{name}': expected a whole number")))?;
            return Ok(Condition::Compare(field.clone(), op, amount));
        }
        let text = value.as_str().ok_or_else(|| Problem::validation(format!("'{name}': expected a string")))?;
        Ok(match key {
            Key::Plain(Field::Status) => Condition::Compare(Field::Status, op, ours(text).to_owned()),
            Key::Plain(field) => Condition::Compare(field.clone(), op, text.to_owned()),
            Key::Created => {
                let at = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| {
                    Problem::validation(format!("'{name}': expected a time such as 2026-01-31T00:00:00Z"))
                })?;
                Condition::Created(op, at.timestamp(), at.timestamp_subsec_nanos())
            }
            Key::Connector => ConnectorId::parse(text).map_or(NEVER, |id| Condition::OfConnector(id.uuid().to_owned())),
            Key::Id => self.record(text),
            Key::Source => AccountId::parse(text).map_or(NEVER, |id| Condition::From(id.record())),
            Key::Destination => AccountId::parse(text).map_or(NEVER, |id| Condition::To(id.record())),
            Key::Amount(_) | Key::Never => NEVER,
        })
    }

    fn record(&self, text: &str) -> Condition {
        match self.of {
            Of::Accounts => AccountId::parse(text).map_or(NEVER, |id| Condition::Is(id.record())),
            Of::Payments => PaymentId::parse(text).map_or(NEVER, |id| Condition::Is(id.record())),
            Of::Connectors => ConnectorId::parse(text).map_or(NEVER, |id| Condition::OfConnector(id.uuid().to_owned())),
        }
    }

    fn key(&self, name: &str) -> Result<Key, Problem> {
        let metadata = name.strip_prefix("metadata[").and_then(|rest| rest.strip_suffix(']'));
        if let (Some(key), true) = (metadata, self.of != Of::Connectors) {
            return Ok(Key::Plain(Field::Metadata(key.to_owned())));
        }
        Ok(match (self.of, name) {
            (_, "id") => Key::Id,
            (Of::Accounts | Of::Payments, "connector_id") => Key::Connector,
            (Of::Accounts | Of::Payments, "reference") => Key::Plain(Field::Reference),
            (Of::Accounts | Of::Payments, "type") => Key::Plain(Field::Type),
            (Of::Accounts | Of::Payments, "created_at") => Key::Created,
            (Of::Accounts | Of::Payments, "psu_id" | "open_banking_connection_id") => Key::Never,
            (Of::Accounts, "default_asset") | (Of::Payments, "asset") => Key::Plain(Field::Asset),
            (Of::Accounts, "name") => Key::Plain(Field::Name),
            (Of::Payments, "scheme") => Key::Plain(Field::Scheme),
            (Of::Payments, "status") => Key::Plain(Field::Status),
            (Of::Payments, "source_account_id") => Key::Source,
            (Of::Payments, "destination_account_id") => Key::Destination,
            (Of::Payments, "amount") => Key::Amount(Field::Amount),
            (Of::Payments, "initial_amount") => Key::Amount(Field::InitialAmount),
            (Of::Connectors, "name") => Key::Plain(Field::Install),
            (Of::Connectors, "provider") => Key::Plain(Field::Provider),
            _ => return Err(Problem::validation(format!("unknown key '{name}' when building query"))),
        })
    }
}

fn too_large() -> Problem {
    Problem::validation(format!("the filter is too large: at most {MOST} conditions, {DEEPEST} deep"))
}

/// What nothing is like.
const NEVER: Condition = Condition::Any(Vec::new());

fn exists(key: &Key) -> Condition {
    match key {
        Key::Plain(field) | Key::Amount(field) => Condition::Exists(field.clone()),
        Key::Never => NEVER,
        Key::Source => Condition::Exists(Field::Source),
        Key::Destination => Condition::Exists(Field::Destination),
        Key::Created | Key::Connector | Key::Id => Condition::All(Vec::new()),
    }
}

/// The store's word for one of the API's.
fn ours(status: &str) -> &str {
    if status == "AMOUNT_ADJUSTEMENT" { "AMOUNT_ADJUSTMENT" } else { status }
}

fn is_whole(digits: &str) -> bool {
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The one member of an object.
fn only(object: &Map<String, Value>) -> Result<(&str, &Value), Problem> {
    let mut members = object.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err(Problem::validation("a filter has one key in each object; `$and` joins several")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_as_it_stands() {
        let text = r#"{"$and":[{"$match":{"status":"AMOUNT_ADJUSTEMENT"}},{"$gte":{"amount":123456789012345678901234567890}},
            {"$not":{"$in":{"metadata[com.qonto.spec/side]":["debit","x"]}}}]}"#;
        let field = Field::Metadata("com.qonto.spec/side".into());
        let side = |value: &str| Condition::Compare(field.clone(), Op::Match, value.into());
        let expected = Condition::All(vec![
            Condition::Compare(Field::Status, Op::Match, "AMOUNT_ADJUSTMENT".into()),
            Condition::Compare(Field::Amount, Op::Gte, "123456789012345678901234567890".into()),
            Condition::Not(Box::new(Condition::Any(vec![side("debit"), side("x")]))),
        ]);
        assert_eq!(parse(text, Of::Payments).unwrap(), expected);
        assert!(["", " ", "{}"].iter().all(|text| parse(text, Of::Accounts).unwrap() == Condition::All(vec![])));
        assert_eq!(parse(r#"{"$match":{"connector_id":"x"}}"#, Of::Payments).unwrap(), NEVER);
    }

    #[test]
    fn what_there_is_not_is_refused_by_its_name() {
        let deep = r#"{"$not":"#.repeat(40) + "{}" + &"}".repeat(40);
        let wide = |values| format!(r#"{{"$in":{{"type":[{}]}}}}"#, vec![r#""x""#; values].join(","));
        assert!(parse(&wide(MOST - 1), Of::Payments).is_ok());
        for (text, of, told) in [
            (r#"{"$match":{"x":"y"}}"#, Of::Payments, "unknown key 'x'"),
            (r#"{"$match":{"name":"y"}}"#, Of::Payments, "unknown key 'name'"),
            (r#"{"$match":{"metadata[x]":"y"}}"#, Of::Connectors, "unknown key 'metadata[x]'"),
            (r#"{"$regex":{"x":"y"}}"#, Of::Payments, "unknown operator '$regex'"),
            (r#"{"$lt":{"status":"y"}}"#, Of::Payments, "'status' column can only be used with $match"),
            (r#"{"$lt":{"connector_id":"y"}}"#, Of::Accounts, "'connector_id' column can only be used with $match"),
            (r#"{"$match":{"amount":1.5}}"#, Of::Payments, "'amount': expected a whole number"),
            (r#"{"$match":{"amount":"1"}}"#, Of::Payments, "'amount': expected a whole number"),
            (r#"{"$match":{"type":1}}"#, Of::Payments, "'type': expected a string"),
            (r#"{"$match":{"a":"1","b":"2"}}"#, Of::Payments, "one key"),
            ("[]", Of::Payments, "a JSON object"),
            ("{", Of::Payments, "not JSON"),
            (&deep, Of::Payments, "too large"),
            (&wide(MOST), Of::Payments, "too large"),
        ] {
            let said = parse(text, of).unwrap_err().message().to_owned();
            assert!(said.contains(told), "{text}: {said}");
        }
    }
}
