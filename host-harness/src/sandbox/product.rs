//! Every text that a connector hands to the host in the result of a call, so that it can be searched and measured.

use super::call::Page;
use crate::contract::{Account, Counterparty, Error, ErrorDetail, Manifest, Payment, Rejected};

/// Gets the name of a field, the key where it is one of metadata, and the text.
pub type See<'s> = dyn FnMut(&'static str, Option<&str>, &str) + 's;

/// What a call gives.
pub trait Product {
    /// Shows each text of it.
    fn each_text(&self, see: &mut See<'_>);
}

impl Product for () {
    fn each_text(&self, _: &mut See<'_>) {}
}

impl Product for Manifest {
    // Made without a config, and so without a secret to find.
    fn each_text(&self, _: &mut See<'_>) {}
}

impl Product for Page {
    fn each_text(&self, see: &mut See<'_>) {
        match self {
            Self::Accounts(page) => page.items.iter().for_each(|item| account(item, see)),
            Self::Balances(page) => {
                for balance in &page.items {
                    see("balance.account-reference", None, &balance.account_reference);
                    see("balance.amount", None, &balance.amount);
                    see("balance.asset", None, &balance.asset);
                }
            }
            Self::Payments(page) => {
                page.items.iter().for_each(|item| payment(item, see));
                page.withdrawn.iter().for_each(|reference| see("withdrawn", None, reference));
            }
        }
        self.rejected().iter().for_each(|row| rejected(row, see));
    }
}

impl Product for Error {
    fn each_text(&self, see: &mut See<'_>) {
        match self {
            Self::InvalidConfig(config) => {
                see("config-error.field", None, &config.field);
                see("config-error.reason", None, &config.reason);
            }
            Self::Unauthorized(detail)
            | Self::Forbidden(detail)
            | Self::NotFound(detail)
            | Self::RateLimited(detail)
            | Self::Unavailable(detail)
            | Self::MalformedResponse(detail)
            | Self::UpstreamRejected(detail)
            | Self::InvalidState(detail)
            | Self::InvalidParent(detail)
            | Self::Unsupported(detail)
            | Self::NoProgress(detail)
            | Self::Other(detail) => error_detail(detail, see),
        }
    }
}

fn error_detail(detail: &ErrorDetail, see: &mut See<'_>) {
    see("error-detail.message", None, &detail.message);
    maybe("error-detail.provider-code", detail.provider_code.as_ref(), see);
    maybe("error-detail.request-id", detail.request_id.as_ref(), see);
}

fn maybe(field: &'static str, text: Option<&String>, see: &mut See<'_>) {
    if let Some(text) = text {
        see(field, None, text);
    }
}

fn metadata(field: &'static str, pairs: &[(String, String)], see: &mut See<'_>) {
    for (key, value) in pairs {
        see(field, None, key);
        see(field, Some(key), value);
    }
}

fn account(account: &Account, see: &mut See<'_>) {
    see("account.reference", None, &account.reference);
    maybe("account.name", account.name.as_ref(), see);
    maybe("account.default-asset", account.default_asset.as_ref(), see);
    metadata("account.metadata", &account.metadata, see);
    see("account.raw", None, &account.raw);
}

fn payment(payment: &Payment, see: &mut See<'_>) {
    see("payment.reference", None, &payment.reference);
    see("payment.amount", None, &payment.amount);
    see("payment.asset", None, &payment.asset);
    maybe("payment.source-account-reference", payment.source_account_reference.as_ref(), see);
    maybe("payment.destination-account-reference", payment.destination_account_reference.as_ref(), see);
    if let Some(party) = &payment.counterparty {
        counterparty(party, see);
    }
    metadata("payment.metadata", &payment.metadata, see);
    see("payment.raw", None, &payment.raw);
}

fn counterparty(party: &Counterparty, see: &mut See<'_>) {
    maybe("counterparty.name", party.name.as_ref(), see);
    maybe("counterparty.account-number", party.account_number.as_ref(), see);
    maybe("counterparty.account-number-format", party.account_number_format.as_ref(), see);
    maybe("counterparty.bank-identifier", party.bank_identifier.as_ref(), see);
    maybe("counterparty.bank-identifier-format", party.bank_identifier_format.as_ref(), see);
}

fn rejected(rejected: &Rejected, see: &mut See<'_>) {
    maybe("rejected.reference", rejected.reference.as_ref(), see);
    see("rejected.reason", None, &rejected.reason);
    see("rejected.raw", None, &rejected.raw);
}
