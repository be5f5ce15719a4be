//! `harness sim`: a simulated provider on a loopback port.

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use conformance::MakeBank;
use host_harness::providers;
use outside::clock::{Clock as _, VirtualClock};
use serde_json::{Map, Value};
use sim::{Logged, Provider, Server, Simulator};

use super::failure::Failure;
use super::interrupt::Interrupts;
use super::{open, out};

/// How soon a request is shown.
const SOON: Duration = Duration::from_millis(50);

#[derive(Debug, Subcommand)]
pub enum Sim {
    /// Serves a simulated provider on 127.0.0.1, for any program that reads the real one.
    ///
    /// Prints its URL, a config with invented credentials, and a line for each request. Ctrl-C or SIGTERM ends it.
    ///
    /// With --scenario the provider is the one that the scenario's first poll finds: every step before that poll has
    /// happened, and its `before`, `faults` and `mutate` happen to the requests as they come, counted from 1 since the
    /// start, those for accounts and counterparties left out. Steps behind it are not made.
    ///
    /// The provider's clock starts at the scenario's `start` (the demo company's: the evening of its last day) and then
    /// goes on with this machine's, so that rate limits, `Retry-After` and late rows behave for a caller that really
    /// waits. A `delay` moves that clock on and slows no answer down; a `stall` stays silent until the caller hangs up.
    Serve(Serve),
}

#[derive(Debug, Args)]
pub struct Serve {
    /// The port; any free one when not given.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// The scenario whose provider it is: a JSON file. A demo company when not given.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// The provider of the demo company.
    #[arg(long, value_name = "NAME", default_value = "qonto", conflicts_with = "scenario")]
    provider: String,
    /// Write the config to this file as well: `harness run --once --config FILE` then reads the simulated provider.
    #[arg(long, value_name = "FILE")]
    write_config: Option<PathBuf>,
}

impl Sim {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let Self::Serve(serve) = self;
        serve.run().await
    }
}

impl Serve {
    async fn run(self) -> Result<ExitCode, Failure> {
        if let Some(file) = &self.scenario {
            let (scenario, provider) = open::scenario(file)?;
            let make_bank: MakeBank = Arc::new(provider.make);
            let config = make_bank().config();
            return self.serve(provider.name, &scenario.simulator(&make_bank), config).await;
        }
        let provider = providers::provider(&self.provider).map_err(|error| Failure::usage(error.to_string()))?;
        let demo = (provider.demo)();
        let simulator = Simulator::new(demo.provider, VirtualClock::at(demo.now));
        self.serve(provider.name, &simulator, demo.config).await
    }

    async fn serve<P: Provider + 'static>(
        &self,
        name: &str,
        simulator: &Simulator<P>,
        mut config: Map<String, Value>,
    ) -> Result<ExitCode, Failure> {
        let server = Server::start_on(simulator.clone(), self.port).await.map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => Failure::usage(format!(
                "port {} is taken; pick another, or leave --port out for any free one",
                self.port
            )),
            _ => Failure::usage(format!("cannot listen on port {}: {error}", self.port)),
        })?;
        let mut interrupts = Interrupts::listen()?;
        let clock = simulator.clock().clone();
        say!(
            "{name}, simulated, at {} from {} on; Ctrl-C ends it",
            server.url(),
            clock.now().to_rfc3339_opts(SecondsFormat::AutoSi, true)
        );
        // Whatever points to the real provider points here.
        for value in config.values_mut().filter(|value| value.as_str().is_some_and(|text| text.starts_with("https://")))
        {
            *value = server.url().into();
        }
        let config = Value::Object(config);
        say!("config: {config}");
        if let Some(file) = &self.write_config {
            if self.scenario.as_deref().is_some_and(|scenario| open::is_same(scenario, file)) {
                return Err(Failure::usage(format!("the config would replace the scenario: {}", file.display())));
            }
            let config = format!("{config:#}\n");
            let written = private_file::create(file).and_then(|mut open| open.write_all(config.as_bytes()));
            written.map_err(|error| Failure::usage(format!("cannot write {}: {error}", file.display())))?;
        }
        follow(simulator);
        let mut soon = tokio::time::interval(SOON);
        loop {
            let ends = tokio::select! {
                _ = interrupts.next() => true,
                _ = soon.tick() => false,
            };
            simulator.take_log().iter().for_each(show);
            // Nobody would end a program by hand of which nothing is seen.
            out::expect_written()?;
            if ends {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
}

/// Lets the provider's time go on with this machine's.
fn follow<P: Provider>(simulator: &Simulator<P>) {
    let (clock, mut last) = (simulator.clock().clone(), Instant::now());
    simulator.before_each(move |_, _| {
        clock.advance(last.elapsed());
        last = Instant::now();
    });
}

fn show(logged: &Logged) {
    let target = logged.url.query().map_or_else(String::new, |query| format!("?{query}"));
    let status = logged.status.map_or_else(|| "no answer".to_owned(), |status| status.as_u16().to_string());
    let faults =
        if logged.faults.is_empty() { String::new() } else { format!("  fault: {}", logged.faults.join(", ")) };
    say!("{:>4}  {} {}{target}  {status}{faults}", logged.number, logged.method, logged.url.path());
}
