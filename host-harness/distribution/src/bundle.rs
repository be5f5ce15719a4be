//! A signed statement as it travels: a DSSE envelope (v1.0) in a Sigstore bundle (v0.3).
//!
//! The bundle says by which key it was signed, or by whose certificate. The second is read and not verified here: it needs
//! a transparency log, and so a network.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::keys::{KeyError, KeyId, PublicKey, SigningKey};

/// A bundle, as a layer and as the kind of the artifact that is attached.
pub const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// What is signed: a statement of in-toto.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A bundle.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Envelope,
}

/// By what a signature is verified. Members that are not here, such as the entries of a log, are another's to look at.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<Hint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Hint {
    #[serde(default)]
    hint: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Signature {
    sig: String,
    #[serde(default)]
    keyid: String,
}

/// Why a bundle is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It was signed in a way that needs more than a key.
    #[error("it is signed with a certificate, which this version does not verify")]
    Certificate,
    /// No trusted key made the signature, nor does it say that one did.
    #[error("it is signed by {0}, which the policy does not trust for this repository")]
    Stranger(String),
    /// It says that a trusted key made the signature, and none did.
    #[error("it was altered, or is not signed by {0} as it says")]
    Altered(String),
}

impl Bundle {
    /// Signs a statement.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn sign(key: &SigningKey, statement: &[u8]) -> Result<Self, KeyError> {
        let hint = key.public()?.id().to_string();
        let sig = STANDARD.encode(key.sign(&encoded(PAYLOAD_TYPE, statement))?);
        Ok(Self {
            media_type: BUNDLE_TYPE.to_owned(),
            verification_material: Material { public_key: Some(Hint { hint: hint.clone() }), certificate: None },
            dsse_envelope: Envelope {
                payload: STANDARD.encode(statement),
                payload_type: PAYLOAD_TYPE.to_owned(),
                signatures: vec![Signature { sig, keyid: hint }],
            },
        })
    }

    /// Reads a bundle.
    ///
    /// # Errors
    /// [`Unverified::Unreadable`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Unverified> {
        let bundle: Self = serde_json::from_slice(bytes).map_err(|error| Unverified::Unreadable(error.to_string()))?;
        for (found, expected) in [(&bundle.media_type, BUNDLE_TYPE), (&bundle.dsse_envelope.payload_type, PAYLOAD_TYPE)]
        {
            if found != expected {
                return Err(Unverified::Unreadable(format!("expected {expected}, found {found:?}")));
            }
        }
        Ok(bundle)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`Unverified::Unreadable`]; there is no bundle that should bring it about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Unverified> {
        serde_json::to_vec(self).map_err(|error| Unverified::Unreadable(error.to_string()))
    }

    /// What is said, whoever says it.
    ///
    /// # Errors
    /// [`Unverified::Unreadable`].
    pub fn payload(&self) -> Result<Vec<u8>, Unverified> {
        STANDARD.decode(&self.dsse_envelope.payload).map_err(|error| Unverified::Unreadable(error.to_string()))
    }

    /// Which of these keys signed it.
    ///
    /// # Errors
    /// [`Unverified`].
    pub fn verify(&self, keys: &[PublicKey]) -> Result<KeyId, Unverified> {
        let message = encoded(PAYLOAD_TYPE, &self.payload()?);
        let signatures = self.dsse_envelope.signatures.iter().filter_map(|one| STANDARD.decode(&one.sig).ok());
        let signatures: Vec<Vec<u8>> = signatures.collect();
        let signer = keys.iter().find(|key| signatures.iter().any(|signature| key.verifies(&message, signature)));
        if let Some(signer) = signer {
            return Ok(signer.id());
        }
        match (&self.verification_material.public_key, &self.verification_material.certificate) {
            (None, Some(_)) => Err(Unverified::Certificate),
            (hint, _) => {
                let hint = hint.as_ref().map_or("nobody that it names", |hint| &hint.hint);
                let is_known = keys.iter().any(|key| key.id().to_string() == hint);
                Err(if is_known { Unverified::Altered } else { Unverified::Stranger }(hint.to_owned()))
            }
        }
    }
}

/// What is signed of a payload (DSSE v1.0, PAE): with its type and the lengths of both, so that neither passes for a part of
/// the other.
fn encoded(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::keys::tests::{PRIVATE, STRANGER};

    fn key(pem: &str) -> (SigningKey, PublicKey) {
        let key = SigningKey::parse(pem).unwrap();
        let public = key.public().unwrap();
        (key, public)
    }

    #[test]
    fn what_is_signed_is_encoded_as_dsse_has_it() {
        // The example of the protocol's own document.
        let encoded = encoded("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn a_bundle_is_verified_by_its_key_after_it_travelled_and_by_no_other() {
        let ((signing, public), (_, stranger)) = (key(PRIVATE), key(STRANGER));
        let bundle = Bundle::parse(&Bundle::sign(&signing, b"{}").unwrap().to_bytes().unwrap()).unwrap();
        assert_eq!(bundle.verify(&[stranger.clone(), public.clone()]), Ok(public.id()));
        assert_eq!(bundle.payload().unwrap(), b"{}");
        assert_eq!(bundle.verify(&[stranger]), Err(Unverified::Stranger(public.id().to_string())));
        assert_eq!(bundle.verify(&[]), Err(Unverified::Stranger(public.id().to_string())));
    }

    #[test]
    fn a_bundle_of_which_anything_was_altered_is_not_verified() {
        let (signing, public) = key(PRIVATE);
        let bundle = Bundle::sign(&signing, b"{\"a\":1}").unwrap();
        let altered = |alter: &dyn Fn(&mut Bundle)| {
            let mut bundle = bundle.clone();
            alter(&mut bundle);
            bundle.verify(std::slice::from_ref(&public)).unwrap_err()
        };
        let lies = Unverified::Altered(public.id().to_string());
        assert_eq!(altered(&|one| one.dsse_envelope.payload = STANDARD.encode(b"{\"a\":2}")), lies);
        assert_eq!(altered(&|one| one.dsse_envelope.signatures.clear()), lies);
        assert_eq!(altered(&|one| one.dsse_envelope.signatures[0].sig = "AAAA".to_owned()), lies);
        assert!(matches!(altered(&|one| one.dsse_envelope.payload = "!".to_owned()), Unverified::Unreadable(_)));
        let text = String::from_utf8(bundle.to_bytes().unwrap()).unwrap();
        for (part, other) in [("v0.3", "v0.9"), ("in-toto", "other"), ("dsseEnvelope", "messageSignature")] {
            assert!(
                matches!(Bundle::parse(text.replace(part, other).as_bytes()), Err(Unverified::Unreadable(_))),
                "{part}"
            );
        }
        let certificate =
            text.replace(r#""publicKey":{"hint":""#, r#""certificate":{"rawBytes":""#).replace("sig\":\"", "sig\":\"A");
        let certificate = Bundle::parse(certificate.as_bytes()).unwrap();
        assert_eq!(certificate.verify(&[public]), Err(Unverified::Certificate));
    }
}
