//! What records are called by in the API: base64url without padding over JSON with its keys sorted, as the clients of the
//! payments API know them. Opaque to them, but an id that cannot be read is another mistake than one of nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::StreamKey;
use store::serving::connectors::Connector;
use store::serving::list::{Of, RecordId};

/// The longest id that is looked at: a provider's reference may be some hundred bytes long.
const LONGEST: usize = 16 << 10;

/// A connector's. The fields of these types stand in the order of their names, which makes their JSON canonical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ConnectorId {
    provider: String,
    reference: String,
}

/// An account's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountId {
    #[serde(rename = "ConnectorID")]
    connector: ConnectorId,
    #[serde(rename = "Reference")]
    reference: String,
}

/// A payment's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentId {
    #[serde(rename = "ConnectorID")]
    connector: ConnectorId,
    #[serde(rename = "Reference")]
    reference: String,
    #[serde(rename = "Type")]
    payment_type: String,
}

/// A version's of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdjustmentId {
    #[serde(rename = "CreatedAt")]
    created_at: String,
    #[serde(rename = "PaymentID")]
    payment: PaymentId,
    #[serde(rename = "Reference")]
    reference: String,
    #[serde(rename = "Status")]
    status: String,
}

/// A task's.
pub(crate) type TaskId = AccountId;

/// A schedule's: what is polled of a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleId {
    #[serde(rename = "ConnectorID")]
    connector: ConnectorId,
    #[serde(rename = "Parent", default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(rename = "Task")]
    task: String,
}

/// An id as a text, and back.
pub(crate) trait Id: Serialize + DeserializeOwned {
    /// The id that the text stands for; none where it is no id of this kind.
    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(Some(text).filter(|text| text.len() <= LONGEST)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// As the API spells it.
    fn text(&self) -> String {
        // Strings alone: there is nothing that JSON could not say.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Id for ConnectorId {}
impl Id for AccountId {}
impl Id for PaymentId {}
impl Id for AdjustmentId {}
impl Id for ScheduleId {}

impl ConnectorId {
    pub(crate) fn new(provider: &str, uuid: &str) -> Self {
        Self { provider: provider.to_owned(), reference: uuid.to_owned() }
    }

    pub(crate) fn uuid(&self) -> &str {
        &self.reference
    }

    pub(crate) fn account(self, reference: &str) -> AccountId {
        AccountId { connector: self, reference: reference.to_owned() }
    }

    pub(crate) fn payment(self, reference: &str, payment_type: &str) -> PaymentId {
        let (reference, payment_type) = (reference.to_owned(), payment_type.to_owned());
        PaymentId { connector: self, reference, payment_type }
    }

    pub(crate) fn schedule(self, stream: &StreamKey) -> ScheduleId {
        ScheduleId { connector: self, parent: stream.parent.clone(), task: stream.task.clone() }
    }
}

impl From<&Connector> for ConnectorId {
    fn from(connector: &Connector) -> Self {
        Self::new(&connector.provider, &connector.uuid)
    }
}

impl From<&Of> for ConnectorId {
    fn from(of: &Of) -> Self {
        Self::new(&of.provider, &of.uuid)
    }
}

impl AccountId {
    pub(crate) fn record(self) -> RecordId {
        RecordId { connector: self.connector.reference, reference: self.reference, payment_type: None }
    }

    /// Of a task: its UUID.
    pub(crate) fn reference(&self) -> &str {
        &self.reference
    }
}

impl PaymentId {
    pub(crate) fn record(self) -> RecordId {
        let Self { connector, reference, payment_type } = self;
        RecordId { connector: connector.reference, reference, payment_type: Some(payment_type) }
    }

    pub(crate) fn adjustment(self, created_at: String, status: &str) -> AdjustmentId {
        let reference = self.reference.clone();
        AdjustmentId { created_at, payment: self, reference, status: status.to_owned() }
    }
}

impl ScheduleId {
    pub(crate) fn is_of(&self, connector: &ConnectorId) -> bool {
        self.connector == *connector
    }

    pub(crate) fn stream(self, install: &str) -> StreamKey {
        StreamKey { install: install.to_owned(), task: self.task, parent: self.parent }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const UUID: &str = "0b7a3f6e-5a1c-4b0e-9d55-0f1c2d3e4f50";

    fn decoded(text: &str) -> String {
        String::from_utf8(URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    }

    #[test]
    fn an_id_is_the_canonical_json_that_the_payments_api_knows() {
        let connector = ConnectorId::new("qonto", UUID);
        let text = r#"{"Provider":"qonto","Reference":"0b7a3f6e-5a1c-4b0e-9d55-0f1c2d3e4f50"}"#;
        assert_eq!(decoded(&connector.text()), text);
        let payment = connector.clone().payment("tx é", "PAY-IN");
        assert_eq!(decoded(&payment.text()), format!(r#"{{"ConnectorID":{text},"Reference":"tx é","Type":"PAY-IN"}}"#));
        let adjustment = payment.clone().adjustment("2026-01-01T00:00:00Z".into(), "SUCCEEDED");
        assert!(decoded(&adjustment.text()).starts_with(r#"{"CreatedAt":"2026-01-01T00:00:00Z","PaymentID":{"#));
        assert_eq!(PaymentId::parse(&payment.text()), Some(payment));
    }

    #[test]
    fn what_is_no_id_of_this_kind_is_none() {
        let connector = ConnectorId::new("qonto", UUID);
        for text in ["", "é", "a", "e30", &connector.text(), &"A".repeat(LONGEST + 1), &"A".repeat(4000)] {
            assert_eq!(PaymentId::parse(text), None, "{text}");
        }
        assert_eq!(ConnectorId::parse(&connector.account("x").text()), None);
    }
}
