//! Arguments, and which command does what.

/// `println!` of a result, fit to be shown: see [`out::say`].
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::out::say(format_args!($($text)*)) };
}

/// `eprintln!` of a message, fit to be shown: see [`out::tell`].
macro_rules! tell {
    ($($text:tt)*) => { $crate::cli::out::tell(format_args!($($text)*)) };
}

mod asked;
mod build;
mod compile;
mod consent;
mod demo;
mod describe;
mod explain;
mod export;
mod failure;
mod fixtures;
mod gone;
mod grant;
mod guard;
mod install;
mod installed;
mod interrupt;
mod kept;
mod new;
mod open;
mod opponent;
mod out;
mod polled;
mod progress;
mod publish;
mod remote;
mod replay;
mod review;
mod rollback;
mod run;
mod serve;
mod show;
mod sim;
mod state;
mod streams;
mod tables;
mod test;
mod trial;
mod uninstall;
mod upgrade;
mod words;

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use engine::runner::Runner;
use model::shown::one_line;
use tracing_subscriber::EnvFilter;

use self::consent::Agreed;
use self::failure::Failure;

/// Runs payment connectors as sandboxed WebAssembly components.
///
/// Exit codes: 0 done; 1 a stream failed (the others are stored), or the results cannot be written; 2 usage or config;
/// 3 the component broke the contract or a limit. `run` ends after the page in flight at Ctrl-C or SIGTERM, and at once
/// (130, 143) at the second. `harness test --help` tells the codes of `test` and `review`.
#[derive(Debug, Parser)]
#[command(name = "harness", version)]
pub struct Arguments {
    /// Tell more on standard error: every request, every page. `RUST_LOG` overrides it.
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Polls the bundled recordings once, offline, and shows what was found.
    Demo {
        /// Serve it afterwards: at this address, through the API and on a page.
        #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = serve::LISTEN)]
        serve: Option<SocketAddr>,
    },
    New(new::New),
    /// Makes the component of the project in this folder, and tells its size, its imports and what it asks.
    Build,
    Describe(describe::Describe),
    /// Proves that a connector keeps the contract, offline, at a simulated provider.
    Test(test::Test),
    /// Tells on one page what has to be known before a connector is approved.
    Review(review::Review),
    /// Tells what a check proves and how; without an id, lists the checks.
    Explain {
        /// The check: `P4`.
        id: Option<String>,
    },
    /// Checks a config and its credentials, with one request at most.
    Check {
        #[command(flatten)]
        component: Component,
        /// The config: a JSON object. A secret may be given as {"env": "NAME"} or {"file": "PATH"}.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        #[command(flatten)]
        store: StoreFile,
        #[command(flatten)]
        consent: consent::Consent,
    },
    /// Shows or takes back what you agreed to for a connector: which requests, to whom, with which credentials.
    Grant {
        #[command(subcommand)]
        command: grant::GrantCommand,
    },
    /// Shows or marks records that the provider no longer has, where they are so many that you have to say whether that is
    /// so.
    Gone {
        #[command(subcommand)]
        command: gone::Gone,
    },
    Publish(publish::Publish),
    Install(install::Install),
    Upgrade(upgrade::Upgrade),
    Rollback(rollback::Rollback),
    /// Lists the installs of a store: whose component each runs, and what is known of that.
    Installs {
        /// The `SQLite` file.
        #[arg(long, value_name = "FILE", default_value = "payments.db")]
        store: PathBuf,
    },
    /// Lets a connector go on that was stopped since it tried what it was not granted.
    Resume {
        #[command(flatten)]
        store: StoreFile,
    },
    /// Polls into a store: for ever, at the config's pollingPeriod, or once.
    Run(run::Run),
    Serve(serve::Serve),
    /// Changes the key that a server's configs are sealed with.
    Key {
        #[command(subcommand)]
        command: serve::KeyCommand,
    },
    /// Prints the records of a store.
    Export(export::Export),
    /// Shows accounts, balances and the latest payments of a store.
    Show(show::Show),
    /// Ends a connector's work for a customer, and erases the records where that is asked for.
    Uninstall(uninstall::Uninstall),
    /// Plays a scenario file on a connector, and says whether every payment arrived.
    Replay(replay::Replay),
    /// Makes recordings fit to be shared, looks for what must not be in them, and compares their shape.
    Fixtures {
        #[command(subcommand)]
        command: fixtures::Fixtures,
    },
    /// Compiles a component from standard input to standard output, for the process that started this one.
    #[command(hide = true, name = compile::COMMAND)]
    CompileComponent,
    /// Offers a simulated provider to other programs.
    Sim {
        #[command(subcommand)]
        command: sim::Sim,
    },
    /// Shows or resets what a connector remembers, which is how far it has read.
    State {
        #[command(subcommand)]
        command: state::State,
    },
}

#[derive(Debug, Args)]
struct Component {
    /// The connector's component; the bundled Qonto connector when not given.
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct StoreFile {
    /// The `SQLite` file.
    #[arg(long, value_name = "FILE", default_value = "payments.db")]
    store: PathBuf,
    /// The install in it: a connector with one customer's config and records. The connector's name when not given, or the
    /// only one there is.
    #[arg(long)]
    name: Option<String>,
}

/// Runs a command to its exit code.
pub fn main(arguments: Arguments) -> ExitCode {
    guard::keep_what_is_in_memory();
    let level = match &arguments.command {
        _ if arguments.verbose => "harness=info,warn",
        // What goes wrong in a trial was made to; what matters of it is in the report.
        Command::Test(_) | Command::Review(_) => "error,harness=off",
        // What is wrong with a certificate is in the error.
        _ => "error,harness=warn,host_harness=warn,rustls_platform_verifier=off",
    };
    // A variable that is set to nothing asks for nothing.
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|asked| !asked.trim().is_empty());
    let filter = asked.and_then(|asked| EnvFilter::try_new(asked).ok()).unwrap_or_else(|| EnvFilter::new(level));
    log(filter, matches!(&arguments.command, Command::Serve(serve) if serve.json_log));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::failed(format!("cannot start: {error}")).report(),
    };
    match runtime.block_on(dispatch(arguments.command)) {
        Ok(code) => written(code),
        Err(failure) => failure.report(),
    }
}

/// Writes the log to standard error: for a person, or for a program.
fn log(filter: EnvFilter, is_json: bool) {
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if is_json {
        return log.json().init();
    }
    log.fmt_fields(out::fields()).with_ansi(io::stderr().is_terminal()).without_time().init();
}

/// What the arguments ask for is a text about them: help, the version, or what is wrong with them.
pub fn told(text: &clap::Error) -> ExitCode {
    match text.print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Failure::failed(format!("cannot be shown: {error}")).report()
        }
        _ => u8::try_from(text.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

/// The code of a command that did its work, if its results are written.
fn written(code: ExitCode) -> ExitCode {
    match out::expect_written() {
        Err(failure) if code == ExitCode::SUCCESS => failure.report(),
        Err(failure) => {
            failure.report();
            code
        }
        Ok(()) => code,
    }
}

async fn dispatch(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo { serve } => {
            let file = Path::new("demo.db");
            let code = demo::demo(file).await?;
            match serve {
                Some(listen) => serve::Serve::of(listen, file).run().await,
                None => Ok(code),
            }
        }
        Command::New(new) => new.run(),
        Command::Build => build::build().await,
        Command::Describe(describe) => describe.run().await,
        Command::Publish(publish) => publish.run().await,
        Command::Install(install) => install.run().await,
        Command::Upgrade(upgrade) => upgrade.run().await,
        Command::Rollback(rollback) => rollback.run().await,
        Command::Installs { store } => installed::list(&store),
        Command::Check { component, config, store, consent } => {
            check(component.component.as_deref(), &config, &store, &consent).await
        }
        Command::Grant { command } => command.run(),
        Command::Gone { command } => command.run(),
        Command::Resume { store } => grant::resume(&store),
        Command::Test(test) => test.run().await,
        Command::Review(review) => review.run().await,
        Command::Explain { id } => explain::explain(id.as_deref()),
        Command::Run(run) => run.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Key { command } => command.run(),
        Command::Export(export) => export.run(),
        Command::Show(show) => show.run(),
        Command::Uninstall(uninstall) => uninstall.run(),
        Command::CompileComponent => Ok(compile::serve()),
        Command::Replay(replay) => replay.run().await,
        Command::Fixtures { command } => command.run(),
        Command::Sim { command } => command.run().await,
        Command::State { command } => command.run(),
    }
}

async fn check(
    component: Option<&Path>,
    config: &Path,
    store: &StoreFile,
    consent: &consent::Consent,
) -> Result<ExitCode, Failure> {
    let place = consent::Place { component, store: &store.store, name: store.name.as_deref(), config: Some(config) };
    let Agreed { install, store, name, granted } = consent.install(&place).await?;
    let runner = install.runner(open::live(&install)?, Arc::new(store), &name);
    let checked = Runner { granted: Some(granted), ..runner }.check().await?;
    let connector = one_line(&format!("{} {}", install.manifest.name, install.manifest.version));
    say!("{connector}: the config is valid and its credentials are accepted");
    if let Some(whose) = checked.name.or(checked.subject) {
        say!("they lead to the data of {}", one_line(&whose));
    }
    Ok(ExitCode::SUCCESS)
}
