//! What a call was answered, kept for as long as it takes to see whether it is what the connector says that it read.

use std::iter;

use bytes::Bytes;
use memchr::memmem;
use model::Page;
use model::validate::{Breach, quoted};

/// Bytes of answers that are kept for one call.
const KEPT: usize = 64 << 20;

/// The successful answers of one call, all of them JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers(Vec<Bytes>);

impl Answers {
    /// One more; none where it is not JSON, or too much to keep.
    pub(super) fn and(mut self, body: &Bytes) -> Option<Self> {
        let kept: usize = self.0.iter().map(Bytes::len).fold(body.len(), usize::saturating_add);
        let is_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
        if !is_json || kept > KEPT {
            return None;
        }
        self.0.push(body.clone());
        Some(self)
    }

    /// Whether there were none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts that stand in none of the answers. Those of a page mostly stand in the order of the answers, or of lists of
    /// them: each is looked for where the one before it ended first, then where each list goes on.
    pub fn lacking<'t>(&self, texts: impl Iterator<Item = &'t str>) -> impl Iterator<Item = &'t str> {
        let begin = |body: &Bytes| body.iter().position(|byte| *byte == b'[').map_or(0, |bracket| bracket + 1);
        let mut places: Vec<usize> = self.0.iter().map(begin).collect();
        let mut last = 0;
        texts.filter(move |text| {
            let found = self.next(&places, last, text).or_else(|| self.anywhere(&places, last, text));
            if let Some((answer, end)) = found {
                last = answer;
                places[answer] = end;
            }
            found.is_none()
        })
    }

    /// Whether each payment's `raw` stands in the answers. Where there were none it may come from elsewhere: the state, or
    /// the parent.
    ///
    /// # Errors
    /// A payment that stands in none of them.
    pub fn verbatim(&self, page: &Page) -> Result<(), Breach> {
        let Page::Payments(page) = page else { return Ok(()) };
        if self.is_empty() {
            return Ok(());
        }
        let lacking = self.lacking(page.items.iter().map(|item| &*item.raw)).next();
        let payment = page.items.iter().find(|item| Some(&*item.raw) == lacking);
        payment.map_or(Ok(()), |payment| {
            let reference = quoted(&payment.reference);
            Err(format!("payment {reference}: its `raw` stands in none of the answers that the call was given").into())
        })
    }

    /// In which answer `text` ends, and where, if it is the next row of one: nothing need be searched then.
    fn next(&self, places: &[usize], last: usize, text: &str) -> Option<(usize, usize)> {
        iter::once(last).chain(0..self.0.len()).find_map(|answer| {
            let from = *places.get(answer)?;
            let rest = self.0.get(answer)?.get(from..)?;
            let apart = rest.iter().take_while(|byte| **byte == b',' || byte.is_ascii_whitespace()).count();
            rest[apart..].starts_with(text.as_bytes()).then_some((answer, from + apart + text.len()))
        })
    }

    /// The same wherever it stands, first of all further on in each list: rows that were known already are left out.
    fn anywhere(&self, places: &[usize], last: usize, text: &str) -> Option<(usize, usize)> {
        let text = memmem::Finder::new(text);
        let behind = |answer: usize, from: usize| {
            let at = text.find(self.0.get(answer)?.get(from..)?)?;
            Some((answer, from + at + text.needle().len()))
        };
        let all = || iter::once(last).chain(0..self.0.len());
        let further = all().find_map(|answer| behind(answer, *places.get(answer)?));
        further.or_else(|| all().find_map(|answer| behind(answer, 0)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_stands_and_one_that_stands_nowhere_is_told() {
        let bodies = [r#" [{"id":1},{"id":2}]"#, r#"{"id":3}"#].map(|body| Bytes::from_static(body.as_bytes()));
        let answers = bodies.iter().try_fold(Answers::default(), Answers::and).unwrap();
        let texts = [r#"{"id":3}"#, r#"{"id":2}"#, r#"{"id":4}"#, r#"{"id":1}"#, r#"{"id":1}"#];
        assert_eq!(answers.lacking(texts.into_iter()).collect::<Vec<_>>(), [r#"{"id":4}"#]);
    }

    #[test]
    fn an_answer_that_is_no_json_leaves_nothing_to_compare_with() {
        assert_eq!(Answers::default().and(&Bytes::from_static(b"a,b\n1,2")), None);
    }
}
