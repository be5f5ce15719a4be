//! `harness review`: one page to decide on, for whoever has to approve a stranger's connector.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use conformance::report::Conclusion;
use conformance::review::{Reviewed, Sheet, Version};

use super::failure::Failure;
use super::trial::Trial;
use super::{open, test};

/// Tells on one page what has to be known before a connector is approved: what it is, what it asks, what was proved and
/// what was not, what is new since the previous version. It runs what `harness test` runs, and ends with its exit codes.
#[derive(Debug, Args)]
pub struct Review {
    #[command(flatten)]
    trial: Trial,
    /// Write the page as one HTML file, which loads nothing and runs no script.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Review {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let wasm = open::wasm(self.trial.wasm())?;
        let said = self.trial.previous().await?;
        let previous = said.as_deref().map(Version::read).transpose();
        let previous = previous
            .map_err(|error| Failure::usage(format!("--previous: {error}; `harness describe --json` prints one")))?;
        let opponent = self.trial.opponent().await?;
        let suite = self.trial.suite(&wasm, &opponent, said.as_deref())?;
        let page = self.html.as_ref().map(|file| test::create(file, &self.trial.inputs())).transpose()?;
        let bar = test::Bar::new();
        let report = suite.run(&bar).await.map_err(|error| Failure::no_verdict(error.to_string()))?;
        bar.clear();
        opponent.expect_sound()?;
        // What cannot be loaded is judged all the same, and the sheet says why there is nothing to tell of it.
        let described = open::component(self.trial.wasm()).await;
        let mut commands = vec![("see what was tried, and how", self.trial.whole())];
        // What failed, or is no component, is nothing to approve.
        let run =
            self.trial.run(&report.sha256).filter(|_| described.is_ok() && report.conclusion() != Conclusion::Failed);
        commands.extend(run.map(|command| ("run it, once it is approved", command)));
        let sheet = Sheet::new(Reviewed {
            wasm: &wasm,
            described: described.as_ref().map_err(ToString::to_string),
            report: &report,
            own: opponent.own(),
            previous: previous.as_ref(),
            commands,
        });
        if let (Some(mut page), Some(file)) = (page, &self.html) {
            page.write_all(sheet.html().as_bytes())
                .map_err(|error| Failure::no_verdict(format!("cannot write the page {}: {error}", file.display())))?;
        }
        say!("{}", sheet.text().trim_end());
        test::ended(&report)
    }
}
