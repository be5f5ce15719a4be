//! Builds the components of the tests.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // First: it builds two of the others as well, without what they export, where those are put that follow.
    let lindenbank_mutant = [
        "tests/lindenbank-mutant",
        "tests/lindenbank-connector",
        "tests/mutant-connector",
        "plugin",
        "host-harness/connector-kit",
        "host-harness/go-duration",
        "wit",
    ];
    component_build::build_for("LINDENBANK_MUTANT_COMPONENT", &workspace, "lindenbank-mutant", &lindenbank_mutant);
    component_build::build_for("ROGUE_COMPONENT", &workspace, "rogue-connector", &["tests/rogue-connector", "wit"]);
    let lindenbank = ["tests/lindenbank-connector", "host-harness/go-duration", "wit"];
    component_build::build_for("LINDENBANK_COMPONENT", &workspace, "lindenbank-connector", &lindenbank);
    let mutant = ["tests/mutant-connector", "plugin", "host-harness/connector-kit", "host-harness/go-duration", "wit"];
    component_build::build_for("MUTANT_COMPONENT", &workspace, "mutant-connector", &mutant);
}
