//! Which headers a connector may send, and which a credential may stand in. Names are in lower case.

/// What every connector may send.
pub const ALLOWED: [&str; 7] =
    ["accept", "accept-language", "content-type", "if-modified-since", "if-none-match", "range", "user-agent"];

/// Belong to the connection or to the host's own transport: what a runtime puts there by itself is dropped without a word.
pub const DROPPED: [&str; 3] = ["accept-encoding", "content-length", "transfer-encoding"];

/// Carry authority, or make a server take the request for another one: no manifest can ask for them.
const AUTHORITY: [&str; 19] = [
    "authorization",
    "connection",
    "cookie",
    "cookie2",
    "expect",
    "forwarded",
    "front-end-https",
    "host",
    "http2-settings",
    "keep-alive",
    "set-cookie",
    "te",
    "trailer",
    "true-client-ip",
    "upgrade",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-real-ip",
];

/// The same, by how the name begins: proxies, forwarding, another method, another URL.
const AUTHORITY_PREFIXES: [&str; 10] = [
    "proxy-",
    "sec-",
    "x-forwarded",
    "x-forward",
    "x-http-method",
    "x-method",
    "x-original-",
    "x-override",
    "x-rewrite-",
    "x-url-",
];

/// Are commonly echoed, logged or cached by servers: no place for a secret.
const ECHOED: [&str; 20] = [
    "b3",
    "baggage",
    "cache-control",
    "correlation-id",
    "date",
    "from",
    "idempotency-key",
    "origin",
    "pragma",
    "range",
    "referer",
    "request-id",
    "traceparent",
    "tracestate",
    "uber-trace-id",
    "user-agent",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "x-correlation-id",
    "x-request-id",
];

/// The same, by how the name begins.
const ECHOED_PREFIXES: [&str; 6] = ["accept", "access-control-", "content-", "if-", "x-b3-", "x-trace"];

/// True for a header that no connector may send of its own accord, whatever its manifest says.
#[must_use]
pub fn carries_authority(name: &str) -> bool {
    is_in(name, &AUTHORITY, &AUTHORITY_PREFIXES) || DROPPED.contains(&name)
}

/// True for a header in which a credential must not stand: it is echoed, or it is the transport's or a proxy's.
#[must_use]
pub fn is_unfit_for_secrets(name: &str) -> bool {
    let credentials = matches!(name, "authorization" | "cookie");
    is_in(name, &ECHOED, &ECHOED_PREFIXES) || (carries_authority(name) && !credentials)
}

fn is_in(name: &str, names: &[&str], prefixes: &[&str]) -> bool {
    names.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_connector_may_send_carries_no_authority() {
        assert!(ALLOWED.iter().all(|name| !carries_authority(name)));
    }

    #[test]
    fn methods_and_urls_in_disguise_and_forwarding_carry_authority() {
        for name in [
            "authorization",
            "cookie",
            "proxy-authorization",
            "host",
            "x-http-method-override",
            "x-method-override",
            "x-original-url",
            "x-rewrite-url",
            "x-forwarded-for",
            "x-forwarded-host",
            "forwarded",
        ] {
            assert!(carries_authority(name), "{name}");
        }
        assert!(!carries_authority("stripe-account") && !carries_authority("plaid-version"));
    }

    #[test]
    fn a_secret_stands_in_no_header_that_servers_echo() {
        for name in ["user-agent", "x-request-id", "accept-language", "traceparent", "host", "content-type"] {
            assert!(is_unfit_for_secrets(name), "{name}");
        }
        for name in ["authorization", "x-api-key", "x-qonto-staging-token", "plaid-secret", "x-auth-token"] {
            assert!(!is_unfit_for_secrets(name), "{name}");
        }
    }
}
