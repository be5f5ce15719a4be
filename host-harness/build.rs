//! Builds the Qonto connector that the command line carries.

fn main() {
    #[cfg(feature = "bundled")]
    component_build::build_for(
        "QONTO_COMPONENT",
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
        "qonto-connector",
        &["plugin", "host-harness/connector-kit", "host-harness/go-duration", "wit"],
    );
}
