//! Finds canaries where they have no business: in any disguise, and in pieces. A second opinion: the host's own search is asked as well, but what it overlooks is not overlooked here.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode;

use super::check::Finding;
use outside::secrets::Secrets;
use sandbox::{Page, Product as _};
use sim::Bank;

/// Any piece of a canary of this many characters counts as the canary.
const PIECE: usize = 8;
/// Characters of Base64 that hold [`PIECE`] bytes.
const PIECE_BASE64: usize = 11;

/// The canaries of a bank, ready to be found.
pub struct Leaks {
    host: Secrets,
    pieces: AhoCorasick,
    /// For each piece: the field of the canary, and the disguise.
    owners: Vec<(String, &'static str)>,
}

impl Leaks {
    /// The canaries of a bank's config.
    ///
    /// # Errors
    /// Inconclusive: they are none that can be searched for.
    pub fn of(bank: &dyn Bank) -> Result<Self, Finding> {
        let config = bank.config();
        let canaries: Vec<(String, String)> = bank
            .secrets()
            .into_iter()
            .filter_map(|field| config.get(&field)?.as_str().map(str::to_owned).map(|canary| (field, canary)))
            .collect();
        let unusable = |error: String| Finding::Inconclusive(format!("the bank's canaries are not usable: {error}"));
        let host = Secrets::new(canaries.clone()).map_err(|error| unusable(error.to_string()))?;
        let (mut texts, mut owners) = (Vec::new(), Vec::new());
        for (field, canary) in &canaries {
            for (disguise, text) in disguises(canary.as_bytes()) {
                texts.push(text);
                owners.push((field.clone(), disguise));
            }
        }
        let automaton = |texts: &[Vec<u8>]| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(texts)
                .map_err(|error| unusable(error.to_string()))
        };
        Ok(Self { host, pieces: automaton(&texts)?, owners })
    }

    /// What of a canary is in a text: which one, and in which disguise.
    #[must_use]
    pub fn secret_in(&self, text: &[u8]) -> Option<String> {
        let decoded: Vec<u8> = percent_decode(text).collect();
        for form in [text, &decoded] {
            if let Some(found) = self.pieces.find(form) {
                let (field, disguise) = &self.owners[found.pattern().as_usize()];
                return Some(format!("the secret `{field}`{disguise}"));
            }
        }
        self.host.find_in(text).map(|field| format!("the secret `{field}` in disguise"))
    }
}

/// All pieces of a canary in all disguises.
fn disguises(canary: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut found = Vec::new();
    for piece in canary.windows(PIECE.min(canary.len())) {
        found.push(("", piece.to_vec()));
        found.push((" backwards", piece.iter().rev().copied().collect()));
        found.push((" in hexadecimal", piece.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()));
    }
    for whole in in_base64(canary) {
        let length = PIECE_BASE64.min(whole.len());
        found.extend(whole.windows(length).map(|piece| (" in Base64", piece.to_vec())));
    }
    found
}

/// A text in Base64, in both alphabets, at each of the three alignments that it can have inside another one: the
/// characters that depend on it alone.
fn in_base64(text: &[u8]) -> Vec<Vec<u8>> {
    let aligned = |before: usize| {
        let bytes = [&[0; 2][..before], text].concat();
        let inside = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]
            .map(|text| text.as_bytes()[inside.clone()].to_vec())
    };
    (0..3).flat_map(aligned).collect()
}

/// Every text of a page, with the name of its field.
#[must_use]
pub fn texts(page: &Page) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    page.each_text(&mut |field, key, text| {
        let named = key.map_or_else(|| field.to_owned(), |key| format!("{field} `{key}`"));
        texts.push((named, text.to_owned()));
    });
    texts
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use qonto::QontoBank;
    use sim::Bank;

    fn leaks() -> (Leaks, String) {
        let bank = Box::new(QontoBank::default()) as Box<dyn Bank>;
        let field = bank.secrets().swap_remove(0);
        let key = bank.config().get(&field).and_then(|key| key.as_str().map(str::to_owned)).unwrap();
        (Leaks::of(&*bank).unwrap_or_else(|_| panic!("usable")), key)
    }

    #[test]
    fn a_canary_is_found_in_every_disguise_and_in_pieces() {
        let (leaks, key) = leaks();
        let spelt = |spell: &dyn Fn(u8) -> String| key.bytes().map(spell).collect::<Vec<_>>().concat();
        let texts = [
            key.clone(),
            key.to_uppercase(),
            key[..8].to_owned(),
            key[5..13].to_owned(),
            key[key.len() - 8..].to_owned(),
            key.chars().rev().collect(),
            spelt(&|byte| format!("{byte:02X}")),
            STANDARD.encode(format!("a{key}")),
            STANDARD.encode(format!("ab{key}:")),
            STANDARD.encode(format!("abc{key}def")),
            spelt(&|byte| format!("%{byte:02x}")),
            spelt(&|byte| format!("\\u00{byte:02x}")),
        ];
        for text in texts {
            assert!(leaks.secret_in(format!("so {text} it is").as_bytes()).is_some(), "{text}");
        }
        assert_eq!(leaks.secret_in(format!("so {} it is", &key[..7]).as_bytes()), None);
    }
}
