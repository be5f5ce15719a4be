//! Qonto's lists when they misbehave: switches of the [`Dialect`] where it has one, lies in the answer where not.

use http::StatusCode;

use super::QontoBank;
use crate::dialect::{PageParameter, PageRows, PastEnd};
use crate::world::QontoWorld;
use outside::transport::Response;
use sim::{Object, Quirk, with_header};

/// What [`Quirk::AbsurdPages`] says.
const ABSURD: u64 = 1_000_000_000;
/// How many rows too many [`Quirk::Overfull`] gives and [`Quirk::TotalTooHigh`] promises.
const SURPLUS: u64 = 3;
/// Where [`Quirk::ForeignLinks`] points: a plain foreign host, one behind a user name, an address, another scheme.
const FOREIGN: [&str; 4] = [
    "https://collector.example/v2/transactions?page=2",
    "https://thirdparty.qonto.com@collector.example/v2/transactions?page=2",
    "https://192.0.2.7/v2/transactions?page=2",
    "http://thirdparty.qonto.com.collector.example/v2/transactions?page=2",
];

/// The lies that are told at present.
#[derive(Debug, Clone, Default)]
pub(super) struct Lies {
    told: Vec<Quirk>,
    /// The dialect before the first quirk.
    honest: Option<Box<crate::Dialect>>,
    /// Answers that [`Quirk::EmptyOnce`] could have emptied so far.
    chances: u32,
}

impl QontoBank {
    /// See [`sim::Bank::set_quirk`]. Qonto has all of them.
    pub(super) fn quirk(&mut self, quirk: Quirk) {
        let dialect = &mut self.world.dialect;
        self.lies.honest.get_or_insert_with(|| Box::new(dialect.clone()));
        match quirk {
            Quirk::FromExclusive => dialect.from_inclusive = false,
            Quirk::PageIgnored => dialect.page_parameter = PageParameter::Ignored,
            Quirk::SortIgnored => dialect.sort_ignored = true,
            Quirk::PageClamped(rows) => dialect.page_rows = PageRows::AtMost(rows as usize),
            Quirk::ShortPages => dialect.page_rows = PageRows::Fewer(1),
            Quirk::Overfull => dialect.page_rows = PageRows::More(usize::try_from(SURPLUS).unwrap_or_default()),
            // Behind the latter two there is always more: no page may be past the end.
            Quirk::PastEndEmpty | Quirk::AbsurdPages | Quirk::EmptyWithMore => dialect.past_end = PastEnd::Empty,
            Quirk::NextIsSame
            | Quirk::NextGoesBack
            | Quirk::EmptyOnce
            | Quirk::TotalTooHigh
            | Quirk::EndsEarly
            | Quirk::ForeignLinks => {}
        }
        if !self.lies.told.contains(&quirk) {
            self.lies.told.push(quirk);
        }
    }
}

impl Lies {
    /// Ends all quirks.
    pub(super) fn recant(&mut self, world: &mut QontoWorld) {
        if let Some(honest) = self.honest.take() {
            world.dialect = *honest;
        }
        *self = Self::default();
    }

    /// The answer with the lies in it. Errors stay as they are.
    pub(super) fn tell(&mut self, mut response: Response) -> Response {
        if self.told.is_empty() || response.status != StatusCode::OK {
            return response;
        }
        let body = std::str::from_utf8(&response.body).ok().and_then(|text| Object::parse(text).ok());
        let Some(mut body) = body else { return response };
        if let Some(mut meta) = body.get::<Object>("meta") {
            self.twist(&mut body, &mut meta);
            body.set_raw("meta", meta.render());
        }
        if self.told.contains(&Quirk::ForeignLinks) {
            let [plain, user, address, scheme] = FOREIGN;
            body.set("next", plain).set("next_page_url", user);
            body.set("links", serde_json::json!({ "next": address, "last": scheme, "self": user }));
            let links = FOREIGN.map(|url| format!("<{url}>; rel=\"next\"")).join(", ");
            response = with_header(response, "Link", &links);
        }
        response.body = body.render().into();
        response
    }

    /// Changes a list and what it says of itself.
    fn twist(&mut self, body: &mut Object, meta: &mut Object) {
        let page: u64 = meta.get("current_page").unwrap_or(1);
        for quirk in self.told.clone() {
            match quirk {
                Quirk::NextIsSame => _ = meta.set("next_page", page),
                Quirk::NextGoesBack if page > 1 => _ = meta.set("next_page", page - 1),
                Quirk::AbsurdPages => _ = meta.set("next_page", page + 1).set("total_pages", ABSURD),
                Quirk::EmptyWithMore => {
                    empty(body);
                    meta.set("next_page", page + 1);
                }
                Quirk::EmptyOnce if meta.get::<u64>("next_page").is_some() => {
                    self.chances += 1;
                    if self.chances == 2 {
                        empty(body);
                    }
                }
                Quirk::EndsEarly if page == 1 => _ = meta.set_raw("next_page", "null"),
                Quirk::TotalTooHigh => {
                    let total: u64 = meta.get("total_count").unwrap_or_default();
                    meta.set("total_count", total + SURPLUS);
                }
                _ => {}
            }
        }
    }
}

/// Takes the rows out of a list.
fn empty(body: &mut Object) {
    body.rewrite(|_, value| value.starts_with('[').then(|| "[]".to_owned()));
}
