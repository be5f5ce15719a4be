//! Which accounts of a ledger stand for what: as a person says, and else made of the bank's words.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use model::malformed::malformed;

use super::super::ExportError;
use super::super::ledger::{Ledger, Movement, OwnAccount, plain};
use super::super::selection::compact_iban;

/// What is on its way between own accounts: out of one, and not yet in the other.
pub(super) const TRANSFERS: &str = "Assets:Transfers";
/// Where what an account had before its first entry is from.
pub(super) const OPENING: &str = "Equity:Opening-Balances";

/// The roots that every ledger has.
const ROOTS: [&str; 5] = ["Assets", "Liabilities", "Equity", "Income", "Expenses"];

/// Names of ledger accounts that a person chose, each by what it stands for: an own account by its reference or IBAN, and
/// where money goes to or comes from by the counterparty's IBAN or name, else by the category, else by the type of the movement,
/// such as `FEE`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountNames {
    exact: BTreeMap<String, String>,
    ibans: BTreeMap<String, String>,
}

/// Why a text names no accounts.
#[derive(Debug, thiserror::Error)]
pub enum NotAccountNames {
    /// It is no JSON object of texts.
    #[error("expected a JSON object such as {{\"office_supply\": \"Expenses:Office\"}}: {}", malformed(.0))]
    Json(#[from] serde_json::Error),
    /// A name is not one of a ledger's.
    #[error(
        "{name:?}, for {what:?}, is no account: expected one such as Expenses:Office, with Assets, Liabilities, Equity, Income or \
         Expenses first, and each part beginning with a capital letter or a digit"
    )]
    Name {
        /// What it is to stand for.
        what: String,
        /// The name.
        name: String,
    },
}

impl FromStr for AccountNames {
    type Err = NotAccountNames;

    fn from_str(json: &str) -> Result<Self, NotAccountNames> {
        let exact: BTreeMap<String, String> = serde_json::from_str(json)?;
        if let Some((what, name)) = exact.iter().find(|(_, name)| !is_account(name)) {
            return Err(NotAccountNames::Name { what: what.clone(), name: name.clone() });
        }
        let ibans = exact.iter().map(|(what, name)| (compact_iban(what), name.clone())).collect();
        Ok(Self { exact, ibans })
    }
}

impl AccountNames {
    fn of(&self, what: &str) -> Option<&String> {
        self.exact.get(what)
    }

    fn of_iban(&self, iban: Option<&String>) -> Option<&String> {
        iban.and_then(|iban| self.ibans.get(&compact_iban(iban)))
    }
}

fn is_account(name: &str) -> bool {
    let mut parts = name.split(':');
    let root = parts.next().is_some_and(|root| ROOTS.contains(&root));
    root && name.contains(':') && parts.all(|part| !part.is_empty() && component(part) == part)
}

/// A text as a part of an account's name: Latin letters and digits, a capital or a digit first, `-` for anything between.
/// Empty where nothing is left.
fn component(text: &str) -> String {
    let is_latin = |character: char| matches!(character, '\u{c0}'..='\u{24f}') && !matches!(character, '×' | '÷');
    let words: Vec<&str> = text
        .split(|character: char| !character.is_ascii_alphanumeric() && !is_latin(character))
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join("-");
    let Some(first) = joined.chars().next() else { return joined };
    let rest = &joined[first.len_utf8()..];
    let capital: String = first.to_uppercase().collect();
    let begins_well = capital.chars().next().is_some_and(|first| first.is_ascii_digit() || first.is_uppercase());
    if begins_well { format!("{capital}{rest}") } else { format!("X{joined}") }
}

/// What an own account is called: by its name, else its IBAN, else its reference.
fn called(account: &OwnAccount) -> String {
    let words = [account.name.as_deref(), account.iban.as_deref(), Some(account.reference.as_str())];
    words.into_iter().flatten().map(component).find(|name| !name.is_empty()).unwrap_or_else(|| "X".to_owned())
}

/// A name for an own account that nobody named. One that is called as another is has its reference in it.
fn free_name(account: &OwnAccount, all: &[OwnAccount], taken: &BTreeSet<String>) -> String {
    let called_so = called(account);
    let is_shared = all.iter().filter(|other| called(other) == called_so).count() > 1;
    let further = Some(component(&account.reference)).filter(|further| is_shared && !further.is_empty());
    let first = format!("Assets:Bank:{called_so}{}", further.map(|further| format!("-{further}")).unwrap_or_default());
    let more = (2_u32..).map(|number| format!("{first}-{number}"));
    let mut names = std::iter::once(first.clone()).chain(more);
    names.find(|name| !taken.contains(name)).unwrap_or(first)
}

/// The accounts of a ledger.
pub(super) struct Chart<'n> {
    names: &'n AccountNames,
    own: BTreeMap<String, String>,
    own_ibans: BTreeSet<String>,
}

impl<'n> Chart<'n> {
    pub(super) fn new(ledger: &Ledger, names: &'n AccountNames) -> Result<Self, ExportError> {
        let moved = ledger.movements.iter().map(|one| &one.account);
        let references: BTreeSet<&String> =
            ledger.accounts.keys().chain(ledger.balances.keys().map(|(account, _)| account)).chain(moved).collect();
        let accounts: Vec<_> = references.into_iter().map(|reference| ledger.account(reference)).collect();
        let mut own = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for account in &accounts {
            let chosen = names.of(&account.reference).or_else(|| names.of_iban(account.iban.as_ref()));
            let name = chosen.cloned().unwrap_or_else(|| free_name(account, &accounts, &taken));
            if !taken.insert(name.clone()) {
                let reason = "its name in the ledger is that of another account as well";
                return Err(ExportError::Misfit { record: account.reference.clone(), reason });
            }
            own.insert(account.reference.clone(), name);
        }
        let ibans = accounts.iter().filter_map(|account| account.iban.as_deref().map(compact_iban));
        Ok(Self { names, own, own_ibans: ibans.filter(|iban| !iban.is_empty()).collect() })
    }

    /// An own account. What is pending is not on it yet, and stands beside it.
    pub(super) fn own(&self, reference: &str, is_pending: bool) -> String {
        let name = self.own.get(reference).map_or("Assets:Bank", String::as_str);
        let (_, rest) = name.split_once(':').unwrap_or(("", name));
        if is_pending { format!("Assets:Pending:{rest}") } else { name.to_owned() }
    }

    /// Where the money of a movement goes to, or comes from.
    pub(super) fn other(&self, movement: &Movement) -> String {
        let is_fee = movement.leg > 1;
        let party = Some(movement).filter(|_| !is_fee);
        let chosen = party
            .and_then(|one| self.names.of_iban(one.counterparty_account.as_ref()))
            .or_else(|| party.and_then(|one| self.names.of(one.counterparty.as_deref()?)))
            .or_else(|| party.and_then(|one| self.names.of(one.category.as_deref()?)))
            .or_else(|| self.names.of(&movement.kind));
        chosen.cloned().unwrap_or_else(|| {
            let root = if movement.amount < 0 { "Expenses" } else { "Income" };
            let category = movement.category.as_deref().map(|category| component(&plain(category)));
            let part = category.filter(|part| !part.is_empty()).unwrap_or_else(|| "Uncategorised".to_owned());
            if is_fee { "Expenses:Bank-Fees".to_owned() } else { format!("{root}:{part}") }
        })
    }

    /// Whether a movement is one side of a transfer between own accounts.
    pub(super) fn is_transfer(&self, movement: &Movement) -> bool {
        let party = movement.counterparty_account.as_deref().map(compact_iban);
        movement.kind == "TRANSFER" || party.is_some_and(|iban| self.own_ibans.contains(&iban))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn any_text_makes_a_part_of_an_account_or_none() {
        for (text, part) in [
            ("office_supply", "Office-supply"),
            ("  Compte courant: Île-de-France ", "Compte-courant-Île-de-France"),
            ("42 rue", "42-rue"),
            ("é", "É"),
            ("ŉa", "Xŉa"),
            ("日本", ""),
            ("-;\"\n", ""),
        ] {
            assert_eq!(component(text), part, "{text}");
        }
    }

    #[test]
    fn names_are_those_of_accounts_or_are_refused() {
        let names: AccountNames = r#"{"fr76 3000": "Assets:Main", "office": "Expenses:Bureau:2026"}"#.parse().unwrap();
        assert_eq!(names.of_iban(Some(&"FR763000".to_owned())).unwrap(), "Assets:Main");
        assert_eq!((names.of("office").unwrap().as_str(), names.of("Office")), ("Expenses:Bureau:2026", None));
        for wrong in
            [r#"{"a": "Main"}"#, r#"{"a": "Assets"}"#, r#"{"a": "Assets:"}"#, r#"{"a": "Assets:x y"}"#, "[]", ""]
        {
            assert!(wrong.parse::<AccountNames>().is_err(), "{wrong}");
        }
    }
}
