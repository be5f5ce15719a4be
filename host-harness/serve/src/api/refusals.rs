//! What may be answered whatever is asked, in the API's description: each operation tells only what is its own.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, PathItem, Ref, ResponseBuilder};

/// The name of what a client shows, in the description.
const TOKEN: &str = "token";

/// Adds to each operation how it can be refused.
pub(super) fn add(api: &mut OpenApi) {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = api.components.get_or_insert_with(Components::default);
    components.security_schemes.insert(TOKEN.to_owned(), SecurityScheme::Http(scheme).into());
    for path in api.paths.paths.values_mut() {
        let PathItem { get, post, patch, delete, .. } = path;
        for reads in get.iter_mut() {
            refusals_of(reads, &READING);
        }
        for writes in [post, patch, delete].into_iter().flatten() {
            refusals_of(writes, &READING);
            refusals_of(writes, &WRITING);
        }
    }
}

/// A status, and when it comes.
type Refusal = (&'static str, &'static str);

const READING: [Refusal; 4] = [
    ("400", "An id, a parameter or the body cannot be read, or asks for what there is not."),
    ("403", "The token may only read, or the request comes from a page of another origin."),
    ("408", "The body took too long to arrive."),
    ("413", "The body is too large."),
];
const WRITING: [Refusal; 1] = [("415", "The body is not declared as `application/json`.")];

fn refusals_of(operation: &mut Operation, refusals: &[Refusal]) {
    // Without a token where the server has none: it then serves its own machine.
    operation.security = Some(vec![SecurityRequirement::new(TOKEN, [""; 0]), SecurityRequirement::default()]);
    let responses = &mut operation.responses.responses;
    let nobody = ResponseBuilder::new().description("The request shows no token that the server knows.");
    responses.entry("401".to_owned()).or_insert_with(|| nobody.build().into());
    for (status, told) in refusals {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let refused = ResponseBuilder::new().description(*told).content("application/json", problem);
        responses.entry((*status).to_owned()).or_insert_with(|| refused.build().into());
    }
}
