//! What a component is, told from its bytes alone: nothing of it runs here.
//!
//! | question | answered by |
//! |---|---|
//! | is it small enough to be looked at? | [`scan`] |
//! | is it a component at all? | [`inspect`] |
//! | what does it import, and may it? | [`imports`] |
//! | does it speak this version of the contract, in the same shape? | [`shape`] |
//! | who does it say made it? | [`producers`] |

pub mod imports;
pub mod producers;
pub mod scan;
pub mod shape;

use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Resolve, WorldId, WorldKey};

use self::scan::Count;
use crate::CompileError;

/// The texts of the rules: what is kept of a component that keeps them is of no use under others.
pub(crate) const RULES: [&[&str]; 2] = [
    &[
        include_str!("mod.rs"),
        include_str!("scan/count.rs"),
        include_str!("scan/mod.rs"),
        include_str!("scan/module.rs"),
        include_str!("imports.rs"),
        include_str!("shape.rs"),
    ],
    &shape::TEXTS,
];

/// The interface that makes a component a connector.
const CONNECTOR: &str = "payments:connector/connector";

/// Why a file is no connector that this host runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Not WebAssembly, or not a component.
    #[error(
        "not a WebAssembly component: {0}; build with `--target wasm32-wasip2`, or make one with `wasm-tools component new`"
    )]
    NotAComponent(String),
    /// A component, but no connector.
    #[error("the component exports no `{CONNECTOR}` (it exports {}); implement the world `payments-connector` of wit/", list(.exports))]
    NotAConnector {
        /// What it exports instead.
        exports: Vec<String>,
    },
    /// A connector for another version of the contract.
    #[error(
        "the component speaks version {found} of the contract, this host speaks {}; rebuild it against that one, or use a host of its version",
        model::VERSION
    )]
    OtherVersion {
        /// The version in the name of its export.
        found: String,
    },
    /// It asks for more than a connector is given.
    #[error("the component imports what no connector is given: {}\nTo build it without:\n{}", list(.imports), without())]
    ForbiddenImports {
        /// Each import, with what it would allow.
        imports: Vec<String>,
    },
    /// It was built against a contract that was changed without a new version.
    #[error("the component's contract differs from version {} in shape:\n  {}", model::VERSION, .differences.join("\n  "))]
    OtherShape {
        /// Each difference, in the contract's words.
        differences: Vec<String>,
    },
    /// It has so much of something that looking at it, compiling it or running it would stop the host.
    #[error("the component has {found} {}, or more; this host takes at most {}: {}", .count.noun(), .count.cap(), .count.advice())]
    TooMuch {
        /// Of what.
        count: Count,
        /// How much there is, as far as it was counted.
        found: u64,
    },
    /// Compiling it was given up.
    #[error("the component is not run: {0}")]
    Compile(CompileError),
    /// It cannot be compiled or linked.
    #[error("the component cannot be loaded: {0}")]
    Invalid(String),
}

/// How to build without an import, a line for each language.
fn without() -> String {
    let lines = imports::WITHOUT.iter().map(|(language, how)| format!("  {language}: {how}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Names that are listed in one text, and characters of each: they are the component's, and it may have many.
const LISTED: (usize, usize) = (30, 200);

fn list(items: &[String]) -> String {
    let (most, long) = LISTED;
    let mut listed: Vec<String> = items.iter().take(most).map(|item| item.chars().take(long).collect()).collect();
    match items.len() {
        0 => listed.push("nothing".into()),
        all if all > most => listed.push(format!("and {} more", all - most)),
        _ => {}
    }
    listed.join(", ")
}

/// What the bytes of a connector say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The interfaces it imports, sorted: `wasi:http/types@0.2.4`.
    pub imports: Vec<String>,
    /// The version of the contract it speaks.
    pub contract: String,
}

/// Counts what a component has, reads its types and holds them against the contract and the list of what may be imported.
///
/// # Errors
/// The first rule of [`LoadError`] that it breaks.
pub fn inspect(wasm: &[u8]) -> Result<Inspection, LoadError> {
    if !wasm.starts_with(b"\0asm") {
        return Err(LoadError::NotAComponent("it is no WebAssembly file".into()));
    }
    // A core module differs from a component in the layer field of its first eight bytes.
    if wasm.get(4..8) == Some(&[1, 0, 0, 0]) {
        return Err(LoadError::NotAComponent("it is a core module".into()));
    }
    scan::scan(wasm)?;
    let (resolve, world) = match decode(wasm) {
        Ok(DecodedWasm::Component(resolve, world)) => (resolve, world),
        Ok(DecodedWasm::WitPackage(..)) => return Err(LoadError::NotAComponent("it is a WIT package".into())),
        Err(error) => return Err(LoadError::NotAComponent(format!("{error:#}"))),
    };
    let exports = names(&resolve, world, Side::Export);
    let contract = contract_version(&exports)?;
    let imports = names(&resolve, world, Side::Import);
    imports::check(&imports)?;
    shape::check(&resolve, world)?;
    Ok(Inspection { imports, contract })
}

fn contract_version(exports: &[String]) -> Result<String, LoadError> {
    let version = exports.iter().find_map(|name| name.strip_prefix(CONNECTOR)?.strip_prefix('@'));
    match version {
        Some(model::VERSION) => Ok(model::VERSION.into()),
        Some(found) => Err(LoadError::OtherVersion { found: found.into() }),
        None => Err(LoadError::NotAConnector { exports: exports.to_vec() }),
    }
}

#[derive(Clone, Copy)]
enum Side {
    Import,
    Export,
}

fn names(resolve: &Resolve, world: WorldId, side: Side) -> Vec<String> {
    let world = &resolve.worlds[world];
    let items = match side {
        Side::Import => &world.imports,
        Side::Export => &world.exports,
    };
    let mut names: Vec<String> = items.keys().map(|key| world_key(resolve, key)).collect();
    names.sort();
    names
}

fn world_key(resolve: &Resolve, key: &WorldKey) -> String {
    match key {
        WorldKey::Name(name) => name.clone(),
        WorldKey::Interface(id) => resolve.id_of(*id).unwrap_or_else(|| "an interface without a name".into()),
    }
}
