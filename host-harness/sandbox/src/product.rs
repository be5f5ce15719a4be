//! Every text that a connector hands to the host in the result of a call, so that it can be searched and measured.

use model::{Account, Checked, Counterparty, Error, ErrorDetail, Gap, Manifest, Money, Other, Page, Payment, Rejected};

/// Gets the name of a field, the key where it is one of metadata, and the text.
pub type See<'s> = dyn FnMut(&'static str, Option<&str>, &str) + 's;

/// What a call gives.
pub trait Product {
    /// Shows each text of it.
    fn each_text(&self, see: &mut See<'_>);
}

impl Product for Checked {
    fn each_text(&self, see: &mut See<'_>) {
        maybe("checked.subject", self.subject.as_ref(), see);
        maybe("checked.name", self.name.as_ref(), see);
    }
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
                    maybe("balance.label", balance.label.as_ref(), see);
                    see("balance.amount", None, &balance.amount);
                    see("balance.asset", None, &balance.asset);
                }
            }
            Self::Payments(page) => page.items.iter().for_each(|item| payment(item, see)),
            Self::Others(page) => page.items.iter().for_each(|item| other(item, see)),
        }
        for withdrawn in self.withdrawn() {
            see("withdrawn.reference", None, &withdrawn.reference);
            maybe("withdrawn.replaced-by", withdrawn.replaced_by.as_ref(), see);
        }
        for Gap { what, error } in self.gaps() {
            see("gap.what", None, what);
            error.each_text(see);
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
            Self::ActionRequired(action) => {
                see("action-detail.action", None, &action.action);
                error_detail(&action.detail, see);
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

fn other(other: &Other, see: &mut See<'_>) {
    see("other.reference", None, &other.reference);
    maybe("other.name", other.name.as_ref(), see);
    metadata("other.metadata", &other.metadata, see);
    see("other.raw", None, &other.raw);
}

fn money(field: &'static str, money: &Money, see: &mut See<'_>) {
    see(field, None, &money.amount);
    see(field, None, &money.asset);
}

fn payment(payment: &Payment, see: &mut See<'_>) {
    see("payment.reference", None, &payment.reference);
    maybe("payment.parent-reference", payment.parent_reference.as_ref(), see);
    see("payment.amount", None, &payment.amount);
    see("payment.asset", None, &payment.asset);
    payment.fees.iter().for_each(|fee| money("payment.fees", fee, see));
    payment.counter_amount.iter().for_each(|amount| money("payment.counter-amount", amount, see));
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
    maybe("counterparty.account-reference", party.account_reference.as_ref(), see);
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
