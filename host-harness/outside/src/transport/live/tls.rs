//! Whom the network's transports trust: the system's roots, read once for the whole process.

use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::SetupError;

static CONFIG: OnceLock<Result<ClientConfig, SetupError>> = OnceLock::new();

/// Reads the system's root certificates, which takes a few milliseconds, in a thread of its own: whoever makes a transport
/// a bit later does not wait for them.
pub fn prepare() {
    std::thread::spawn(|| CONFIG.get_or_init(made).is_ok());
}

/// The settings of every connection.
///
/// # Errors
/// The system has no usable root certificates.
pub(super) fn config() -> Result<ClientConfig, SetupError> {
    CONFIG.get_or_init(made).clone()
}

fn made() -> Result<ClientConfig, SetupError> {
    let failed = |error: rustls::Error| SetupError(error.to_string());
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let versions = builder.with_safe_default_protocol_versions().map_err(failed)?;
    let mut config = versions.with_platform_verifier().map_err(failed)?.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
