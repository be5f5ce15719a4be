//! Who asks a registry: a credential goes to the host that docker keeps it for, and to no other, whoever asks for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use outside::transport::{Request, Transport as _};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{Registry, RegistryError};
use crate::credentials::Credential;

/// The largest answer that brings a token, in bytes.
const LARGEST_TOKEN: usize = 64 << 10;

/// What is done with what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// What a registry wants to be shown.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String> },
}

#[derive(Deserialize)]
struct TokenShape {
    token: Option<String>,
    access_token: Option<String>,
}

impl Registry {
    /// The header that answers a refusal; none where there is nothing to show.
    pub(super) async fn authorize(
        &self,
        refusal: &HeaderMap,
        purpose: Purpose,
    ) -> Result<Option<HeaderValue>, RegistryError> {
        match challenge(refusal) {
            None => Ok(None),
            Some(Challenge::Basic) => match self.credentials.of(self.host())? {
                Some(Credential::Password(user, password)) => Ok(basic(&user, &password)),
                Some(Credential::IdentityToken(_)) | None => Ok(None),
            },
            Some(Challenge::Bearer { realm, service }) => self.token(&realm, service.as_deref(), purpose).await,
        }
    }

    /// Asks whoever gives tokens for one, in the name of the user where one is known there.
    fn question(
        &self,
        mut url: Url,
        service: Option<&str>,
        purpose: Purpose,
        credential: Option<Credential>,
    ) -> Request {
        let actions = if purpose == Purpose::Write { "pull,push" } else { "pull" };
        let scope = format!("repository:{}:{actions}", self.repository.name());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(service.map(|service| ("service", service))).append_pair("scope", &scope);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let (method, body) = match credential {
            Some(Credential::IdentityToken(token)) => {
                form.extend_pairs([
                    ("grant_type", "refresh_token"),
                    ("client_id", "harness"),
                    ("refresh_token", &token),
                ]);
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
                (Method::POST, Bytes::from(form.finish()))
            }
            credential => {
                if let Some(Credential::Password(user, password)) = credential
                    && let Some(value) = basic(&user, &password)
                {
                    headers.insert(AUTHORIZATION, value);
                }
                let query = form.finish();
                let query = url.query().map_or(query.clone(), |given| format!("{given}&{query}"));
                url.set_query(Some(&query));
                (Method::GET, Bytes::new())
            }
        };
        Request { method, url, headers, body }
    }

    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        purpose: Purpose,
    ) -> Result<Option<HeaderValue>, RegistryError> {
        let refused =
            |reason| RegistryError::Realm { host: self.host().to_owned(), realm: without_query(realm), reason };
        let url = Url::parse(realm).map_err(|_| refused("is no URL"))?;
        let is_own = url.origin() == self.root.origin();
        if url.scheme() != "https" && !is_own {
            return Err(refused("is another host, and not reached by https"));
        }
        // What docker keeps for the host that is asked, which is rarely another than the registry.
        let host = authority(&url).ok_or_else(|| refused("names no host"))?;
        let request = self.question(url, service, purpose, self.credentials.of(&host)?);
        let transport = if is_own { &self.own } else { &self.elsewhere };
        let failed =
            |reason: String| RegistryError::Token { host: self.host().to_owned(), realm: without_query(realm), reason };
        let answer = transport.within(LARGEST_TOKEN).send(request).await;
        let answer = answer.map_err(|error| failed(error.to_string()))?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Ok(None),
            status => return Err(failed(format!("it answered {status}"))),
        }
        let token: Option<TokenShape> = serde_json::from_slice(&answer.body).ok();
        let token = token.and_then(|shape| shape.token.or(shape.access_token)).filter(|token| !token.is_empty());
        let value = token.and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok());
        value.map(Some).ok_or_else(|| failed("its answer holds none".to_owned()))
    }
}

/// As docker keeps it: with the port where it is not the scheme's own.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn without_query(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// What the first challenge that is understood asks for (RFC 9110 §11.6.1).
fn challenge(refusal: &HeaderMap) -> Option<Challenge> {
    refusal.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).find_map(|value| {
        let (scheme, parameters) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service) = (None, None);
        for (name, value) in pairs(parameters) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                _ => {}
            }
        }
        Some(Challenge::Bearer { realm: realm?, service })
    })
}

/// `name="value"`, separated by commas, of which there may be some between the quotes as well.
fn pairs(mut text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (value, rest) = quoted.or_else(|| rest.split_once(',')).unwrap_or((rest, ""));
        pairs.push((name.trim_matches([' ', ',']).to_owned(), value.trim().to_owned()));
        text = rest;
    }
    pairs
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_as_registries_write_it() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(WWW_AUTHENTICATE, text.parse().unwrap());
            challenge(&headers)
        };
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) })
        };
        let text =
            r#"Bearer realm="https://auth.example/token?a=b,c",service="registry.example",scope="repository:a:pull""#;
        assert_eq!(read(text), bearer("https://auth.example/token?a=b,c", Some("registry.example")));
        assert_eq!(read("bearer Realm=https://a.example/t, x=1"), bearer("https://a.example/t", None));
        assert_eq!(read("Basic realm=\"r\""), Some(Challenge::Basic));
        assert_eq!([read("Negotiate"), read("Bearer x"), read("")], [None, None, None]);
    }
}
