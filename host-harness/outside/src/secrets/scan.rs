//! One pass over a text, from find to find.

use super::escapes::{self, LONGEST, SIGNS, Start};
use super::forms::Forms;
use super::needles::{Find, Needles};

/// How many bytes are compared with the signs of escapes at once.
const BLOCK: usize = 32;

/// Where the search in a text has got to.
///
/// Most texts have neither a find nor an escape that matters, so both are looked for many bytes at a time. The forms of
/// the text are read around escapes only: anywhere else they are the text.
pub(super) struct Scan<'a> {
    needles: &'a Needles,
    text: &'a [u8],
    from: usize,
    /// Before this, no escape is unread.
    sign: usize,
    /// The next find in the text as it stands.
    plain: Option<Find>,
    /// Large, and needed around escapes only: most texts are short, and have none.
    forms: Option<Box<Forms<'a>>>,
    /// The last find in a form, until it is skipped.
    found: Option<Find>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(needles: &'a Needles, text: &'a [u8]) -> Self {
        Self { needles, text, from: 0, sign: 0, plain: needles.plain(text, 0), forms: None, found: None }
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The next find, or one that overlaps it. The same again, unless [`Self::skip_to`] goes on.
    pub(super) fn find(&mut self) -> Option<Find> {
        let end = self.plain.map_or(self.text.len(), |find| find.last + 1);
        if self.found.is_some() {
            return self.found;
        }
        while let Some(sign) = self.next_sign(end) {
            if let Some(length) = self.dull(sign) {
                self.sign = sign + length;
                continue;
            }
            let forms = self.forms.get_or_insert_with(|| Box::new(Forms::new(self.needles)));
            let (read, found) = forms.read(self.text, self.from, sign, end);
            self.sign = read;
            if found.is_some() {
                self.found = found;
                return found;
            }
        }
        self.plain
    }

    /// Goes on at `place` as if the text began there.
    pub(super) fn skip_to(&mut self, place: usize) {
        self.from = place;
        self.found = None;
        self.sign = self.sign.max(place);
        if self.plain.is_some_and(|find| find.last + 1 < place + find.length) {
            self.plain = self.needles.plain(self.text, place);
        }
    }

    fn next_sign(&mut self, end: usize) -> Option<usize> {
        let rest = self.text.get(self.sign..end).unwrap_or_default();
        let minds = |byte: &u8| self.needles.minds(*byte);
        // What a compiler makes of this compares a block in a few instructions.
        let signs = SIGNS.map(|sign| if self.needles.minds(sign) { sign } else { SIGNS[0] });
        let is = |byte: u8| signs.iter().fold(0, |is, sign| is | u8::from(byte == *sign));
        let has = |block: &[u8; BLOCK]| block.iter().fold(0, |has, byte| has | is(*byte)) != 0;
        let (blocks, _) = rest.as_chunks::<BLOCK>();
        let skip = blocks.iter().take_while(|block| !has(block)).count() * BLOCK;
        let found = rest[skip..].iter().position(minds).map(|place| self.sign + skip + place);
        super::cost::add(found.unwrap_or(end).saturating_sub(self.sign));
        self.sign = found.unwrap_or(end).max(self.sign);
        found
    }

    /// How many bytes from a sign on make no form that matters: no escape that another one could complete, or one that
    /// stands for what is neither in a secret nor in an escape. Who reads on after it as if it was nothing sees no less.
    fn dull(&self, sign: usize) -> Option<usize> {
        let rest = &self.text[sign..];
        let near = rest.get(..LONGEST).unwrap_or(rest);
        match escapes::read(near) {
            Start::Escape(length, (bytes, count)) => {
                let matters = |b: &u8| self.needles.has(*b) || b.is_ascii_alphanumeric() || b"\\%&+#;".contains(b);
                (!bytes[..count].iter().any(matters)).then_some(length)
            }
            Start::Part | Start::Not => (!near[1..].iter().any(|b| self.needles.minds(*b))).then_some(1),
        }
    }
}
