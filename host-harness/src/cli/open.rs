//! Opens what the commands' arguments name: components, configs, stores.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use host_harness::clock::SystemClock;
use host_harness::component::scan::Count;
use host_harness::conformance::scenario::Scenario;
use host_harness::install::{Described, Install, InstallError, QONTO};
use host_harness::sandbox::{CompileCache, Limits, Outside, Sandbox};
use host_harness::sim::{self, KnownProvider};
use host_harness::store::{Store, StoreError};
use host_harness::transport::live::{LiveLimits, LiveTransport};
use host_harness::transport::secret::SecretSwap;

use super::compile;
use super::failure::Failure;

/// The name of the bundled connector, and so of its install when it is given no other.
const BUNDLED: &str = "qonto";

/// The bytes of the component in `file`, or of the bundled one.
pub fn wasm(file: Option<&Path>) -> Result<Cow<'static, [u8]>, Failure> {
    Ok(match file {
        Some(file) => Cow::Owned(bounded(file).map_err(|error| cannot_read(file, &error))?),
        None => Cow::Borrowed(QONTO),
    })
}

/// A file as far as a component's can go, and one byte more: the sandbox says what is wrong with that.
fn bounded(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(Count::FileBytes.cap().saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A scenario, and the provider that it plays at.
pub fn scenario(file: &Path) -> Result<(Scenario, &'static KnownProvider), Failure> {
    let text = fs::read_to_string(file).map_err(|error| cannot_read(file, &error))?;
    let bad = |what: String| Failure::usage(format!("{}: {what}", file.display()));
    let scenario = Scenario::parse(&text).map_err(|error| bad(error.to_string()))?;
    let provider = sim::provider(&scenario.provider).map_err(|error| bad(format!("`provider`: {error}")))?;
    scenario.check(&*(provider.make)()).map_err(|error| bad(error.to_string()))?;
    Ok((scenario, provider))
}

/// The component in `file`, or the bundled one.
pub async fn component(file: Option<&Path>) -> Result<Described, Failure> {
    let wasm = wasm(file)?;
    let sandbox = Sandbox::new(Limits::default(), &CompileCache::User)?.with_compiler(compile::compiler()?);
    let loaded = Described::load(&sandbox, &wasm).await;
    loaded.map_err(|error: InstallError| match file {
        Some(file) if matches!(error, InstallError::Load(_)) => Failure::breach(format!("{}: {error}", file.display())),
        _ => error.into(),
    })
}

/// The component in `file` with the config in `config`.
pub async fn install(file: Option<&Path>, config: &Path) -> Result<Install, Failure> {
    let text = fs::read_to_string(config).map_err(|error| cannot_read(config, &error))?;
    let environment = |name: &str| std::env::var(name).ok();
    let installed = component(file).await?.install(&text, environment);
    installed.map_err(|error| Failure::usage(format!("{}: {error}", config.display())))
}

/// The way out to the network.
pub fn live(install: &Install) -> Result<Outside, Failure> {
    Ok(install.outside(Arc::new(network(install)?), Arc::new(SystemClock)))
}

/// The network, with the secrets put in.
pub fn network(install: &Install) -> Result<SecretSwap<LiveTransport>, Failure> {
    let transport = LiveTransport::new(install.policy.allows_loopback(), LiveLimits::default())?;
    Ok(SecretSwap::new(transport, install.secrets.clone()))
}

/// A store that is there, and the install in it that `name` means.
pub fn existing(file: &Path, name: Option<&str>) -> Result<(Store, String), Failure> {
    if !file.exists() {
        let text = format!("there is no store {}; `harness run` makes one, --store names another", file.display());
        return Err(Failure::usage(text));
    }
    let store = Store::open(file)?;
    let installs = store.installs()?;
    let install = match (name, installs.as_slice()) {
        (Some(name), _) => name.to_owned(),
        (None, [only]) => only.clone(),
        (None, several) if several.iter().any(|name| name == BUNDLED) => BUNDLED.to_owned(),
        (None, []) => return Err(Failure::usage(format!("the store {} is empty", file.display()))),
        (None, _) => {
            let text = format!(
                "the store {} holds several installs; pick one with --name: {}",
                file.display(),
                installs.join(", ")
            );
            return Err(Failure::usage(text));
        }
    };
    if !installs.contains(&install) {
        return Err(StoreError::NoSuchInstall { install, known: installs }.into());
    }
    Ok((store, install))
}

fn cannot_read(file: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read {}: {error}", file.display()))
}
