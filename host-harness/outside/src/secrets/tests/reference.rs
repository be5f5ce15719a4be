//! What [`super::Secrets::find_in`] has to find, told by writing down every form of a text, and every spelling.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::secrets::escapes::{SIGNS, Start, read};

pub(super) fn has(secrets: &[&str], text: &[u8]) -> bool {
    let spellings: Vec<Vec<u8>> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
    forms(text, 3).iter().any(|form| spellings.iter().any(|needle| form.windows(needle.len()).any(|w| w == needle)))
}

fn forms(text: &[u8], depth: usize) -> Vec<Vec<u8>> {
    let mut all = vec![text.to_vec()];
    for sign in SIGNS {
        let form = unescaped(text, sign);
        if depth > 0 && form != text {
            all.extend(forms(&form, depth - 1));
        }
    }
    all
}

fn unescaped(text: &[u8], sign: u8) -> Vec<u8> {
    let mut form = Vec::new();
    let mut rest = text;
    while let [first, others @ ..] = rest {
        rest = match read(rest) {
            Start::Escape(length, (bytes, count)) if *first == sign => {
                form.extend_from_slice(&bytes[..count]);
                &rest[length..]
            }
            _ => {
                form.push(*first);
                others
            }
        };
    }
    form
}

fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let size = secret.len().min(8);
    let mut found: Vec<Vec<u8>> = vec![
        secret[..size].into(),
        secret[secret.len() - size..].into(),
        secret.bytes().rev().collect(),
        super::hex(secret).into(),
        super::hex(secret).to_ascii_uppercase().into(),
    ];
    for before in 0..3 {
        let text = [&[0; 2][..before], secret.as_bytes()].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text);
            found.push(encoded.as_bytes()[(before * 8).div_ceil(6)..text.len() * 8 / 6].to_vec());
        }
    }
    found
}
