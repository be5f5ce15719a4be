//! Who may run an install: what the component asks is shown, and the operator agrees to it once.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use host_harness::authority::{Grant, Wider};
use host_harness::clock::{Clock as _, SystemClock};
use host_harness::config::Terms;
use host_harness::install::Install;
use host_harness::shown::one_line;
use host_harness::store::{Granted, Store};

use super::failure::Failure;
use super::open;

/// How the operator agrees to what a component asks. The bundled connector is the program's own and needs no consent.
#[derive(Debug, Args)]
pub struct Consent {
    /// Agree to what the component asks: which component, which requests, which credentials. It is kept with the install;
    /// anything wider is refused later.
    #[arg(long, conflicts_with = "grant")]
    accept: bool,
    /// Agree to what this file grants, and to nothing wider. `harness grant show` prints one.
    #[arg(long, value_name = "FILE")]
    grant: Option<PathBuf>,
}

/// What is run, and where its grant is kept.
pub struct Place<'a> {
    /// The component's file; none for the bundled connector.
    pub component: Option<&'a Path>,
    /// The store's file.
    pub store: &'a Path,
    /// The name of the install, when the operator gave one.
    pub name: Option<&'a str>,
    /// The config's file.
    pub config: &'a Path,
}

impl Consent {
    /// The install that `place` names, if it may send requests; with its store, and its name in it.
    pub async fn install(&self, place: &Place<'_>) -> Result<(Install, Store, String), Failure> {
        let file = self.grant.as_deref().map(read).transpose()?;
        let described = open::component(place.component).await?;
        let name = place.name.map_or_else(|| described.manifest.name.clone(), str::to_owned);
        // A refusal leaves no store behind.
        let opened = if place.store.exists() { Some(open::store(place.store)?) } else { None };
        let kept = opened.as_ref().map(|store| store.granted(&name)).transpose()?.flatten();
        let terms = match (&file, &kept) {
            (Some(grant), _) => Terms::default().public(grant.public.clone()),
            (None, Some(Granted::Grant(grant))) => Terms::default().public(grant.public.clone()),
            _ => Terms::default(),
        };
        let install = open::install(described, place.config, &terms)?;
        let granted = self.decide(&install, place, file, kept.as_ref(), &name)?;
        let store = opened.map_or_else(|| open::store(place.store), Ok)?;
        if kept.as_ref() != Some(&granted) {
            store.grant(&name, &granted, SystemClock.now())?;
        }
        Ok((install, store, name))
    }

    /// What is granted from now on.
    fn decide(
        &self,
        install: &Install,
        place: &Place<'_>,
        file: Option<Grant>,
        kept: Option<&Granted>,
        name: &str,
    ) -> Result<Granted, Failure> {
        let asked = install.asked();
        if place.component.is_none() {
            return match kept {
                None | Some(Granted::Bundled) => Ok(Granted::Bundled),
                Some(Granted::Grant(grant)) => {
                    let change =
                        format!("the install `{name}` was granted to the connector `{}`", one_line(&grant.connector));
                    self.agree(&format!("{change}, and would be the program's own from now on"), None)?;
                    Ok(Granted::Bundled)
                }
            };
        }
        let endpoints = install.policy.endpoints();
        if let Some(grant) = file {
            let wider = grant.wider(&asked, endpoints);
            if wider.is_empty() {
                return Ok(Granted::Grant(Box::new(grant)));
            }
            let lines = wider_lines(&wider).join("\n  ");
            return Err(Failure::usage(format!(
                "the component asks for more than the file grants:\n  {lines}\nnothing was sent; add it to the file if it is well"
            )));
        }
        let (what, wider) = match kept {
            Some(Granted::Grant(grant)) => {
                let wider = grant.wider(&asked, endpoints);
                if wider.is_empty() {
                    return Ok(Granted::Grant(grant.clone()));
                }
                let what = format!("the component asks for more than the install `{name}` was granted");
                (what, Some(wider))
            }
            Some(Granted::Bundled) => (
                format!("the install `{name}` was the program's own connector so far, and is to be another component"),
                None,
            ),
            None => (format!("nobody has agreed yet that this component runs as the install `{name}`"), None),
        };
        let lines = wider.as_ref().map_or_else(|| ask_lines(&asked), |wider| wider_lines(wider));
        self.agree(&what, Some(&lines))?;
        Ok(Granted::Grant(Box::new(asked)))
    }

    /// Asks on a terminal; elsewhere `--accept` has to say so.
    fn agree(&self, what: &str, lines: Option<&[String]>) -> Result<(), Failure> {
        let shown = lines.map(|lines| format!(":\n  {}", lines.join("\n  "))).unwrap_or_default();
        if self.accept {
            tell!("granted: {what}{shown}");
            return Ok(());
        }
        if io::stdin().is_terminal() && io::stderr().is_terminal() {
            tell!("{what}{shown}\nAgree? [y/N] ");
            io::stderr().flush().ok();
            let mut answer = String::new();
            io::stdin().lock().read_line(&mut answer).ok();
            if matches!(answer.trim(), "y" | "Y" | "yes") {
                return Ok(());
            }
        }
        Err(Failure::usage(format!(
            "{what}{shown}\nnothing was sent; read it, and agree with --accept, or with --grant FILE"
        )))
    }
}

fn wider_lines(wider: &[Wider]) -> Vec<String> {
    wider.iter().map(|wider| format!("+ {}", one_line(&wider.to_string()))).collect()
}

/// What a component asks, a line each.
fn ask_lines(asked: &Grant) -> Vec<String> {
    let mut lines = vec![format!("connector {}", asked.connector)];
    lines.extend(asked.digests.iter().cloned());
    lines.extend(asked.endpoints.iter().map(|(field, url)| format!("requests go to {url} (`{field}`)")));
    lines.extend(asked.asks.credentials.iter().map(|(name, credential)| format!("credential {name}: {credential}")));
    let (reads, others): (Vec<&String>, Vec<&String>) =
        asked.asks.requests.iter().partition(|request| request.starts_with("GET ") || request.starts_with("HEAD "));
    lines.extend(reads.into_iter().map(|request| format!("request {request}")));
    lines.extend(others.into_iter().map(|request| format!("request that may do more than read: {request}")));
    lines.extend(asked.asks.headers.iter().map(|header| format!("header {header}")));
    let secrets = asked.asks.fields.iter().filter(|(_, kind)| *kind == "secret");
    lines.extend(secrets.map(|(field, _)| format!("`{field}` is a secret, and stays with the host")));
    lines.extend(asked.public.iter().map(|field| format!("`{field}` is given to the component as it is")));
    lines.push(format!("imports {}", asked.asks.imports.iter().cloned().collect::<Vec<_>>().join(", ")));
    lines.iter().map(|line| one_line(line)).collect()
}

fn read(file: &Path) -> Result<Grant, Failure> {
    let bad = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| bad(&error))?;
    serde_json::from_str(&text).map_err(|error| bad(&error))
}
