//! Which headers a connector may send, and which a credential may stand in.
//!
//! Names are in lower case, and are looked at as the servers see them that hand headers to programs as variables (CGI and
//! its heirs): `x_forwarded_for` is `x-forwarded-for` there.

use std::borrow::Cow;

/// What every connector may send.
pub const ALLOWED: [&str; 7] =
    ["accept", "accept-language", "content-type", "if-modified-since", "if-none-match", "range", "user-agent"];

/// Belong to the connection or to the host's own transport: what a runtime puts there by itself is dropped without a word.
pub const DROPPED: [&str; 3] = ["accept-encoding", "content-length", "transfer-encoding"];

/// Names of one sort: whole, by how they begin, by a word between dashes, and by what is in them when the dashes are left
/// out. New spellings of an old trick are made of old words.
struct Sort {
    names: &'static [&'static str],
    beginnings: &'static [&'static str],
    words: &'static [&'static str],
    within: &'static [&'static str],
}

/// Carry authority, or make a server take the request for another one: no manifest can ask for them.
const AUTHORITY: Sort = Sort {
    names: &[
        "alt-used",
        "base-url",
        "connection",
        "expect",
        "front-end-https",
        "http2-settings",
        "keep-alive",
        "request-uri",
        "surrogate-capability",
        "te",
        "trailer",
        "upgrade",
        "x-request-uri",
        "x-uri",
        "x-url",
    ],
    beginnings: &["sec-", "x-accel-", "x-middleware-", "x-url-"],
    words: &[
        "authentication",
        "authorization",
        "cookie",
        "cookie2",
        "host",
        "ip",
        "method",
        "proxy",
        "sendfile",
        "verb",
        "via",
    ],
    within: &[
        "authenticateduser",
        "clientcert",
        "clientip",
        "connectingip",
        "forward",
        "httphost",
        "httpmethod",
        "original",
        "originating",
        "override",
        "proxyuser",
        "realip",
        "realuser",
        "remoteaddr",
        "remotehost",
        "remoteip",
        "remoteuser",
        "rewrite",
    ],
};

/// Of an address of the user's, which some banks want to be told: it opens nothing.
const USERS_ADDRESS: &str = "psu-ip-";

/// Are commonly echoed, logged or cached by servers: no place for a secret.
const ECHOED: Sort = Sort {
    names: &[
        "b3", "baggage", "date", "etag", "from", "link", "location", "origin", "pragma", "range", "referer", "server",
    ],
    beginnings: &["accept", "access-control-", "cache-", "content-", "if-", "psu-", "user-agent", "x-b3-"],
    words: &["debug", "span", "spanid"],
    within: &[
        "conversation",
        "correlation",
        "idempoten",
        "interaction",
        "messageid",
        "operationid",
        "requestid",
        "requeststart",
        "sessionid",
        "trace",
        "transactionid",
    ],
};

impl Sort {
    fn has(&self, folded: &str) -> bool {
        let joined = folded.replace('-', "");
        self.names.contains(&folded)
            || self.beginnings.iter().any(|beginning| folded.starts_with(beginning))
            || folded.split('-').any(|word| self.words.contains(&word))
            || self.within.iter().any(|part| joined.contains(part))
    }
}

/// A name as the servers see it to which `_` and `-` are the same.
#[must_use]
pub fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte == b'_' || byte.is_ascii_uppercase()) {
        return Cow::Owned(name.to_ascii_lowercase().replace('_', "-"));
    }
    Cow::Borrowed(name)
}

/// True for two names that some server takes for one.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// True for a header that no connector may send of its own accord, whatever its manifest says.
#[must_use]
pub fn carries_authority(name: &str) -> bool {
    let name = folded(name);
    (AUTHORITY.has(&name) && !name.starts_with(USERS_ADDRESS)) || DROPPED.contains(&&*name)
}

/// True for a header in which a credential must not stand: it is echoed, or it is the transport's or a proxy's.
#[must_use]
pub fn is_unfit_for_secrets(name: &str) -> bool {
    let name = folded(name);
    let credentials = matches!(&*name, "authorization" | "authentication" | "cookie" | "x-authorization");
    ECHOED.has(&name) || (carries_authority(&name) && !credentials)
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
    }

    #[test]
    fn an_authority_is_known_by_its_words_however_it_is_spelt() {
        for name in "x_http_method_override x_forwarded_for x_original_url x_rewrite_url http-method-override \
                     method-override x-httpmethod-override x-httpmethodoverride x-method x-tunnel-method client-ip \
                     cf-connecting-ip fastly-client-ip x-originating-ip x-remote-ip x-remote-addr x-remote-user \
                     remote-user x-authenticated-user x-host x-http-host-override x-host-override x-backend-host \
                     x-envoy-original-path x-envoy-original-url x-url x-uri request-uri x-request-uri x-authorization \
                     x_authorization proxy_authorization x-proxy-authorization x-azure-clientip x-appengine-user-ip \
                     wl-proxy-client-ip x-real-user x-verb x-http-verb base-url x-accel-redirect x-cookie \
                     x-proxyuser-ip true-client-ip x-cluster-client-ip forwarded-for x-ssl-client-cert \
                     ssl-client-cert x-arr-clientcert x-middleware-subrequest max-forwards via accept_encoding \
                     transfer_encoding HOST"
            .split_whitespace()
        {
            assert!(carries_authority(name), "{name}");
        }
        for name in "stripe-account stripe-version plaid-version x-api-version x-on-behalf-of x-request-id \
                     idempotency-key consent-id psu-ip-address x-api-key x-relationship"
            .split_whitespace()
        {
            assert!(!carries_authority(name), "{name}");
        }
    }

    #[test]
    fn two_spellings_of_one_header_are_the_same() {
        assert!(is_same("x_api_key", "x-api-key") && is_same("X-Api_Key", "x-api-key"));
        assert!(!is_same("x-api-key", "xapikey"));
    }

    #[test]
    fn a_secret_stands_in_no_header_that_servers_echo() {
        for name in "user-agent user_agent accept-language traceparent host content-type x-request-id x_request_id \
                     x-requestid request_id x-client-request-id client-request-id x-ms-client-request-id \
                     x-fapi-interaction-id x-idempotency-key idempotency_key x-transaction-id x-transactionid \
                     x-message-id x-session-id x-datadog-trace-id x-amz-request-id trace-id x-operation-id x-span-id \
                     sentry-trace x-b3-traceid x-vcap-request-id x-cloud-trace-context x-request-start x-debug-id \
                     x-request-identifier x-correlationid correlationid x-conversation-id etag via location server \
                     link psu-ip-address x_http_method_override proxy-authorization cache_control uber-trace-id x-amzn-trace-id"
            .split_whitespace()
        {
            assert!(is_unfit_for_secrets(name), "{name}");
        }
        for name in "authorization cookie x-api-key api-key x-qonto-staging-token stripe-version stripe-account \
                     plaid-client-id plaid-secret x-mod-nonce private-token x-auth-token x-authorization"
            .split_whitespace()
        {
            assert!(!is_unfit_for_secrets(name), "{name}");
        }
    }
}
