//! Keys: ECDSA on P-256 with SHA-256, a private one as PKCS#8 and a public one as SPKI, both as PEM, as openssl writes them.
//!
//! The arithmetic is that of *ring*, which the program has anyway.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

use crate::digest::Digest;

/// What stands before the point of a key on P-256 in its SPKI: the algorithm and the curve (RFC 5480 §2.1.1).
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Bytes of a point that is not compressed.
const POINT: usize = 65;

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no private key.
    #[error(
        "it is no private key on P-256 as PKCS#8 without a password; \
         `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE` makes one"
    )]
    Private,
    /// It is no public key.
    #[error("it is no public key on P-256; `openssl pkey -in KEY -pubout` prints that of a private one")]
    Public,
    /// The system gives no random bytes.
    #[error("nothing can be signed: the system gives no random bytes")]
    Random,
}

/// What a key is called: the SHA-256 of its SPKI.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(Digest);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A key that signs.
pub struct SigningKey(EcdsaKeyPair);

/// A key that a signature is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey([u8; POINT]);

impl SigningKey {
    /// The key in a PEM file.
    ///
    /// # Errors
    /// [`KeyError::Private`].
    pub fn parse(pem: &str) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::Private)?;
        let bytes = der.secret_pkcs8_der();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, bytes, &SystemRandom::new());
        pair.map(Self).map_err(|_| KeyError::Private)
    }

    /// The key that its signatures are held against.
    ///
    /// # Errors
    /// [`KeyError::Public`]; there is no such key that should bring it about.
    pub fn public(&self) -> Result<PublicKey, KeyError> {
        let point = self.0.public_key().as_ref().try_into().map_err(|_| KeyError::Public)?;
        Ok(PublicKey(point))
    }

    /// Signs a message: the signature in DER.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.0.sign(&SystemRandom::new(), message).map_err(|_| KeyError::Random)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl PublicKey {
    /// The key in a PEM file.
    ///
    /// # Errors
    /// [`KeyError::Public`].
    pub fn parse(pem: &str) -> Result<Self, KeyError> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::Public)?;
        let point = der.as_ref().strip_prefix(&SPKI).ok_or(KeyError::Public)?;
        Ok(Self(point.try_into().map_err(|_| KeyError::Public)?))
    }

    /// What it is called.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(Digest::of(&[&SPKI[..], &self.0].concat()))
    }

    /// Whether a signature in DER is that of this key over a message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.0).verify(message, signature).is_ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(crate) mod tests {
    use super::*;

    /// Made by openssl for these tests, and for nothing else.
    pub(crate) const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAL2SVsz7/QrVBfuR\n\
        1fcbl5FqTQcW0cwtzvylj65soaehRANCAAQA0/HBO/nllFCAJMFos2ZP5YYRv+mD\n\
        t3nrbiMX8A31SKf3lnUkgtC3zBjjQuxhlq2F3B3CyD3pRb3C0GOOchxh\n\
        -----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEANPxwTv55ZRQgCTBaLNmT+WGEb/p\n\
        g7d5624jF/AN9Uin95Z1JILQt8wY40LsYZathdwdwsg96UW9wtBjjnIcYQ==\n\
        -----END PUBLIC KEY-----\n";
    /// Another one.
    pub(crate) const STRANGER: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgn95CppgSSvsUdKaH\n\
        97FYsiwLikeKRf1148f2Ybpfe7+hRANCAARFgahJTLnktMtxWoxi7rVIrpW6tZFT\n\
        RICwnpQYcq9BYT2ANdBANe1/MloLy4u16VqXvEXfi7xElkdkZWTSbJF+\n\
        -----END PRIVATE KEY-----\n";

    #[test]
    fn a_key_of_openssl_signs_what_its_public_half_verifies_and_no_other_message() {
        let (private, public) = (SigningKey::parse(PRIVATE).unwrap(), PublicKey::parse(PUBLIC).unwrap());
        assert_eq!(private.public().unwrap(), public);
        let signature = private.sign(b"message").unwrap();
        assert!(public.verifies(b"message", &signature) && !public.verifies(b"massage", &signature));
        let stranger = SigningKey::parse(STRANGER).unwrap();
        assert!(!public.verifies(b"message", &stranger.sign(b"message").unwrap()));
        assert_eq!(public.id().to_string(), "sha256:d4a6e11cd8f4fc18523a3fee94de75a98f532a01266fee34558e9bb48514aca7");
    }

    #[test]
    fn what_is_no_key_is_told_with_the_command_that_makes_one() {
        for text in ["", "nonsense", PUBLIC] {
            let told = SigningKey::parse(text).err().unwrap().to_string();
            assert!(told.contains("openssl genpkey"), "{told}");
        }
        for text in ["", "nonsense", PRIVATE] {
            assert_eq!(PublicKey::parse(text), Err(KeyError::Public));
        }
    }
}
