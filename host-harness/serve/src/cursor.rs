//! Where in a list a client is: opaque to it, and never trusted when it comes back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use store::serving::list::{Key, Seek};

use crate::problem::Problem;

/// The longest that is looked at. A filter of some hundred conditions fits.
const LONGEST: usize = 32 << 10;
/// Records of a page where the client does not say how many.
const USUAL: u32 = 15;
/// The most records of a page.
const MOST: u32 = 100;

/// A place in a list, and what the list is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cursor {
    /// The key of the record that the part begins beside.
    k: (i64, u32, i64),
    /// Whether what is newer is asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    newer: bool,
    /// Records of a page.
    pub(crate) n: u32,
    /// The filter, as it was asked for: it is read again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) q: String,
}

impl Cursor {
    pub(crate) fn older(key: Key, n: u32, q: &str) -> Self {
        Self { k: (key.seconds, key.nanoseconds, key.id), newer: false, n, q: q.to_owned() }
    }

    pub(crate) fn newer(key: Key, n: u32, q: &str) -> Self {
        Self { newer: true, ..Self::older(key, n, q) }
    }

    pub(crate) fn seek(&self) -> Seek {
        let (seconds, nanoseconds, id) = self.k;
        let key = Key { seconds, nanoseconds, id };
        if self.newer { Seek::NewerThan(key) } else { Seek::OlderThan(key) }
    }

    /// Reads what a client sends back.
    ///
    /// # Errors
    /// It is none that this host gave.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(Some(text).filter(|text| text.len() <= LONGEST)?).ok()?;
            serde_json::from_slice::<Self>(&bytes).ok()
        };
        let cursor =
            read().ok_or_else(|| Problem::validation("`cursor` is none that this host gave; begin without one"))?;
        Ok(Self { n: size(cursor.n), ..cursor })
    }

    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// How many records a page has where so many are asked for; 0: as many as usual.
fn size(asked: u32) -> u32 {
    if asked == 0 { USUAL } else { asked.min(MOST) }
}

/// How many records a page has.
///
/// # Errors
/// It is no number.
pub(crate) fn page_size(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(USUAL) };
    let asked: u64 = text
        .parse()
        .map_err(|_| Problem::validation(format!("`pageSize`: expected a whole number from 1 to {MOST}")))?;
    Ok(size(u32::try_from(asked).unwrap_or(MOST)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let key = Key { seconds: -5, nanoseconds: 7, id: 9 };
        for cursor in [Cursor::older(key, 15, ""), Cursor::newer(key, 100, r#"{"$match":{"id":"é"}}"#)] {
            assert_eq!(Cursor::parse(&cursor.text()).unwrap(), cursor);
        }
        assert_eq!(Cursor::newer(key, 1, "").seek(), Seek::NewerThan(key));
    }

    #[test]
    fn what_no_host_gave_is_refused_and_too_much_is_cut() {
        for text in ["", "é", "e30", "AAAA", &"A".repeat(LONGEST + 1)] {
            assert!(Cursor::parse(text).is_err(), "{text}");
        }
        let huge = URL_SAFE_NO_PAD.encode(r#"{"k":[1,2,3],"n":4000000000}"#);
        assert_eq!(Cursor::parse(&huge).unwrap().n, MOST);
    }

    #[test]
    fn a_page_has_fifteen_records_and_never_more_than_a_hundred() {
        let sizes = [None, Some(""), Some("0"), Some("7"), Some("101"), Some("99999999999999")];
        assert_eq!(sizes.map(|size| page_size(size).unwrap()), [15, 15, 15, 7, 100, 100]);
        assert!(["x", "-1", "1.5"].iter().all(|text| page_size(Some(text)).is_err()));
    }
}
