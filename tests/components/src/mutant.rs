//! Writes a mutant of one of the connectors to a file, or names them all.

use std::process::ExitCode;
use std::{env, fs};

use mutant_connector::table::Mutant;
use mutant_connector::{lindenbank, mutants, switch};
use test_components::{LINDENBANK_MUTANT, MUTANT};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, file] = &arguments[..] else {
        for mutant in mutants::MUTANTS.iter().chain(lindenbank::MUTANTS) {
            println!("{:24} {}", mutant.name, mutant.does);
        }
        eprintln!("usage: mutant NAME FILE");
        return ExitCode::from(2);
    };
    let of = |component, table: &'static [Mutant]| table.iter().map(move |mutant| (component, mutant));
    let mut all = of(MUTANT, mutants::MUTANTS).chain(of(LINDENBANK_MUTANT, lindenbank::MUTANTS));
    let Some((component, mutant)) = all.find(|(_, mutant)| mutant.name == name) else {
        eprintln!("no mutant is called {name}; without arguments they are listed");
        return ExitCode::from(2);
    };
    let written = switch::turned(component, mutant)
        .and_then(|bytes| fs::write(file, bytes).map_err(|error| format!("{file}: {error}")));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
