//! Which requests may leave: those that the manifest lists and the operator granted, towards the origins that the operator
//! wrote, with headers that carry no authority. Everything else is a [`Refusal`].
//!
//! | of a request | passes | else refused as |
//! |---|---|---|
//! | userinfo, fragment | none: neither has a meaning in a request, and both make a URL look like another (RFC 3986 §7.6) | [`RefusalKind::UserInfo`], [`RefusalKind::Fragment`] |
//! | origin | that of a `url` field of the config; a field's default is advice and counts for nothing | [`RefusalKind::Origin`] |
//! | method | as in a pattern for that field | [`RefusalKind::Method`] |
//! | path | below the field's own, as in a pattern, byte for byte as sent, and to every server the same path | [`RefusalKind::Path`] |
//! | headers | a short list ([`headers`]), and those that the manifest names | [`RefusalKind::Header`] |
//! | URL, headers, body | without a secret, in whatever spelling is searched for | [`RefusalKind::Secret`] |
//!
//! A name is looked at again where it is resolved: [`special_range`] tells the live transport which addresses it must not
//! connect to. Nothing here knows wildcards over several segments: a connector talks to one provider.

mod address;
pub mod headers;
mod origin;
mod pattern;
mod policy;
mod spelling;

pub use address::{is_private, is_public, special_range};
pub use model::refusal::{Incident, Place, Refusal, RefusalKind};
#[cfg(not(target_family = "wasm"))]
pub(crate) use origin::is_localhost;
pub use origin::{Origin, OriginError};
pub use pattern::{Pattern, PatternError};
pub use policy::{EgressPolicy, Endpoint, Reach};

use crate::transport::Request;

/// Method, origin and path: what may be shown of a request. Query, userinfo and fragment stay out.
#[must_use]
pub fn describe(request: &Request) -> String {
    let origin = Origin::of(&request.url).map_or_else(|| format!("{}:", request.url.scheme()), |o| o.to_string());
    format!("{} {origin}{}", request.method, request.url.path())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests;
