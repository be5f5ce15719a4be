//! What is said: a call a line, and an answer a line.

use chrono::{DateTime, Utc};
use model::PaymentStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sim::{Change, Field, Movement, Odd, Quirk};

use crate::http_message::{HttpRequest, HttpResponse};

/// The version of the protocol that this program speaks.
pub const PROTOCOL: u32 = 1;

/// What is asked of a bank: each is a function of [`sim::Bank`], which says what it means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Call {
    /// The first line. Answered with a [`Hello`].
    Hello {
        /// The version that is spoken: [`PROTOCOL`].
        protocol: u32,
    },
    /// Forgets everything: a bank without rows, as in the beginning.
    Reset,
    /// [`sim::Provider::answer`]: an `HttpResponse`.
    Answer {
        /// The connector's request, with its credentials.
        request: HttpRequest,
        /// The virtual time.
        now: DateTime<Utc>,
    },
    /// [`sim::Bank::truth`]: a [`sim::Truth`].
    Truth,
    /// [`sim::Bank::open_account`]: its reference.
    Open {
        /// ISO 4217.
        currency: String,
    },
    /// [`sim::Bank::set_balance`]: true or false.
    SetBalance {
        /// The reference of the account.
        account: String,
        /// Minor units.
        booked: String,
        /// Minor units.
        available: String,
    },
    /// [`sim::Bank::close_account`]: true or false.
    CloseAccount {
        /// The reference of the account.
        account: String,
    },
    /// [`sim::Bank::add`]: its reference.
    Add {
        /// The payment.
        payment: Movement,
    },
    /// [`sim::Bank::change`]: true or false.
    Change {
        /// The reference of the payment.
        reference: String,
        /// When it changes.
        at: DateTime<Utc>,
        /// Into what.
        change: Change,
    },
    /// [`sim::Bank::remove`]: true or false.
    Remove {
        /// The reference of the payment.
        reference: String,
    },
    /// [`sim::Bank::replace`]: the new reference, or null.
    Replace {
        /// The reference of the payment.
        reference: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// [`sim::Bank::add_counterparty`]: its reference, or null.
    AddCounterparty {
        /// When.
        at: DateTime<Utc>,
    },
    /// [`sim::Bank::change_counterparty`]: true or false.
    ChangeCounterparty {
        /// Its reference.
        reference: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// [`sim::Bank::remove_counterparty`]: true or false.
    RemoveCounterparty {
        /// Its reference.
        reference: String,
    },
    /// [`sim::Bank::add_odd`]: a [`sim::Expected`], or null.
    AddOdd {
        /// The reference of the account.
        account: String,
        /// When.
        at: DateTime<Utc>,
        /// What is odd about it.
        odd: Odd,
    },
    /// [`sim::Bank::personal`]: a list of texts.
    Personal,
    /// [`sim::Bank::set_quirk`]: true or false.
    SetQuirk {
        /// How it is to behave.
        quirk: Quirk,
    },
    /// [`sim::Bank::clear_quirks`].
    ClearQuirks,
    /// [`sim::Bank::asked`]: a [`sim::Asked`].
    Asked {
        /// Of what.
        request: HttpRequest,
    },
    /// [`sim::Bank::dependents`]: a list of kinds and references.
    Dependents {
        /// Of what.
        request: HttpRequest,
    },
    /// [`sim::Bank::idle_requests`]: a number.
    IdleRequests {
        /// Rows a page.
        page_size: u32,
    },
    /// [`sim::Bank::refusal`]: a `Refused`.
    Refusal {
        /// The HTTP status.
        status: u16,
    },
    /// [`sim::Bank::lapsed`]: a `Refused`, or null.
    Lapsed,
    /// [`sim::Bank::rename_subject`].
    RenameSubject,
    /// [`sim::Bank::change_subject`]: true or false.
    ChangeSubject,
}

impl Call {
    /// Its word, for messages.
    #[must_use]
    pub fn word(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        value.get("do").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// What a bank says of itself. It does not change while the program runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The version that it speaks.
    pub protocol: u32,
    /// [`sim::Bank::name`].
    pub name: String,
    /// [`sim::Bank::config`].
    pub config: Map<String, Value>,
    /// [`sim::Bank::secrets`].
    pub secrets: Vec<String>,
    /// [`sim::Bank::largest_page`].
    pub largest_page: u32,
    /// [`sim::Bank::statuses`].
    pub statuses: Vec<PaymentStatus>,
    /// [`sim::Bank::fills`].
    #[serde(default)]
    pub fills: Vec<Field>,
    /// [`sim::Bank::lag`], in seconds.
    #[serde(default)]
    pub lag_seconds: u64,
    /// [`sim::Bank::dates_balances`].
    #[serde(default)]
    pub dates_balances: bool,
}

/// [`sim::Refusal`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// The answer.
    pub response: HttpResponse,
    /// The provider's code in it.
    #[serde(default)]
    pub code: Option<String>,
    /// The provider's identifier of the exchange.
    #[serde(default)]
    pub request_id: Option<String>,
}

/// The answer to a call. `null` is "no such case", for all that may have none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reply<T> {
    /// What was asked for.
    Ok(T),
    /// Why there is no answer: the bank's own fault, in words for its author.
    Error(String),
}
