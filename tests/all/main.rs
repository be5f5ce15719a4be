//! The end-to-end tests, in one program: each would link wasmtime anew.

mod answers;
mod authority;
mod blame;
mod bounds;
mod budget;
mod changes;
mod cli;
mod complete;
mod contract;
mod crash;
mod departed;
mod egress;
mod flight;
mod hostile;
mod lindenbank;
mod mapping;
mod matrix;
mod migration;
mod output;
mod recordings;
mod sandbox;
mod scenario;
mod secrets;
mod suite_cli;
mod support;
mod tokens;
