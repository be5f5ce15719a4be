//! The files of a project, as they stand in `templates/`, and what a project has of this repository: the contract and, in Rust,
//! the kit, which no registry has.

use super::Lang;

/// A file of a project, before the connector's name is put in.
#[derive(Clone, Copy)]
pub struct File {
    /// Its place in the project.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Files below a folder that this file is told by, at the same places in a project, below another.
macro_rules! files {
    ($from:literal, $to:literal, $($name:literal),+ $(,)?) => {
        &[$(File { path: concat!($to, $name), text: include_str!(concat!("../../../", $from, $name)) }),+]
    };
}

const COMMON: &[File] = &[
    File { path: ".github/workflows/ci.yml", text: include_str!("../../../templates/common/github.yml") },
    File { path: ".gitlab-ci.yml", text: include_str!("../../../templates/common/gitlab.yml") },
    File { path: "README.md", text: include_str!("../../../templates/common/README.md") },
    File { path: "bank.py", text: include_str!("../../../templates/common/bank.py") },
    File { path: "get-harness", text: include_str!("../../../templates/common/get-harness") },
];
const CONTRACT: &[File] = files!(
    "../wit/",
    "wit/",
    "connector.wit",
    "types.wit",
    "deps/cli.wit",
    "deps/clocks.wit",
    "deps/filesystem.wit",
    "deps/http.wit",
    "deps/io.wit",
    "deps/random.wit",
    "deps/sockets.wit",
);
const RUST: &[File] = files!(
    "templates/rust/",
    "",
    ".gitignore",
    "Cargo.toml",
    "build",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "src/lib.rs",
    "test",
    "tests/connector.rs",
    "vendor/connector-kit/Cargo.toml",
    "vendor/go-duration/Cargo.toml",
);
const KIT: &[File] = files!(
    "connector-kit/src/",
    "vendor/connector-kit/src/",
    "client.rs",
    "config.rs",
    "connector.rs",
    "errors.rs",
    "host.rs",
    "http.rs",
    "imports.rs",
    "lib.rs",
    "manifest.rs",
    "money.rs",
    "paging.rs",
    "prelude.rs",
    "record.rs",
    "row.rs",
    "scan.rs",
    "time.rs",
);
const DURATION: &[File] = files!("go-duration/src/", "vendor/go-duration/src/", "lib.rs");
const PYTHON: &[File] = files!(
    "templates/python/",
    "",
    ".gitignore",
    "app.py",
    "build",
    "kit/__init__.py",
    "kit/config.py",
    "kit/errors.py",
    "kit/http.py",
    "kit/money.py",
    "kit/paging.py",
    "kit/rows.py",
    "kit/times.py",
    "requirements.txt",
    "test",
    "test_app.py",
);
const JS: &[File] = files!(
    "templates/js/",
    "",
    ".gitignore",
    "build",
    "build.mjs",
    "connector.js",
    "kit/config.js",
    "kit/errors.js",
    "kit/http.js",
    "kit/money.js",
    "kit/paging.js",
    "kit/rows.js",
    "kit/times.js",
    "package.json",
    "test",
    "tests/connector.test.mjs",
    "tests/fake.mjs",
    "tests/host.mjs",
);

/// The files of a project in this language.
pub fn of(lang: Lang) -> impl Iterator<Item = File> {
    let own: &[&[File]] = match lang {
        Lang::Rust => &[RUST, KIT, DURATION],
        Lang::Python => &[PYTHON],
        Lang::Js => &[JS],
    };
    [COMMON, CONTRACT].iter().chain(own).flat_map(|files| files.iter().copied())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, found) } else { _ = found.insert(path) }
        }
    }

    #[test]
    fn every_file_of_the_templates_the_kit_and_the_contract_is_in_a_project() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (folder, to, lang) in [
            ("templates/rust", "", Lang::Rust),
            ("connector-kit/src", "vendor/connector-kit/src", Lang::Rust),
            ("go-duration/src", "vendor/go-duration/src", Lang::Rust),
            ("templates/python", "", Lang::Python),
            ("templates/js", "", Lang::Js),
            ("../wit", "wit", Lang::Js),
        ] {
            let folder = root.join(folder);
            let mut found = BTreeSet::new();
            below(&folder, &mut found);
            for path in found.iter().filter(|path| !path.components().any(|part| part.as_os_str() == "__pycache__")) {
                let place = Path::new(to).join(path.strip_prefix(&folder).unwrap());
                assert!(of(lang).any(|file| Path::new(file.path) == place), "{}", place.display());
            }
        }
    }
}
