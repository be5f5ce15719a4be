//! A component that was built against another shape of the contract is refused, in the contract's words: real components, made
//! of a contract that was changed in one place.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use sandbox::component::LoadError;
use sandbox::{CompileCache, Limits, Sandbox};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// A component of this contract, with `from` replaced by `to`; it does nothing.
fn built(from: &str, to: &str) -> Vec<u8> {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let text = |name: &str| fs::read_to_string(wit.join(name)).unwrap();
    let mut resolve = Resolve::default();
    for name in ["io", "clocks", "random", "filesystem", "sockets", "cli", "http"] {
        resolve.push_source(name, &text(&format!("deps/{name}.wit"))).unwrap();
    }
    let contract = [text("connector.wit"), text("types.wit")].concat();
    assert!(contract.contains(from), "{from}");
    let package = resolve.push_source("contract", &contract.replacen(from, to, 1)).unwrap();
    let world = resolve.select_world(&[package], Some("payments-connector")).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

#[test]
fn a_component_of_another_shape_is_refused_in_the_words_of_the_contract() {
    let sandbox = Sandbox::new(Limits::default(), &CompileCache::Off).unwrap();
    assert!(sandbox.load(&built("package payments", "package payments")).is_ok());
    for (from, to, said) in [
        (
            "scheme: payment-scheme,",
            "scheme: payment-scheme,\n fee: string,",
            "`payment` has a field `fee` that 0.2.0 lacks",
        ),
        ("follow: bool,", "", "`task` lacks the field `follow` of 0.2.0"),
        ("cheque,", "cheque,\n giro,", "`payment-scheme` has a case `giro` that 0.2.0 lacks"),
        ("cheque,", "", "`payment-scheme` lacks the case `cheque` of 0.2.0"),
        (
            "describe: func() -> manifest;",
            "describe: func() -> manifest;\n more: func();",
            "there is a function `more`",
        ),
        ("check: func(config: string)", "probe: func(config: string)", "the function `check` is missing"),
        ("import log;", "import log;\n import wasi:http/incoming-handler@0.2.12;", "HTTP other than outgoing requests"),
        ("import log;", "import log;\n import more: interface { go: func(); }", "`more` (not part of the contract)"),
    ] {
        let error = sandbox.load(&built(from, to)).err().unwrap();
        assert!(matches!(error, LoadError::OtherShape { .. } | LoadError::ForbiddenImports { .. }), "{error}");
        assert!(error.to_string().contains(said), "{from}: {error}");
    }
    // One import less is no other shape: a component imports what it uses.
    assert!(sandbox.load(&built("    import log;\n", "")).is_ok());
}
