//! Statements as XML: the elements in the order of the schema, and texts as long as it lets them be.

use std::io::{Result, Write};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use sha2::{Digest as _, Sha256};

use super::super::ledger::{Asset, Movement, OwnAccount, plain};
use super::super::selection::compact_iban;
use super::Statement;

/// Decimals of an amount.
pub(super) const DECIMALS: usize = 5;
/// Characters of an identifier, of an account's identifier that is no IBAN, of an account's name, of a party's name or a line of
/// what a payer wrote, and of a remark.
const ID: usize = 35;
const ACCOUNT_ID: usize = 34;
const ACCOUNT_NAME: usize = 70;
const LINE: usize = 140;
const REMARK: usize = 500;

/// Whether an amount, or a sum of such, has more than the eighteen digits there is room for.
pub(super) fn is_too_long(minor: i128) -> bool {
    minor.unsigned_abs() >= 10_u128.pow(18)
}

/// Writes a message of all statements, as things were known at `known`.
pub(super) fn document<W: Write>(out: W, known: DateTime<Utc>, statements: &[Statement<'_>]) -> Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root =
        xml.create_element("Document").with_attribute(("xmlns", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"));
    root.write_inner_content(|xml| {
        element(xml, "BkToCstmrStmt", |xml| {
            element(xml, "GrpHdr", |xml| {
                leaf(xml, "MsgId", &known.format("%Y%m%dT%H%M%SZ").to_string())?;
                leaf(xml, "CreDtTm", &known.to_rfc3339_opts(SecondsFormat::Secs, true))
            })?;
            statements.iter().try_for_each(|one| element(xml, "Stmt", |xml| statement(xml, known, one)))
        })
    })?;
    xml.get_mut().write_all(b"\n")
}

fn statement<W: Write>(xml: &mut Writer<W>, known: DateTime<Utc>, statement: &Statement<'_>) -> Result<()> {
    let Statement { account, asset, first, last, opening, entries } = statement;
    let which = digest(&format!("{}/{}", account.reference, asset.currency));
    leaf(xml, "Id", &format!("{}-{}-{which}", first.format("%Y%m%d"), last.format("%Y%m%d")))?;
    leaf(xml, "CreDtTm", &known.to_rfc3339_opts(SecondsFormat::Secs, true))?;
    element(xml, "FrToDt", |xml| {
        leaf(xml, "FrDtTm", &format!("{first}T00:00:00"))?;
        leaf(xml, "ToDtTm", &format!("{last}T23:59:59"))
    })?;
    element(xml, "Acct", |xml| own_account(xml, account, asset))?;
    balance(xml, "OPBD", asset, *opening, *first)?;
    balance(xml, "CLBD", asset, statement.closing(), *last)?;
    element(xml, "TxsSummry", |xml| {
        total(xml, "TtlCdtNtries", asset, entries.iter().map(|entry| entry.amount).filter(|amount| *amount >= 0))?;
        total(xml, "TtlDbtNtries", asset, entries.iter().map(|entry| entry.amount).filter(|amount| *amount < 0))
    })?;
    entries.iter().try_for_each(|one| element(xml, "Ntry", |xml| entry(xml, one)))
}

fn own_account<W: Write>(xml: &mut Writer<W>, account: &OwnAccount, asset: &Asset) -> Result<()> {
    let number = account.iban.as_deref().or(account.number.as_deref()).unwrap_or(&account.reference);
    account_id(xml, number)?;
    leaf(xml, "Ccy", &asset.currency)?;
    text(xml, "Nm", ACCOUNT_NAME, account.name.as_deref())?;
    if let Some(holder) = &account.holder {
        element(xml, "Ownr", |xml| text(xml, "Nm", LINE, Some(holder)))?;
    }
    agent(xml, "Svcr", account.bic.as_deref())
}

fn balance<W: Write>(xml: &mut Writer<W>, code: &str, asset: &Asset, minor: i128, day: NaiveDate) -> Result<()> {
    element(xml, "Bal", |xml| {
        element(xml, "Tp", |xml| element(xml, "CdOrPrtry", |xml| leaf(xml, "Cd", code)))?;
        amount(xml, asset, minor)?;
        element(xml, "Dt", |xml| leaf(xml, "Dt", &day.to_string()))
    })
}

fn total<W: Write>(xml: &mut Writer<W>, name: &str, asset: &Asset, amounts: impl Iterator<Item = i128>) -> Result<()> {
    let (count, sum) = amounts.fold((0_u64, 0), |(count, sum), amount| (count + 1, sum + amount));
    element(xml, name, |xml| {
        leaf(xml, "NbOfNtries", &count.to_string())?;
        leaf(xml, "Sum", asset.decimal(sum).trim_start_matches('-'))
    })
}

fn entry<W: Write>(xml: &mut Writer<W>, entry: &Movement) -> Result<()> {
    let fee = if entry.leg < 2 { String::new() } else { format!("/fee-{}", entry.leg - 1) };
    leaf(xml, "NtryRef", &id(&format!("{}{fee}", entry.reference), ID))?;
    amount(xml, &entry.asset, entry.amount)?;
    element(xml, "Sts", |xml| leaf(xml, "Cd", "BOOK"))?;
    element(xml, "BookgDt", |xml| leaf(xml, "Dt", &entry.day.to_string()))?;
    if let Some(day) = &entry.value_on {
        element(xml, "ValDt", |xml| leaf(xml, "Dt", day))?;
    }
    leaf(xml, "AcctSvcrRef", &id(&entry.reference, ID))?;
    element(xml, "BkTxCd", |xml| {
        element(xml, "Prtry", |xml| leaf(xml, "Cd", &id(&format!("{}/{}", entry.kind, entry.scheme), ID)))
    })?;
    element(xml, "NtryDtls", |xml| element(xml, "TxDtls", |xml| details(xml, entry)))?;
    text(xml, "AddtlNtryInf", REMARK, entry.label.as_deref())
}

fn details<W: Write>(xml: &mut Writer<W>, entry: &Movement) -> Result<()> {
    element(xml, "Refs", |xml| {
        leaf(xml, "AcctSvcrRef", &id(&entry.reference, ID))?;
        leaf(xml, "EndToEndId", &id(entry.end_to_end_id.as_deref().unwrap_or("NOTPROVIDED"), ID))?;
        entry.mandate_id.as_deref().map_or(Ok(()), |mandate| leaf(xml, "MndtId", &id(mandate, ID)))
    })?;
    amount(xml, &entry.asset, entry.amount)?;
    // A fee is the bank's, whoever the payment it is for went to.
    if entry.leg < 2 {
        let (party, party_account, party_agent) =
            if entry.amount < 0 { ("Cdtr", "CdtrAcct", "CdtrAgt") } else { ("Dbtr", "DbtrAcct", "DbtrAgt") };
        if entry.counterparty.is_some() || entry.counterparty_account.is_some() {
            element(xml, "RltdPties", |xml| {
                if let Some(name) = &entry.counterparty {
                    element(xml, party, |xml| element(xml, "Pty", |xml| text(xml, "Nm", LINE, Some(name))))?;
                }
                let number = entry.counterparty_account.as_deref().filter(|number| !plain(number).is_empty());
                number.map_or(Ok(()), |number| element(xml, party_account, |xml| account_id(xml, number)))
            })?;
        }
        if entry.counterparty_bic.as_deref().is_some_and(is_bic) {
            element(xml, "RltdAgts", |xml| agent(xml, party_agent, entry.counterparty_bic.as_deref()))?;
        }
    }
    let note: Vec<char> = entry.note.as_deref().map(plain).unwrap_or_default().chars().collect();
    if note.is_empty() {
        return Ok(());
    }
    element(xml, "RmtInf", |xml| {
        note.chunks(LINE).try_for_each(|line| leaf(xml, "Ustrd", &line.iter().collect::<String>()))
    })
}

/// An amount without its sign, and which way it goes.
fn amount<W: Write>(xml: &mut Writer<W>, asset: &Asset, minor: i128) -> Result<()> {
    let (decimal, currency) = (asset.decimal(minor), asset.currency.as_str());
    let element = xml.create_element("Amt").with_attribute(("Ccy", currency));
    element.write_text_content(BytesText::new(decimal.trim_start_matches('-')))?;
    leaf(xml, "CdtDbtInd", if minor < 0 { "DBIT" } else { "CRDT" })
}

fn account_id<W: Write>(xml: &mut Writer<W>, number: &str) -> Result<()> {
    let iban = compact_iban(number);
    element(xml, "Id", |xml| {
        if is_iban(&iban) {
            return leaf(xml, "IBAN", &iban);
        }
        element(xml, "Othr", |xml| leaf(xml, "Id", &id(number, ACCOUNT_ID)))
    })
}

/// A bank, where its BIC is one.
fn agent<W: Write>(xml: &mut Writer<W>, name: &str, bic: Option<&str>) -> Result<()> {
    let Some(bic) = bic.filter(|bic| is_bic(bic)) else { return Ok(()) };
    element(xml, name, |xml| element(xml, "FinInstnId", |xml| leaf(xml, "BICFI", bic)))
}

fn element<W: Write>(xml: &mut Writer<W>, name: &str, inner: impl FnOnce(&mut Writer<W>) -> Result<()>) -> Result<()> {
    xml.create_element(name).write_inner_content(inner).map(drop)
}

fn leaf<W: Write>(xml: &mut Writer<W>, name: &str, text: &str) -> Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text)).map(drop)
}

/// A text of the provider's, as long as there is room; none that says nothing.
fn text<W: Write>(xml: &mut Writer<W>, name: &str, most: usize, text: Option<&str>) -> Result<()> {
    let text: String = text.map(plain).unwrap_or_default().chars().take(most).collect();
    if text.is_empty() { Ok(()) } else { leaf(xml, name, text.trim_end()) }
}

/// An identifier, as it is where there is room. A long one is shortened so that no other becomes the same.
fn id(text: &str, most: usize) -> String {
    let text = plain(text);
    let joined = text.replace('-', "");
    let fits = |text: &String| (1..=most).contains(&text.chars().count());
    // A UUID has room without its hyphens.
    [text.clone(), joined].into_iter().find(fits).unwrap_or_else(|| {
        let beginning = text.chars().take(most - 17);
        beginning.chain(['~']).chain(digest(&text).chars()).collect()
    })
}

/// Sixteen characters that stand for a text.
fn digest(text: &str) -> String {
    let number = Sha256::digest(text).iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:016x}")
}

fn is_iban(text: &str) -> bool {
    let (country, check) = (text.chars().take(2), text.chars().skip(2).take(2));
    (5..=34).contains(&text.len())
        && country.into_iter().all(|letter| letter.is_ascii_uppercase())
        && check.into_iter().all(|digit| digit.is_ascii_digit())
}

fn is_bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11)
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && text.bytes().skip(4).take(2).all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_fits_and_stays_its_own() {
        assert_eq!(id("TX-1", ID), "TX-1");
        assert_eq!(id("018f7a1c-1111-7111-8111-111111111111", ID), "018f7a1c111171118111111111111111");
        let (one, other) = (id(&format!("{}a", "é".repeat(40)), ID), id(&format!("{}b", "é".repeat(40)), ID));
        assert_eq!((one.chars().count(), other.chars().count()), (ID, ID));
        assert_ne!(one, other);
        assert_eq!(id("\u{0}", ID).len(), 17, "what says nothing has an identifier as well");
    }

    #[test]
    fn a_bank_and_an_account_are_told_as_such_only_where_they_are() {
        for good in ["QNTOFRP1XXX", "ABCDFRPP"] {
            assert!(is_bic(good), "{good}");
        }
        for bad in ["ABCDEFG", "abcdfrpp", "ABCD12PP", "ABCDFRPPX"] {
            assert!(!is_bic(bad), "{bad}");
        }
        assert!(is_iban("FR7630006000011234567890189"));
        for bad in ["FR", "1234567", "FRXX30006", &"F".repeat(35)] {
            assert!(!is_iban(bad), "{bad}");
        }
    }
}
