//! The bindings of a component, generated from `wit/`.

#![allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "connector-core",
    imports: { default: trappable },
    exports: { default: async },
    require_store_data_send: true,
});

pub use exports::payments::connector::connector;
pub use payments::connector::{log, state, types};
