//! What is looked for: short pieces of the secrets, in each encoding that escapes do not explain.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, BuildError, Input, MatchError, Span, packed};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::escapes::SIGNS;

/// How many characters of a secret's beginning or end are a find. No more are compared: were a longer find treated in
/// another way, a guess could grow by one character at a time.
const PIECE: usize = 8;

/// Where a piece of a secret ends in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Find {
    /// Of its last byte.
    pub(super) last: usize,
    /// Of the needle. In the text it may have more bytes, if some of them are escaped, never fewer.
    pub(super) length: usize,
    /// The index of the secret.
    pub(super) secret: usize,
}

/// The pieces of all secrets. One automaton, so that a text is read once, however many secrets there are.
pub(super) struct Needles {
    automaton: DFA,
    start: StateID,
    /// The same pieces for texts as they stand, many bytes at a time. `None` where the processor cannot, or there are
    /// too many.
    packed: Option<packed::Searcher>,
    /// For each piece: the index of its secret, and its length.
    owners: Vec<(usize, usize)>,
    shortest: usize,
    longest: usize,
    /// The bytes of all pieces.
    bytes: [bool; 256],
}

impl Needles {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, NotBuilt> {
        let pieces = secrets.into_iter().enumerate();
        Self::of_pieces(pieces.flat_map(|(index, secret)| pieces_of(secret).into_iter().map(move |p| (index, p))))
    }

    /// Looks for nothing but the given pieces.
    pub(super) fn of_pieces(pieces: impl Iterator<Item = (usize, Zeroizing<Vec<u8>>)>) -> Result<Self, NotBuilt> {
        let mut texts: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        let mut owners = Vec::new();
        let mut bytes = [false; 256];
        for (secret, piece) in pieces {
            // Secrets that begin alike, and encodings that are alike.
            if texts.contains(&piece) {
                continue;
            }
            piece.iter().for_each(|byte| bytes[usize::from(*byte)] = true);
            owners.push((secret, piece.len()));
            texts.push(piece);
        }
        let automaton = DFA::builder().prefilter(false).build(texts.iter().map(|text| text.as_slice()))?;
        let start = automaton.start_state(Anchored::No)?;
        let packed = packed::Searcher::new(texts.iter().map(|text| text.as_slice()));
        let lengths = || owners.iter().map(|(_, length)| *length);
        let (shortest, longest) = (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default());
        Ok(Self { automaton, start, packed, owners, shortest, longest, bytes })
    }

    /// In fewer bytes nothing is found, however they are spelled: no escape is shorter than what it stands for.
    pub(super) fn shortest(&self) -> usize {
        self.shortest
    }

    /// How many bytes before a place decide about what is found there.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// True if a byte is in a piece.
    pub(super) fn has(&self, byte: u8) -> bool {
        self.bytes[usize::from(byte)]
    }

    /// Whether this kind of escape can make a find of what was none.
    pub(super) fn minds(&self, sign: u8) -> bool {
        SIGNS.contains(&sign) && (sign != b'+' || self.has(b' '))
    }

    /// A find in the text as it stands, from `from` on; of those that overlap any.
    pub(super) fn plain(&self, text: &[u8], from: usize) -> Option<Find> {
        let span = Span { start: from, end: text.len() };
        let found = match &self.packed {
            Some(packed) => packed.find_in(text, span),
            None => self.automaton.try_find(&Input::new(text).span(span)).ok().flatten(),
        };
        super::cost::add(found.as_ref().map_or(text.len(), aho_corasick::Match::end).saturating_sub(from));
        found.map(|found| self.find(found.pattern().as_usize(), found.end() - 1))
    }

    /// The state of the automaton before it has seen anything.
    pub(super) fn start(&self) -> StateID {
        self.start
    }

    pub(super) fn next(&self, state: StateID, byte: u8) -> StateID {
        super::cost::add(1);
        self.automaton.next_state(Anchored::No, state, byte)
    }

    /// What ends in a state that was reached by the byte at `last`.
    pub(super) fn ends(&self, state: StateID, last: usize) -> Option<Find> {
        self.automaton.is_match(state).then(|| self.find(self.automaton.match_pattern(state, 0).as_usize(), last))
    }

    fn find(&self, piece: usize, last: usize) -> Find {
        let (secret, length) = self.owners.get(piece).copied().unwrap_or_default();
        Find { last, length, secret }
    }
}

/// Why there is no automaton.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotBuilt {
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Start(#[from] MatchError),
}

/// The beginning and the end of a secret, in each encoding.
fn pieces_of(secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let size = secret.len().min(PIECE);
    let mut pieces = Vec::new();
    for piece in [&secret[..size], &secret[secret.len() - size..]] {
        pieces.push(Zeroizing::new(piece.to_vec()));
        pieces.push(Zeroizing::new(piece.iter().rev().copied().collect()));
        pieces.push(hex(piece, b"0123456789abcdef"));
        pieces.push(hex(piece, b"0123456789ABCDEF"));
        pieces.extend((0..3).flat_map(|before| base64_inside(piece, before)));
    }
    pieces
}

fn hex(piece: &[u8], digits: &[u8; 16]) -> Zeroizing<Vec<u8>> {
    let nibbles = piece.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Zeroizing::new(nibbles.map(|digit| digits[usize::from(digit)]).collect())
}

/// The characters of a Base64 text (RFC 4648 §4 and §5) that depend on `piece` alone, if `before` bytes, modulo 3,
/// stand before it in what is encoded. In both alphabets.
fn base64_inside(piece: &[u8], before: usize) -> [Zeroizing<Vec<u8>>; 2] {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(piece);
    let inside = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
    [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| {
        let text = Zeroizing::new(engine.encode(&bytes));
        Zeroizing::new(text.as_bytes()[inside.clone()].to_vec())
    })
}
