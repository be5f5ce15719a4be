//! Builds a workspace crate as a component, from a build script.
