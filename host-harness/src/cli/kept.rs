//! The config of an install that a server keeps: whoever runs the install by hand runs it with that one.

use std::path::Path;

use model::shown::one_line;
use outside::config::fields;
use serve::seal::Keys;
use serve::{ServeError, beside};
use store::Store;

use super::failure::Failure;

/// The config that the store keeps of an install; none where it keeps none.
///
/// # Errors
/// A server polls the install, or the config cannot be opened.
pub fn config(file: &Path, store: &Store, name: &str) -> Result<Option<String>, Failure> {
    let Some(connector) = store.connector_of(name)?.filter(|connector| connector.has_config) else { return Ok(None) };
    // Held as long as it takes to see that nobody else holds it.
    drop(serve::lock(file)?);
    let Some(sealed) = store.sealed_config(&connector.uuid)? else { return Ok(None) };
    let keys = Keys::read(&beside(file, ".key")).map_err(ServeError::from)?;
    Ok(Some(keys.open(&connector.uuid, &sealed).map_err(ServeError::from)?))
}

/// Sees that a config which is given says what the kept one does.
///
/// # Errors
/// It is another one.
pub fn expect_same(given: &str, kept: &str, name: &str) -> Result<(), Failure> {
    if fields(given)? == fields(kept)? {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "the install `{}` has its config in the store, where a server put it, and this is another one; nothing was sent; leave out \
         --config, change the config through the server, or name another install with --name",
        one_line(name)
    )))
}
