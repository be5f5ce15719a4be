//! The words of the contract as plain types: what a connector is asked, what it answers, what it says of itself.
//!
//! They are those of `wit/`, and what runs a component turns one into the other. Whatever stores, exports, serves or proves
//! needs no engine for that, and a second version of the contract would be turned into these as well.

mod call;
mod error;
pub mod grant;
pub mod level;
pub mod malformed;
mod manifest;
pub mod manifest_json;
pub mod money;
mod page;
mod payment;
pub mod period;
mod records;
pub mod refusal;
pub mod shown;
pub mod size;
pub mod standard;
pub mod validate;

pub use call::*;
pub use error::*;
pub use manifest::*;
pub use page::*;
pub use payment::*;
pub use records::*;

/// The version of the contract that these are the words of, as in the package name of `wit/`.
pub const VERSION: &str = "0.2.0";
