//! What a component may import: the contract, HTTP, and the stubs that a language's runtime cannot do without.
//!
//! The stubs give nothing: an empty environment, no arguments, an empty standard input, clocks that stand at the epoch,
//! randomness that is always the same, no folder to open a file in, no socket. They are there because the runtimes of
//! Python, JavaScript, Go, C and Rust import them whether a program uses them or not. Standard error is kept for the
//! report of a trap.

use std::collections::BTreeSet;

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
    "wasi:filesystem/types",
    "wasi:filesystem/preopens",
    "wasi:sockets/network",
    "wasi:sockets/instance-network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
    "wasi:sockets/ip-name-lookup",
];

/// What no connector gets, by what it would import for it, and what stands there where that is imported.
const NOT_GIVEN: [(&str, &str, &str); 5] = [
    ("files", "wasi:filesystem/", "what it imports has no folder"),
    ("sockets", "wasi:sockets/", "what it imports refuses each, which is an incident"),
    ("clock", "wasi:clocks/", "the one that it imports stands still"),
    ("randomness", "wasi:random/", "what it imports is always the same"),
    ("environment", "wasi:cli/environment", "the one that it imports is empty"),
];

/// What else of `wasi:cli` gives nothing, or takes what nobody reads unless the component fails.
const CLI: (&str, &str) = ("wasi:cli/", "there is no person and no terminal; what it writes is shown if it fails");

/// The import that requests go by.
const HTTP: &str = "wasi:http/outgoing-handler";

/// What stands behind an import that is a stub: `the one that it imports stands still`. None for one that does what its
/// name says.
#[must_use]
pub fn stub(import: &str) -> Option<&'static str> {
    let not_given = NOT_GIVEN.iter().map(|(_, beginning, instead)| (*beginning, *instead));
    not_given.chain([CLI]).find(|(beginning, _)| import.starts_with(beginning)).map(|(_, instead)| instead)
}

/// What the imports of a component that was loaded come to, in words: `no files, no sockets, no clock, no randomness, no
/// environment; HTTP to one origin`. `origins` is how many an operator grants it.
#[must_use]
pub fn in_words(imports: &[String], origins: usize) -> String {
    let has = |beginning: &str| imports.iter().any(|import| import.starts_with(beginning));
    let none = NOT_GIVEN.map(
        |(noun, beginning, instead)| {
            if has(beginning) { format!("no {noun} ({instead})") } else { format!("no {noun}") }
        },
    );
    let http = match origins {
        _ if !has(HTTP) => "no HTTP".to_owned(),
        0 => "HTTP to no origin".to_owned(),
        1 => "HTTP to one origin".to_owned(),
        several => format!("HTTP to {several} origins"),
    };
    format!("{}; {http}", none.join(", "))
}

/// # Errors
/// [`LoadError::ForbiddenImports`] with every import that is not allowed, that is of a version without a match, or that is
/// there in another version as well: what stands in the place of one need not stand in that of both.
pub(super) fn check(imports: &[String]) -> Result<(), LoadError> {
    let mut names = BTreeSet::new();
    let twice = imports.iter().filter(|import| !names.insert(parts(import).0)).map(|import| {
        format!("`{import}` (another version of it is imported as well; `wit-component` makes one of both)")
    });
    let forbidden: Vec<String> = imports.iter().filter_map(|import| refusal(import)).chain(twice).collect();
    if forbidden.is_empty() { Ok(()) } else { Err(LoadError::ForbiddenImports { imports: forbidden }) }
}

/// How a component is built without an import that it does not need, by language: the author of a refused one may not
/// know where it comes from.
pub(super) const WITHOUT: [(&str, &str); 4] = [
    (
        "Rust",
        "a dependency brings it: `cargo tree --target wasm32-wasip2` names them, and one that only does `wasi:http` takes its place",
    ),
    (
        "Python",
        "it stands in the world: `componentize-py -w payments-connector` of wit/, without a world of another library",
    ),
    ("JavaScript", "`jco componentize --disable all`, with the world `payments-connector` of wit/"),
    ("C and others", "give the world `payments-connector` of wit/ to the tool that makes the component, and no other"),
];

/// The interface and its version.
fn parts(import: &str) -> (&str, &str) {
    import.split_once('@').unwrap_or((import, ""))
}

fn refusal(import: &str) -> Option<String> {
    let (name, version) = parts(import);
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
    fn what_is_neither_contract_nor_stub_is_refused_by_name_and_meaning_and_with_the_way_around_it() {
        let imports =
            ["wasi:io/poll@0.2.6", "wasi:keyvalue/store@0.2.0-draft", "wasi:logging/logging"].map(String::from);
        let error = check(&imports).expect_err("refused").to_string();
        assert!(error.contains("`wasi:keyvalue/store@0.2.0-draft` (storage"), "{error}");
        assert!(error.contains("`wasi:logging/logging` (logging"), "{error}");
        assert!(!error.contains("wasi:io"), "{error}");
        for (language, _) in WITHOUT {
            assert!(error.contains(language), "{language}: {error}");
        }
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
    fn each_import_of_wasi_is_a_stub_but_for_http_and_its_streams() {
        for import in ALLOWED {
            let is_real = ["payments:", "wasi:http/", "wasi:io/"].iter().any(|beginning| import.starts_with(beginning));
            assert_eq!(stub(import).is_none(), is_real, "{import}");
        }
    }

    #[test]
    fn an_interface_in_two_versions_is_refused() {
        let imports =
            ["wasi:cli/environment@0.2.0", "wasi:io/poll@0.2.6", "wasi:cli/environment@0.2.6"].map(String::from);
        let error = check(&imports).expect_err("refused").to_string();
        assert!(
            error.contains("`wasi:cli/environment@0.2.6` (another version") && !error.contains("io/poll"),
            "{error}"
        );
        assert!(check(&imports[..2]).is_ok());
    }

    #[test]
    fn another_version_of_an_allowed_interface_is_refused() {
        let imports = ["wasi:http/types@0.3.0".to_string(), "payments:connector/state@0.9.0".to_string()];
        let error = check(&imports).expect_err("refused").to_string();
        assert!(error.contains("wasi:http/types@0.3.0") && error.contains("state@0.9.0"), "{error}");
    }
}
