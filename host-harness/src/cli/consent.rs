//! Who may run an install: what the component asks is shown, and the operator agrees to it once.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use engine::install::Install;
use model::malformed::malformed;
use model::shown::one_line;
use model::shown::without_mark;
use outside::authority::Grant;
use outside::clock::{Clock as _, SystemClock};
use outside::config::Terms;
use outside::egress::Endpoint;
use outside::transport::live::prepare;
use store::{Granted, PollStore as _, Store};

use super::asked::{ask_lines, history, wider_lines};
use super::failure::Failure;
use super::{installed, kept, open};

/// How the operator agrees to what a component asks. The bundled connector is the program's own and needs no consent.
#[derive(Debug, Args)]
pub struct Consent {
    /// Agree to what the component asks: which component, which requests, which credentials. It is kept with the install;
    /// anything wider is refused later, and agreed to with the SHA-256 that the refusal names.
    #[arg(long, value_name = "SHA256", num_args = 0..=1, require_equals = true, conflicts_with = "grant")]
    #[allow(clippy::option_option, reason = "not given, given, and given with a value")]
    accept: Option<Option<String>>,
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
    /// The config's file; none for the config that a server keeps of the install.
    pub config: Option<&'a Path>,
}

/// An install that may be run, in its store.
pub struct Agreed {
    /// The install.
    pub install: Install,
    /// Where it is kept.
    pub store: Store,
    /// Its name there.
    pub name: String,
    /// What is granted from now on.
    pub granted: Granted,
}

/// What there is to agree to.
pub struct Question<'a> {
    /// In a sentence.
    pub what: String,
    /// In lines.
    pub lines: Vec<String>,
    /// The component.
    pub digest: &'a str,
    /// Nothing was agreed to before: the operator need not say which component is meant.
    pub is_first: bool,
}

impl Consent {
    /// The install that `place` names, if it may send requests.
    pub async fn install(&self, place: &Place<'_>) -> Result<Agreed, Failure> {
        prepare();
        // A refusal leaves no store behind.
        let opened = if place.store.exists() { Some(open::store(place.store)?) } else { None };
        let found = installed::connector(place.component, opened.as_ref(), place.name).await?;
        let (described, is_bundled) = (found.described, found.is_bundled);
        if self.grant.is_some() && is_bundled {
            let text = "--grant is for what --component names; the program's own connector needs no grant";
            return Err(Failure::usage(text));
        }
        let file = self.file()?;
        let name =
            place.name.map_or_else(|| found.name.unwrap_or_else(|| described.manifest.name.clone()), str::to_owned);
        let kept = opened.as_ref().map(|store| store.granted(&name)).transpose()?.flatten();
        let terms = Terms::default().public(match (&file, &kept) {
            (Some(grant), _) => grant.public.clone(),
            (None, Some(kept)) => kept.public(),
            (None, None) => BTreeSet::new(),
        });
        let kept_config = opened.as_ref().map(|store| kept::config(place.store, store, &name)).transpose()?.flatten();
        let install = match (place.config, kept_config) {
            (Some(config), None) => open::install(described, config, &terms)?,
            (Some(config), Some(kept)) => {
                kept::expect_same(without_mark(&open::text(config)?.0), &kept, &name)?;
                open::install(described, config, &terms)?
            }
            (None, Some(kept)) => described.install(&kept, &terms)?,
            (None, None) => {
                let text = "no config is given; --config names one, and only an install of a server keeps its own";
                return Err(Failure::usage(text));
            }
        };
        let granted = self.decide(&install, is_bundled, file, kept.as_ref(), &one_line(&name))?;
        let store = opened.map_or_else(|| open::store(place.store), Ok)?;
        if kept.as_ref() != Some(&granted) {
            store.grant(&name, &granted, SystemClock.now())?;
        }
        store.note_connector(&name, &install.manifest.name, install.connector.digest(), SystemClock.now())?;
        Ok(Agreed { install, store, name, granted })
    }

    /// Consent to one component, by its SHA-256; none: whoever sits at the terminal is asked.
    pub fn to(digest: Option<String>) -> Self {
        Self { accept: digest.map(Some), grant: None }
    }

    /// What the file of `--grant` grants.
    pub fn file(&self) -> Result<Option<Grant>, Failure> {
        self.grant.as_deref().map(read).transpose()
    }

    /// Whether anybody is there to be asked.
    pub fn is_attended(&self) -> bool {
        self.accept.is_some() || is_terminal()
    }

    /// What is granted from now on.
    pub fn decide(
        &self,
        install: &Install,
        is_bundled: bool,
        file: Option<Grant>,
        kept: Option<&Granted>,
        name: &str,
    ) -> Result<Granted, Failure> {
        let digest = install.connector.digest();
        if is_bundled {
            if matches!(kept, None | Some(Granted::Bundled)) {
                return Ok(Granted::Bundled);
            }
            let what = match kept {
                Some(Granted::Revoked(None)) => {
                    format!("the install `{name}` was uninstalled, or may not run any more, and would begin again")
                }
                kept => format!("{}, and would be the program's own from now on", history(kept, name)),
            };
            self.agree(&Question { what, lines: ask_lines(&install.asked()), digest, is_first: false })?;
            return Ok(Granted::Bundled);
        }
        let asked = install.asked();
        let endpoints = install.policy.endpoints();
        if let Some(grant) = file {
            let wider = grant.wider(&asked, Endpoint::elsewhere(endpoints));
            if !wider.is_empty() {
                let lines = wider_lines(&wider).join("\n  ");
                return Err(Failure::usage(format!(
                    "the component asks for more than the file grants:\n  {lines}\nnothing was sent; add it to the file if it \
                     is well"
                )));
            }
            return expect_not_anothers(&grant, kept, name, digest).map(|()| Granted::Grant(Box::new(grant)));
        }
        let question = |what, lines, is_first| Question { what, lines, digest, is_first };
        let question = match kept {
            Some(Granted::Grant(grant)) => {
                let wider = grant.wider(&asked, Endpoint::elsewhere(endpoints));
                if wider.is_empty() {
                    return Ok(Granted::Grant(grant.clone()));
                }
                let what = format!("the component asks for more than the install `{name}` was granted");
                question(what, wider_lines(&wider), false)
            }
            Some(kept) if kept.is_of(Some(&asked)) && matches!(kept, Granted::Replayed(_)) => {
                question(history(None, name), ask_lines(&asked), true)
            }
            None => question(history(None, name), ask_lines(&asked), true),
            kept => question(history(kept, name), ask_lines(&asked), false),
        };
        self.agree(&question)?;
        Ok(Granted::Grant(Box::new(asked)))
    }

    /// Asks on a terminal; elsewhere `--accept` has to say so, and what it says holds for this component only: it may stand
    /// in a script, and go on standing there.
    pub fn agree(&self, question: &Question<'_>) -> Result<(), Failure> {
        let Question { what, lines, digest, is_first } = question;
        let shown = if lines.is_empty() { String::new() } else { format!(":\n  {}", lines.join("\n  ")) };
        let words = if *is_first { "--accept, or with --grant FILE".to_owned() } else { format!("--accept={digest}") };
        let refused = |why: &str| {
            Failure::usage(format!("{what}{shown}\nnothing was sent{why}; read it, and agree with {words}"))
        };
        match &self.accept {
            Some(None) if *is_first => {}
            Some(None) => return Err(refused(", since --accept alone agrees to the first run of an install only")),
            Some(Some(meant)) if is_digest(meant, digest) => {}
            Some(Some(meant)) => {
                return Err(refused(&format!(", since --accept means {}, and this is {digest}", one_line(meant))));
            }
            None if is_terminal() => {
                tell!("{what}{shown}\nAgree? [y/N] ");
                io::stderr().flush().ok();
                let mut answer = String::new();
                io::stdin().lock().read_line(&mut answer).ok();
                return if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(refused("")) };
            }
            None => return Err(refused("")),
        }
        tell!("granted: {what}{shown}");
        Ok(())
    }
}

fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// With or without the name of the algorithm, as tools print it.
fn is_digest(meant: &str, digest: &str) -> bool {
    let bare = |text: &str| text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase();
    bare(meant) == bare(digest)
}

/// Sees that a file does not take over what belongs to another: which install it is for does not stand in it.
fn expect_not_anothers(file: &Grant, kept: Option<&Granted>, name: &str, digest: &str) -> Result<(), Failure> {
    let is_well = match kept {
        None => true,
        Some(Granted::Grant(kept) | Granted::Replayed(kept)) => kept.connector == file.connector,
        // The same words again would undo what the operator did; others were written since.
        Some(Granted::Revoked(Some(kept))) => kept.connector == file.connector && **kept != *file,
        Some(Granted::Bundled | Granted::Revoked(None)) => false,
    };
    if is_well {
        return Ok(());
    }
    let what = history(kept, name);
    Err(Failure::usage(format!(
        "{what}, and the file does not say that it is to be another; nothing was sent; name another install with --name, or \
         agree once with --accept={digest} in place of --grant"
    )))
}

fn read(file: &Path) -> Result<Grant, Failure> {
    let (text, _) = open::text(file)?;
    serde_json::from_str(without_mark(&text)).map_err(|error| {
        Failure::usage(format!(
            "{} is no grant: {}. `harness grant show` prints one of an install that was agreed to with --accept",
            file.display(),
            malformed(&error)
        ))
    })
}
