//! Who may do what: the component asks, the operator grants, the host authenticates.
//!
//! | part | says | where |
//! |---|---|---|
//! | the manifest | which requests, which headers, which credentials made of which config fields | [`Ask`] |
//! | the operator | which origins, which secrets, and that all of it is well | the config and a grant |
//! | the host | what goes on a request to which origin | [`Keyring`] |
//!
//! Nothing that a component says widens what the operator wrote, and it holds no secret that it could send, echo or guess.

mod ask;
mod credential;
mod exchange;
mod format;
mod keyring;
mod tokens;

pub use ask::{Ask, AskError};
pub use credential::{Credential, CredentialError};
pub use exchange::{Body, Exchange, ExchangeError, TokenError};
pub use format::{Format, FormatError};
pub use keyring::{Keyring, KeyringError, Keys, ProcessVault, SecretSource, Vault};
pub use model::grant::{AskedCredential, Asks, Grant, Wider};
