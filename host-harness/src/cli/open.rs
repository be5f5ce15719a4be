//! Opens what the commands' arguments name: components, configs, stores.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use conformance::Kit;
use conformance::scenario::Scenario;
use engine::install::{Described, Install, InstallError};
use host_harness::QONTO;
use host_harness::providers;
use model::shown::one_line;
use model::shown::without_mark;
use model::{FieldKind, Manifest};
use outside::config::{ConfigError, Terms};
use outside::transport::authenticated::Authenticated;
use outside::transport::live::LiveTransport;
use sandbox::component::scan::Count;
use sandbox::{CompileCache, Limits, Outside, Sandbox};
use serde_json::Value;
use store::{Store, StoreError};

use super::failure::Failure;
use super::{StoreFile, compile};

/// The name of the bundled connector, and so of its install when it is given no other.
pub const BUNDLED: &str = "qonto";

/// The largest config, grant or scenario, in bytes.
const TEXT: u64 = 1 << 20;

/// What other programs find their proxy in.
const PROXIES: [&str; 3] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// The bytes of the component in `file`, or of the bundled one.
pub fn wasm(file: Option<&Path>) -> Result<Cow<'static, [u8]>, Failure> {
    Ok(match file {
        Some(file) => Cow::Owned(bounded(file).map_err(|error| cannot_read(file, &error))?),
        None => Cow::Borrowed(QONTO),
    })
}

/// A file as far as a component's can go, and one byte more: the sandbox says what is wrong with that. What is no file is
/// not waited for: nobody may ever write into a named pipe.
fn bounded(file: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is no regular file; this is read from one"));
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(largest_component().saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A text that a person wrote, as far as such a one can go, with what the system says of its file. It may come through a
/// pipe.
pub fn text(file: &Path) -> Result<(String, Metadata), Failure> {
    let cannot = |error: io::Error| cannot_read(file, &error);
    let open = File::open(file).map_err(cannot)?;
    let metadata = open.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(cannot(io::Error::other("it is a folder")));
    }
    let mut bytes = Vec::new();
    open.take(TEXT + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > TEXT {
        return Err(cannot(io::Error::other(format!(
            "it is larger than {} KiB, which nobody writes by hand",
            TEXT >> 10
        ))));
    }
    let text = String::from_utf8(bytes).map_err(|_| cannot(io::Error::other("it is no text in UTF-8")))?;
    Ok((text, metadata))
}

/// A report of the suite, which is a program's text and longer.
pub fn report(file: &Path) -> Result<String, Failure> {
    let bytes = bounded(file).map_err(|error| cannot_read(file, &error))?;
    String::from_utf8(bytes).map_err(|_| cannot_read(file, &io::Error::other("it is no text in UTF-8")))
}

/// A scenario, and the provider that it plays at.
pub fn scenario(file: &Path) -> Result<(Scenario, &'static Kit), Failure> {
    let (text, _) = self::text(file)?;
    let bad = |what: String| Failure::usage(format!("{}: {what}", file.display()));
    let scenario = Scenario::parse(without_mark(&text)).map_err(|error| bad(error.to_string()))?;
    let provider = providers::provider(&scenario.provider).map_err(|error| bad(format!("`provider`: {error}")))?;
    scenario.check(&*(provider.make)()).map_err(|error| bad(error.to_string()))?;
    Ok((scenario, provider))
}

/// The component in `file`, or the bundled one.
pub async fn component(file: Option<&Path>) -> Result<Described, Failure> {
    let loaded = loaded(&wasm(file)?).await?;
    loaded.map_err(|error: InstallError| match file {
        Some(file) if matches!(error, InstallError::Load(_)) => Failure::breach(format!("{}: {error}", file.display())),
        _ => error.into(),
    })
}

/// A component, compiled and asked what it is.
pub async fn loaded(wasm: &[u8]) -> Result<Result<Described, InstallError>, Failure> {
    Ok(Described::load(&sandbox()?, wasm).await)
}

/// What components are loaded by.
pub fn sandbox() -> Result<Sandbox, Failure> {
    Ok(Sandbox::new(Limits::default(), &CompileCache::User)?.with_compiler(compile::compiler()?))
}

/// The largest component, in bytes.
pub fn largest_component() -> u64 {
    Count::FileBytes.cap()
}

/// A connector with the config in `config`.
pub fn install(described: Described, config: &Path, terms: &Terms) -> Result<Install, Failure> {
    let (text, metadata) = self::text(config)?;
    let text = without_mark(&text);
    if let Some(field) = plain_secret(text, &described.manifest).filter(|_| private_file::is_open_to_others(&metadata))
    {
        warn_of_readers(config, &field);
    }
    for file in secret_files(text, &described.manifest) {
        if fs::metadata(&file).is_ok_and(|metadata| private_file::is_open_to_others(&metadata)) {
            tell!("warning: others on this machine can read the secret in {file}; `chmod 600 {file}` ends that");
        }
    }
    let installed = described.install(text, terms);
    installed.map_err(|error| {
        let next = match &error {
            ConfigError::NotAnObject(_) => "; `harness describe` lists its fields",
            _ => "",
        };
        Failure::usage(format!("{}: {error}{next}", config.display()))
    })
}

/// A field for a secret that holds the secret itself, and not where to find it.
fn plain_secret(config: &str, manifest: &Manifest) -> Option<String> {
    let config: Value = serde_json::from_str(config).ok()?;
    let mut secrets = manifest.config.iter().filter(|field| field.kind == FieldKind::Secret);
    secrets.find(|field| config[&field.name].is_string()).map(|field| field.name.clone())
}

/// The files that the config names for its secrets.
fn secret_files(config: &str, manifest: &Manifest) -> Vec<String> {
    let config: Value = serde_json::from_str(config).unwrap_or_default();
    let secrets = manifest.config.iter().filter(|field| field.kind == FieldKind::Secret);
    secrets.filter_map(|field| config[&field.name]["file"].as_str().map(str::to_owned)).collect()
}

fn warn_of_readers(config: &Path, field: &str) {
    let (file, field) = (config.display(), one_line(field));
    tell!(
        "warning: {file} holds the secret `{field}`, and others on this machine can read it; `chmod 600 {file}` ends that, \
         or put {{\"env\": \"NAME\"}} in place of the secret"
    );
}

/// The store in `file`, made when there is none.
pub fn store(file: &Path) -> Result<Store, Failure> {
    let store = Store::open(file)?;
    tell_of_readers(file);
    Ok(store)
}

fn tell_of_readers(file: &Path) {
    if file.metadata().is_ok_and(|metadata| private_file::is_open_to_others(&metadata)) {
        let file = file.display();
        tell!("warning: others on this machine can read the store {file}; `chmod 600 {file}*` ends that");
    }
}

/// The way out to the network.
pub fn live(install: &Install) -> Result<Outside, Failure> {
    tell_of_proxy(env::vars_os());
    Ok(install.online()?)
}

/// The network, with the credentials put on.
pub fn network(install: &Install) -> Result<Authenticated<LiveTransport>, Failure> {
    tell_of_proxy(env::vars_os());
    Ok(install.network()?)
}

/// Whoever sets a proxy expects that it is used, and looks long for why nothing arrives.
fn tell_of_proxy(variables: impl Iterator<Item = (OsString, OsString)>) {
    let is_proxy = |name: &str| PROXIES.iter().any(|proxy| name.eq_ignore_ascii_case(proxy));
    let set = variables.filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| name.into_string().ok());
    let mut set: Vec<String> = set.filter(|name| is_proxy(name)).collect();
    set.sort_unstable();
    if !set.is_empty() {
        let (verb, names) = (if set.len() == 1 { "is" } else { "are" }, set.join(", "));
        tell!(
            "warning: {names} {verb} set and not honoured: a connection goes straight to the address that was checked, and a \
             proxy would choose another, unseen"
        );
    }
}

/// A store that is there, and the install in it that `name` means.
pub fn existing(file: &StoreFile) -> Result<(Store, String), Failure> {
    existing_by(file, |path| Store::open(path))
}

/// The same, for a command that only reads.
pub fn to_read(file: &StoreFile) -> Result<(Store, String), Failure> {
    existing_by(file, |path| Store::open_to_read(path))
}

/// The same, for a command that shows records: what is empty is not taken for what a bank has.
pub fn records(file: &StoreFile) -> Result<(Store, String), Failure> {
    let (store, install) = to_read(file)?;
    if !store.holds_records(&install)? {
        tell!("nothing was read for `{}` yet; `harness run` reads it", one_line(&install));
    }
    Ok((store, install))
}

fn existing_by(
    place: &StoreFile,
    open: impl Fn(&Path) -> Result<Store, StoreError>,
) -> Result<(Store, String), Failure> {
    let (file, name) = (&place.store, place.name.as_deref());
    if !file.exists() {
        let text = format!("there is no store {}; `harness run` makes one, --store names another", file.display());
        return Err(Failure::usage(text));
    }
    let store = open(file)?;
    tell_of_readers(file);
    let installs = store.installs()?;
    // What was uninstalled is meant by its name alone, as long as there is another.
    let meant = Some(store.installed()?).filter(|installed| !installed.is_empty()).unwrap_or_else(|| installs.clone());
    let install = match (name, meant.as_slice()) {
        (Some(name), _) => name.to_owned(),
        (None, [only]) => only.clone(),
        (None, several) if several.iter().any(|name| name == BUNDLED) => BUNDLED.to_owned(),
        (None, []) => {
            return Err(Failure::usage(format!("the store {} is empty: `harness run` fills it", file.display())));
        }
        (None, _) => {
            let text = format!(
                "the store {} holds several installs; pick one with --name: {}",
                file.display(),
                meant.join(", ")
            );
            return Err(Failure::usage(text));
        }
    };
    if !installs.contains(&install) {
        return Err(StoreError::NoSuchInstall { install, known: installs }.into());
    }
    Ok((store, install))
}

/// A file that is not to be had.
pub fn cannot_read(file: &Path, error: &io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        _ => error.to_string(),
    };
    Failure::usage(format!("cannot read {}: {why}", file.display()))
}

/// Whether two paths name one file, which need not be there yet.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other || is_same(one, other)
}

/// Whether two paths lead to one file that is there.
pub fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The files that a config takes secrets from.
pub fn key_files(config: &Path) -> Vec<PathBuf> {
    // Nobody takes from a pipe what is read twice.
    let is_file = fs::metadata(config).is_ok_and(|metadata| metadata.is_file());
    let text = if is_file { text(config).map(|(text, _)| text).unwrap_or_default() } else { String::new() };
    let fields: serde_json::Map<String, Value> = serde_json::from_str(without_mark(&text)).unwrap_or_default();
    fields.values().filter_map(|value| value.get("file")?.as_str()).map(PathBuf::from).collect()
}
