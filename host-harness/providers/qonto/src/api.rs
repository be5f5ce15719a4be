//! From a request to an answer: the gateway, the credentials, the routes.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::dialect::{Endpoint, Meta, RetryAfter, StagingAnswer};
use super::problem::Problem;
use super::query::{Paging, Query, list};
use super::spell::spelled;
use super::transactions::Shown;
use super::world::QontoWorld;
use outside::transport::{Request, Response};
use sim::{Object, Provider, RateLimiter, respond, with_header};

/// Where the sandbox sends those who are not signed in.
const LOGIN_WALL: &str = "https://qonto.onelogin.com/login";
const LOGIN_HTML: &str = "<!DOCTYPE html><html><head><title>OneLogin</title></head><body>Sign in</body></html>";

impl Provider for QontoWorld {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Response {
        let trace_id = self.trace(request.url.as_str());
        self.table.settle(now.timestamp_micros());
        let response = match self.guarded(request, now) {
            Ok(response) => response,
            Err(problem) => problem.render(&self.dialect, &trace_id),
        };
        with_header(response, "X-Tyk-Trace-Id", &trace_id)
    }
}

impl QontoWorld {
    fn guarded(&mut self, request: &Request, now: DateTime<Utc>) -> Result<Response, Problem> {
        if let Some(response) = self.login_wall(request) {
            return Ok(response);
        }
        self.limited(now)?;
        if request.method != Method::GET {
            return Err(Problem::not_a_read());
        }
        let path = request.url.path();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let routed = matches!(
            parts.as_slice(),
            ["v2", "organization" | "bank_accounts" | "transactions" | "beneficiaries"]
                | ["v2", "bank_accounts" | "transactions" | "beneficiaries", _]
                | ["v2", "sepa" | "international", "beneficiaries"]
                | ["v2", "sepa", "beneficiaries", _]
                | ["v1" | "v2", "organizations", _]
        );
        if !routed {
            return Err(Problem::no_route());
        }
        if let Err(problem) = self.authenticated(request) {
            if let Some(limiter) = &mut self.unauthorized {
                limiter.count(now);
            }
            return Err(problem);
        }
        let body = self.route(&parts, &Query::of(&request.url), now)?;
        Ok(respond(StatusCode::OK, "application/json; charset=utf-8", body))
    }

    /// The sandbox's gateway lets nobody through without the staging token.
    fn login_wall(&self, request: &Request) -> Option<Response> {
        let token = self.staging_token.as_ref()?;
        let given = request.headers.get("X-Qonto-Staging-Token").map(http::HeaderValue::as_bytes);
        if given == Some(token.as_bytes()) {
            return None;
        }
        Some(match self.dialect.staging {
            StagingAnswer::Redirect => with_header(respond(StatusCode::FOUND, "text/html", ""), "Location", LOGIN_WALL),
            StagingAnswer::Html => respond(StatusCode::OK, "text/html; charset=utf-8", LOGIN_HTML),
        })
    }

    /// Counts the request against the limits.
    fn limited(&mut self, now: DateTime<Utc>) -> Result<(), Problem> {
        if self.limiters.len() != self.dialect.rate_limits.len() {
            self.limiters = self.dialect.rate_limits.iter().map(|&limit| RateLimiter::new(limit)).collect();
        }
        if self.unauthorized.is_some() != self.dialect.unauthorized_limit.is_some() {
            self.unauthorized = self.dialect.unauthorized_limit.map(RateLimiter::new);
        }
        let wait = self.limiters.iter_mut().chain(&mut self.unauthorized).filter_map(|limiter| limiter.wait(now)).max();
        let Some(wait) = wait else {
            for limiter in &mut self.limiters {
                limiter.count(now);
            }
            return Ok(());
        };
        let problem = Problem::too_many();
        Err(match self.dialect.retry_after {
            RetryAfter::Absent => problem,
            RetryAfter::Seconds => problem.header("Retry-After", seconds_up(wait).to_string()),
            RetryAfter::Date => {
                let at = now + chrono::TimeDelta::seconds(i64::try_from(seconds_up(wait)).unwrap_or_default());
                problem.header("Retry-After", at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
            }
        })
    }

    /// The header is `{login}:{secret}` as it is: no scheme, no encoding.
    fn authenticated(&self, request: &Request) -> Result<(), Problem> {
        let given = request.headers.get(http::header::AUTHORIZATION).ok_or_else(Problem::unauthenticated)?;
        if given.as_bytes() == format!("{}:{}", self.login, self.secret).as_bytes() {
            Ok(())
        } else {
            Err(Problem::wrong_credentials())
        }
    }

    fn allowed(&self, endpoint: Endpoint) -> Result<(), Problem> {
        if self.dialect.forbidden.contains(&endpoint) { Err(Problem::forbidden()) } else { Ok(()) }
    }

    fn route(&mut self, parts: &[&str], query: &Query, now: DateTime<Utc>) -> Result<String, Problem> {
        match parts {
            [_, "organization"] => {
                self.allowed(Endpoint::Organization)?;
                Ok(self.organization_body(query.one("include_external_accounts") == Some("true")))
            }
            [_, "bank_accounts"] => {
                self.allowed(Endpoint::BankAccounts)?;
                self.bank_accounts(query)
            }
            [_, "bank_accounts", id] => {
                self.allowed(Endpoint::BankAccounts)?;
                let account = self.account_object(id).ok_or_else(|| Problem::not_found("Bank account"))?;
                Ok(one("bank_account", &spelled(&self.flat(account).render(), &self.dialect)))
            }
            [_, "transactions"] => {
                self.allowed(Endpoint::Transactions)?;
                self.transactions(query, now)
            }
            [_, "transactions", id] => {
                self.allowed(Endpoint::Transactions)?;
                let row = self.table.get(id).ok_or_else(|| Problem::not_found("Transaction"))?;
                Ok(one("transaction", &Shown::of(query, &self.dialect).row(row)))
            }
            [_, "sepa", rest @ ..] => {
                self.allowed(Endpoint::SepaBeneficiaries)?;
                match rest {
                    [_, id] => self.sepa_beneficiary_body(id),
                    _ => self.sepa_beneficiaries(query),
                }
            }
            [_, "international", ..] => {
                self.allowed(Endpoint::InternationalBeneficiaries)?;
                self.international_beneficiaries(query)
            }
            [_, "beneficiaries", rest @ ..] if self.dialect.legacy_beneficiaries => {
                self.allowed(Endpoint::LegacyBeneficiaries)?;
                match rest {
                    [id] => self.legacy_beneficiary_body(id),
                    _ => self.legacy_beneficiaries(query, now),
                }
            }
            [_, "beneficiaries", ..] => {
                Err(Problem::gone().header("Sunset", "Tue, 31 Mar 2026 00:00:00 GMT".to_owned()))
            }
            // `/organizations/{slug}`: all that is routed and left.
            _ => Err(Problem::gone().header("Sunset", "Sun, 15 Nov 2026 00:00:00 GMT".to_owned())),
        }
    }

    /// Page "Retrieve the authenticated organization and list business accounts".
    fn organization_body(&self, external_too: bool) -> String {
        let accounts: Vec<_> = self
            .accounts
            .iter()
            .filter(|account| external_too || account.raw("is_external_account") != Some("true"))
            .map(|account| spelled(&account.render(), &self.dialect).into_owned())
            .collect();
        let mut organization = self.organization.clone();
        organization.set_raw("bank_accounts", format!("[{}]", accounts.join(",")));
        one("organization", &organization.render())
    }

    /// Page "List business accounts".
    fn bank_accounts(&self, query: &Query) -> Result<String, Problem> {
        let paging = Paging::of(query, 100, &self.dialect)?;
        let total = self.accounts.len();
        let range = paging.range(total, &self.dialect)?;
        let meta = paging.meta(total, &self.dialect).filter(|_| self.dialect.bank_accounts_meta);
        let rows = self.accounts.get(range).unwrap_or_default().iter().map(|account| {
            let text = self.flat(account).render();
            Cow::Owned(spelled(&text, &self.dialect).into_owned())
        });
        Ok(list("bank_accounts", rows, meta.as_deref()))
    }

    /// An account as `/v2/bank_accounts` has it: without the slug, with the organization.
    fn flat(&self, account: &Object) -> Object {
        let mut account = account.clone();
        account.remove("slug");
        account.set_raw("organization_id", self.organization.raw("id").unwrap_or("null"));
        account
    }

    /// The page of `rows` as a list, with the `meta` of the dialect.
    pub(super) fn page<'a>(
        &self,
        key: &str,
        rows: impl ExactSizeIterator<Item = Cow<'a, str>>,
        paging: Paging,
    ) -> Result<String, Problem> {
        let total = rows.len();
        let range = paging.range(total, &self.dialect)?;
        let meta = paging.meta(total, &self.dialect);
        debug_assert!(meta.is_some() || self.dialect.meta == Meta::Absent);
        Ok(list(key, rows.skip(range.start).take(range.len()), meta.as_deref()))
    }
}

/// The body of one object.
pub(super) fn one(key: &str, object: &str) -> String {
    let mut body = format!("{{\"{key}\":");
    body.push_str(object);
    body.push('}');
    body
}

/// Whole seconds, rounded up.
fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
