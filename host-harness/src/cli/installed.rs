//! Connectors that came from a registry: loaded from the folder of the user's own, by digest, and listed.

use std::path::Path;
use std::process::ExitCode;

use distribution::components::Components;
use distribution::digest::Digest;
use engine::install::Described;
use store::{Granted, Origin, PollStore as _, Store};

use super::failure::Failure;
use super::{open, tables};

/// A connector that is to run, and whose it is.
pub struct Found {
    /// The connector.
    pub described: Described,
    /// Whether it is the program's own.
    pub is_bundled: bool,
    /// The install that it was found by, where the operator named none.
    pub name: Option<String>,
}

/// The component of a file, of an install that came from a registry, or the program's own: the first that there is.
pub async fn connector(file: Option<&Path>, store: Option<&Store>, name: Option<&str>) -> Result<Found, Failure> {
    if file.is_some() {
        return Ok(Found { described: open::component(file).await?, is_bundled: false, name: None });
    }
    let meant = name.unwrap_or(open::BUNDLED);
    match store.map(|store| store.origin(meant)).transpose()?.flatten() {
        Some(origin) => {
            let (described, name) = (load(&origin).await?, name.is_none().then(|| meant.to_owned()));
            Ok(Found { described, is_bundled: false, name })
        }
        None => Ok(Found { described: open::component(None).await?, is_bundled: true, name: None }),
    }
}

/// What was installed, as it was: no registry is asked.
pub async fn load(origin: &Origin) -> Result<Described, Failure> {
    let wasm = Components::of_user()?.get(&digest(origin)?, open::largest_component())?;
    Ok(open::loaded(&wasm).await??)
}

/// The component of an origin.
pub fn digest(origin: &Origin) -> Result<Digest, Failure> {
    let digest = origin.component.parse();
    digest
        .map_err(|_| Failure::failed(format!("the store names the component {}, which is no digest", origin.component)))
}

/// `harness installs`.
pub fn list(file: &Path) -> Result<ExitCode, Failure> {
    if !file.exists() {
        return Err(Failure::usage(format!("there is no store {}; `harness install` makes one", file.display())));
    }
    let store = Store::open_to_read(file)?;
    let mut table = tables::new(["name", "provider", "version", "component", "signer", "level"]);
    for connector in store.connectors()? {
        let origin = store.origin(&connector.install)?;
        let digest = match (&origin, store.granted(&connector.install)?) {
            (Some(origin), _) => origin.component.clone(),
            (None, Some(Granted::Bundled)) => "the program's own".to_owned(),
            (None, _) => connector.component.clone().unwrap_or_default(),
        };
        let (version, signer, level) = match origin {
            Some(origin) => (
                origin.version,
                origin.signer.unwrap_or_else(|| "unsigned".to_owned()),
                origin.level.map(|level| level.to_string()).unwrap_or_default(),
            ),
            None => Default::default(),
        };
        let row = [connector.install, connector.provider, version, digest, signer, level];
        tables::add(&mut table, row);
    }
    say!("{table}");
    Ok(ExitCode::SUCCESS)
}
