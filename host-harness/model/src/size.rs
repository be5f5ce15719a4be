//! How many bytes a record holds, as far as limits go: its texts, and a flat sum for what has a fixed size.

use crate::{Account, Balance, Counterparty, Gap, Other, Page, Parent, Payment, Rejected, Withdrawn};

/// Times, enumerations, lengths.
const FIXED: u64 = 64;

/// Something that has a size.
pub trait Size {
    /// Its bytes.
    fn bytes(&self) -> u64;
}

fn of(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

fn of_all<'a>(texts: impl IntoIterator<Item = &'a String>) -> u64 {
    texts.into_iter().map(|text| of(text)).fold(FIXED, u64::saturating_add)
}

fn of_pairs(pairs: &[(String, String)]) -> u64 {
    of_all(pairs.iter().flat_map(|(key, value)| [key, value]))
}

impl<T: Size> Size for [T] {
    fn bytes(&self) -> u64 {
        self.iter().map(Size::bytes).fold(0, u64::saturating_add)
    }
}

impl Size for Account {
    fn bytes(&self) -> u64 {
        let texts = [&self.reference, &self.raw].into_iter().chain(&self.name).chain(&self.default_asset);
        of_all(texts).saturating_add(of_pairs(&self.metadata))
    }
}

impl Size for Balance {
    fn bytes(&self) -> u64 {
        of_all([&self.account_reference, &self.amount, &self.asset].into_iter().chain(&self.label))
    }
}

impl Size for Counterparty {
    fn bytes(&self) -> u64 {
        let numbers = self.account_number.iter().chain(&self.account_number_format);
        let banks = self.bank_identifier.iter().chain(&self.bank_identifier_format);
        of_all(self.name.iter().chain(&self.account_reference).chain(numbers).chain(banks))
    }
}

impl Size for Payment {
    fn bytes(&self) -> u64 {
        let ends = self.source_account_reference.iter().chain(&self.destination_account_reference);
        let money = self.fees.iter().chain(&self.counter_amount).flat_map(|money| [&money.amount, &money.asset]);
        let texts = [&self.reference, &self.amount, &self.asset, &self.raw].into_iter().chain(ends);
        let texts = texts.chain(&self.parent_reference).chain(money);
        let counterparty = self.counterparty.as_ref().map_or(0, Size::bytes);
        of_all(texts).saturating_add(of_pairs(&self.metadata)).saturating_add(counterparty)
    }
}

impl Size for Other {
    fn bytes(&self) -> u64 {
        of_all([&self.reference, &self.raw].into_iter().chain(&self.name)).saturating_add(of_pairs(&self.metadata))
    }
}

impl Size for Parent {
    fn bytes(&self) -> u64 {
        let texts = [&self.reference, &self.raw].into_iter().chain(&self.default_asset);
        of_all(texts).saturating_add(of_pairs(&self.metadata))
    }
}

impl Size for Withdrawn {
    fn bytes(&self) -> u64 {
        of_all([&self.reference].into_iter().chain(&self.replaced_by))
    }
}

impl Size for Gap {
    /// Its error is cut to what a person reads.
    fn bytes(&self) -> u64 {
        of_all([&self.what])
    }
}

impl Size for Rejected {
    fn bytes(&self) -> u64 {
        of_all([&self.reason, &self.raw].into_iter().chain(&self.reference))
    }
}

impl Size for Page {
    fn bytes(&self) -> u64 {
        let items = match self {
            Self::Accounts(page) => page.items.bytes(),
            Self::Balances(page) => page.items.bytes(),
            Self::Payments(page) => page.items.bytes(),
            Self::Others(page) => page.items.bytes(),
        };
        let besides = self.rejected().bytes().saturating_add(self.withdrawn().bytes());
        items.saturating_add(besides).saturating_add(self.gaps().bytes())
    }
}
