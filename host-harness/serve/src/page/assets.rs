//! What the browser gets beside the pages: a style, an icon and two scripts, from within the program.

use axum::Router;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::host::Host;

const SCRIPT: &str = "text/javascript; charset=utf-8";
/// They change with the program alone, and no name of theirs says with which.
const KEPT: &str = "public, max-age=3600";

pub(super) fn router() -> Router<Host> {
    Router::new()
        .merge(asset("/assets/page.css", "text/css; charset=utf-8", include_bytes!("../../assets/page.css")))
        .merge(asset("/assets/icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")))
        .merge(asset("/assets/htmx.min.js", SCRIPT, include_bytes!("../../assets/htmx.min.js")))
        .merge(asset("/assets/htmx-ext-sse.min.js", SCRIPT, include_bytes!("../../assets/htmx-ext-sse.min.js")))
}

fn asset(path: &str, kind: &'static str, bytes: &'static [u8]) -> Router<Host> {
    Router::new().route(path, get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, KEPT)], bytes) }))
}
