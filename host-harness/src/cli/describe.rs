//! `harness describe`: what a reviewer has to know before a connector may touch a bank.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use distribution::reference::Reference;
use engine::install::Described;
use model::grant::request_line;
use model::manifest_json;
use model::shown::one_line;
use model::{FieldKind, Manifest};
use outside::authority::Asks;
use outside::egress::Pattern;
use sandbox::component::imports;
use serde_json::{Value, json};

use super::failure::Failure;
use super::{Component, open, remote, tables};

/// Shows what a connector is, what it imports, and which hosts it may reach.
#[derive(Debug, Args)]
pub struct Describe {
    /// One that is published: `oci://HOST/REPOSITORY:TAG` or `@sha256:…`. Nothing of it is compiled, nor even fetched, but what
    /// is said of it.
    #[arg(conflicts_with = "component")]
    reference: Option<Reference>,
    /// The policy that says whose signature is believed.
    #[arg(long, value_name = "FILE", requires = "reference")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    component: Component,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Describe {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        if let Some(reference) = &self.reference {
            return remote::describe(reference, self.policy.as_deref(), self.json).await;
        }
        let described = open::component(self.component.component.as_deref()).await?;
        let facts = facts(&described);
        if self.json {
            say!("{facts:#}");
        } else {
            print(&described, &facts);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Everything that is told, in one object: the table is made from it too.
pub fn facts(described: &Described) -> Value {
    let Described { connector, manifest, .. } = described;
    let mut facts = manifest_json::write(manifest);
    let contract = format!("payments:connector@{}", connector.inspection().contract);
    facts.extend([
        ("contract".to_owned(), json!(contract)),
        ("hosts".to_owned(), json!(hosts(manifest))),
        ("imports".to_owned(), json!(connector.inspection().imports)),
        ("stubs".to_owned(), stubs(&connector.inspection().imports)),
        ("bytes".to_owned(), json!(connector.size())),
        ("digest".to_owned(), json!(connector.digest())),
    ]);
    Value::Object(facts)
}

/// Which imports are stubs, and what stands there instead of what their names say.
fn stubs(imports: &[String]) -> Value {
    let stubs = imports.iter().filter_map(|import| Some((import.clone(), json!(imports::stub(import)?))));
    Value::Object(stubs.collect())
}

/// Where requests may go is not a list of names but a rule: the origins that the operator's config names.
fn hosts(manifest: &Manifest) -> Vec<String> {
    let urls = manifest.config.iter().filter(|field| field.kind == FieldKind::Url);
    urls.map(|field| match &field.default {
        Some(default) => format!("the origin of `{}` (it suggests {default})", field.name),
        None => format!("the origin of `{}`", field.name),
    })
    .collect()
}

/// Credentials, requests and headers; what does more than read stands apart.
fn print_asks(described: &Described) {
    let asks = Asks::of(&described.manifest, &[]);
    say!("\nCredentials, put on by the host");
    for (name, credential) in &asks.credentials {
        say!("  {}", one_line(&format!("{name}: {credential}")));
    }
    say!("\nRequests");
    let (reads, others): (Vec<&Pattern>, Vec<&Pattern>) = described.ask.requests.iter().partition(|p| p.only_reads());
    for pattern in reads {
        say!("  {}", request_line(&pattern.to_string()));
    }
    if !others.is_empty() {
        say!("\nRequests that may do more than read");
    }
    for pattern in others {
        say!("  {}", request_line(&pattern.to_string()));
    }
    if !asks.headers.is_empty() {
        say!("\nHeaders        {}", asks.headers.iter().cloned().collect::<Vec<_>>().join(", "));
    }
}

fn print(described: &Described, facts: &Value) {
    let manifest = &described.manifest;
    let connector = one_line(&format!("{} {}", manifest.name, manifest.version));
    say!("{connector}  ({}, {} bytes)", tables::text(&facts["contract"]), facts["bytes"]);
    say!("{}\n", one_line(&manifest.description));
    say!("Digest         {}", tables::text(&facts["digest"]));
    say!("Capabilities   {}", joined(&facts["capabilities"]));
    say!("May reach      {}", joined(&facts["hosts"]));
    say!("Page size      up to {}", manifest.max_page_size);
    for limit in &manifest.rate_limits {
        say!("Rate limit     {} requests in {} s", limit.requests, limit.window_seconds);
    }
    say!("\nWorkflow");
    for task in &manifest.workflow {
        let periodic = if task.periodic { "periodic" } else { "with each reading of its parent" };
        let indent = if task.parent.is_some() { "  └── " } else { "  " };
        say!("{indent}{} ({periodic})", one_line(&task.name));
    }
    say!("\nConfig");
    let mut table = tables::new(["field", "kind", "required", "default", "description"]);
    for (field, fact) in manifest.config.iter().zip(facts["config"].as_array().into_iter().flatten()) {
        let required = if field.required { "yes" } else { "no" };
        let default = field.default.as_deref().unwrap_or_default();
        tables::add(&mut table, [&field.name, &tables::text(&fact["kind"]), required, default, &field.description]);
    }
    say!("{table}");
    print_asks(described);
    print_imports(described);
}

/// What it imports; of stubs that are alike, what stands there is said once.
fn print_imports(described: &Described) {
    let imports = &described.connector.inspection().imports;
    say!("\nImports");
    for import in imports.iter().filter(|import| imports::stub(import).is_none()) {
        say!("  {}", one_line(import));
    }
    let mut stubs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for import in imports {
        if let Some(instead) = imports::stub(import) {
            stubs.entry(instead).or_default().push(import);
        }
    }
    for (instead, imports) in stubs {
        say!("  stubs: {instead}");
        for import in imports {
            say!("    {}", one_line(import));
        }
    }
}

/// What has to be known of a component that was just made.
pub fn built(described: &Described, file: &str) {
    let Described { connector, manifest, .. } = described;
    let connector_is = one_line(&format!("{} {}", manifest.name, manifest.version));
    say!("{file}: {connector_is}, {} bytes, {}", connector.size(), connector.digest());
    print_imports(described);
    print_asks(described);
}

fn joined(list: &Value) -> String {
    list.as_array().into_iter().flatten().map(tables::text).collect::<Vec<_>>().join(", ")
}
