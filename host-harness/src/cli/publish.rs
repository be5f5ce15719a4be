//! `harness publish`: a connector at a registry, with what its author says of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use distribution::artifact::Interfaces;
use distribution::credentials::Credentials;
use distribution::digest::Digest;
use distribution::keys::SigningKey;
use distribution::publish::Publication;
use distribution::reference::{Reference, Version};
use distribution::registry::Registry;
use distribution::statement::Conformance;
use model::manifest_json;
use model::shown::{one_line, without_mark};
use outside::clock::{Clock as _, SystemClock};
use outside::transport::live::prepare;
use sandbox::component::producers::producers;

use super::failure::Failure;
use super::open;

/// Publishes a connector at a registry, as `wkg` and other tools read it, signed with your key.
///
/// The key is one on P-256 as PKCS#8: `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out my.key` makes one, and
/// `openssl pkey -in my.key -pubout -out my.pub` the half that operators put into their policy. Credentials for the registry are
/// those of docker.
#[derive(Debug, Args)]
pub struct Publish {
    /// Where: `oci://HOST/REPOSITORY:TAG`.
    reference: Reference,
    /// The component.
    component: PathBuf,
    /// The private key. Without it nothing is signed.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// What was proved of it: the file of `harness test --report json=FILE`. It is signed as well.
    #[arg(long, value_name = "FILE", requires = "key")]
    report: Option<PathBuf>,
}

impl Publish {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        prepare();
        let Version::Tag(tag) = &self.reference.version else {
            return Err(Failure::usage(
                "what is published gets a tag, and its digest comes of itself: oci://HOST/REPOSITORY:TAG",
            ));
        };
        let key = self.key.as_deref().map(key).transpose()?;
        let wasm = open::wasm(Some(&self.component))?.into_owned();
        let digest = Digest::of(&wasm);
        let report = match &self.report {
            Some(file) => {
                let text = open::report(file)?;
                let read = Conformance::of_report(without_mark(&text), &digest);
                Some(read.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?)
            }
            None => None,
        };
        let described = open::component(Some(&self.component)).await?;
        let inspection = described.connector.inspection();
        let exports = vec![format!("payments:connector/connector@{}", inspection.contract)];
        let publication = Publication {
            interfaces: Interfaces { exports, imports: inspection.imports.clone(), target: None },
            manifest: manifest_json::write(&described.manifest),
            said: producers(&wasm),
            component: wasm.into(),
            report,
            at: SystemClock.now(),
        };
        let registry = Registry::open(&self.reference.repository, Credentials::of_user())?;
        let about = publication.publish(&registry, tag, key.as_ref()).await?;
        let name = one_line(&format!("{} {}", described.manifest.name, described.manifest.version));
        say!("{name} is oci://{}@{}", about.repository, about.artifact);
        say!("component  {}", about.component);
        match (&key, &publication.report) {
            (Some(key), Some(report)) => {
                say!("signed by  {}, with the report of the level {}", key.public()?.id(), report.level);
            }
            (Some(key), None) => say!("signed by  {}, without a report", key.public()?.id()),
            (None, _) => say!("unsigned: only who says so in a policy will install it; --key signs"),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn key(file: &Path) -> Result<SigningKey, Failure> {
    let (text, metadata) = open::text(file)?;
    if private_file::is_open_to_others(&metadata) {
        let file = file.display();
        tell!("warning: others on this machine can read the key {file}; `chmod 600 {file}` ends that");
    }
    SigningKey::parse(&text).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}
