//! Builds the Qonto connector that the command line carries.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    component_build::build_for(
        "QONTO_COMPONENT",
        &workspace,
        "qonto-connector",
        &["plugin", "host-harness/go-duration", "wit"],
    );
}
