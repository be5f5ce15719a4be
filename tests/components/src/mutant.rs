//! Writes a mutant of the Qonto connector to a file, or names them all.

use std::process::ExitCode;
use std::{env, fs};

use mutant_connector::mutants::MUTANTS;
use mutant_connector::switch;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, file] = &arguments[..] else {
        for mutant in MUTANTS {
            println!("{:24} {}", mutant.name, mutant.does);
        }
        eprintln!("usage: mutant NAME FILE");
        return ExitCode::from(2);
    };
    let Some(mutant) = MUTANTS.iter().find(|mutant| mutant.name == name) else {
        eprintln!("no mutant is called {name}; without arguments they are listed");
        return ExitCode::from(2);
    };
    let written = switch::turned(test_components::MUTANT, mutant)
        .and_then(|bytes| fs::write(file, bytes).map_err(|error| format!("{file}: {error}")));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
