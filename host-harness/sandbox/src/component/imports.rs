//! What a component may import: the contract, HTTP, and the stubs that a language's runtime cannot do without.
//!
//! The stubs give nothing: an empty environment, no arguments, an empty standard input, clocks that stand at the epoch,
//! randomness that is always the same. They are there because the runtimes of Rust, C, JavaScript and Go import them
//! whether a program uses them or not. Standard error is kept for the report of a trap.

use super::LoadError;
use model::VERSION;

/// The interfaces that are linked, without their versions.
pub const ALLOWED: &[&str] = &[
    "payments:connector/types",
    "payments:connector/state",
    "payments:connector/log",
    "wasi:http/types",
    "wasi:http/outgoing-handler",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
];

/// What no connector gets, by what it would import for it, and what stands there where that may be imported.
const NOT_GIVEN: [(&str, &str, &str); 5] = [
    ("files", "wasi:filesystem/", ""),
    ("sockets", "wasi:sockets/", ""),
    ("clock", "wasi:clocks/", "the one that it imports stands still"),
    ("randomness", "wasi:random/", "what it imports is always the same"),
    ("environment", "wasi:cli/environment", "the one that it imports is empty"),
];

/// The import that requests go by.
const HTTP: &str = "wasi:http/outgoing-handler";

/// What the imports of a component that was loaded come to, in words: `no files, no sockets, no clock, no randomness, no
/// environment; HTTP to one origin`. `origins` is how many an operator grants it.
#[must_use]
pub fn in_words(imports: &[String], origins: usize) -> String {
    let has = |beginning: &str| imports.iter().any(|import| import.starts_with(beginning));
    let none = NOT_GIVEN.map(|(noun, beginning, instead)| match instead {
        "" => format!("no {noun}"),
        instead if has(beginning) => format!("no {noun} ({instead})"),
        _ => format!("no {noun}"),
    });
    let http = match origins {
        _ if !has(HTTP) => "no HTTP".to_owned(),
        0 => "HTTP to no origin".to_owned(),
        1 => "HTTP to one origin".to_owned(),
        several => format!("HTTP to {several} origins"),
    };
    format!("{}; {http}", none.join(", "))
}

/// # Errors
/// [`LoadError::ForbiddenImports`] with every import that is not allowed, or that is of a version without a match.
pub(super) fn check(imports: &[String]) -> Result<(), LoadError> {
    let forbidden: Vec<String> = imports.iter().filter_map(|import| refusal(import)).collect();
    if forbidden.is_empty() { Ok(()) } else { Err(LoadError::ForbiddenImports { imports: forbidden }) }
}

fn refusal(import: &str) -> Option<String> {
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    if !ALLOWED.contains(&name) {
        return Some(format!("`{import}` ({})", meaning(name)));
    }
    let matching = if name.starts_with("wasi:") { version.starts_with("0.2.") } else { version == VERSION };
    (!matching).then(|| format!("`{import}` (this host has another version of it)"))
}

fn meaning(name: &str) -> &'static str {
    match name.split('/').next().unwrap_or_default() {
        "wasi:filesystem" => "files",
        "wasi:sockets" => "network sockets; HTTP is wasi:http/outgoing-handler",
        "wasi:keyvalue" | "wasi:blobstore" => "storage; the state of a stream is payments:connector/state",
        "wasi:config" => "configuration; the config is an argument",
        "wasi:logging" => "logging; use payments:connector/log",
        "wasi:http" => "HTTP other than outgoing requests",
        _ => "not part of the contract",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_sockets_are_refused_by_name_and_meaning() {
        let imports = ["wasi:io/poll@0.2.6", "wasi:sockets/tcp@0.2.6", "wasi:filesystem/types@0.2.3"].map(String::from);
        let error = check(&imports).expect_err("refused").to_string();
        assert!(error.contains("`wasi:sockets/tcp@0.2.6` (network sockets"), "{error}");
        assert!(error.contains("`wasi:filesystem/types@0.2.3` (files)"), "{error}");
        assert!(!error.contains("wasi:io"), "{error}");
    }

    #[test]
    fn imports_are_told_by_what_comes_of_them() {
        let imports = ["wasi:clocks/monotonic-clock@0.2.6", "wasi:http/outgoing-handler@0.2.6"].map(String::from);
        assert_eq!(
            in_words(&imports, 1),
            "no files, no sockets, no clock (the one that it imports stands still), no randomness, no environment; \
             HTTP to one origin"
        );
        assert!(in_words(&imports, 2).ends_with("; HTTP to 2 origins"));
        assert!(in_words(&[], 2).ends_with("no clock, no randomness, no environment; no HTTP"));
    }

    #[test]
    fn what_may_be_imported_and_is_said_not_to_be_given_has_something_in_its_place() {
        for (noun, beginning, instead) in NOT_GIVEN {
            let allowed = ALLOWED.iter().any(|import| import.starts_with(beginning));
            assert_eq!(allowed, !instead.is_empty(), "{noun}");
        }
    }

    #[test]
    fn another_version_of_an_allowed_interface_is_refused() {
        let imports = ["wasi:http/types@0.3.0".to_string(), "payments:connector/state@0.9.0".to_string()];
        let error = check(&imports).expect_err("refused").to_string();
        assert!(error.contains("wasi:http/types@0.3.0") && error.contains("state@0.9.0"), "{error}");
    }
}
