//! What is wrong with JSON that a person wrote or a file lost, in words.

use serde_json::error::Category;

/// Says what is wrong and where. Quotes nothing but names.
#[must_use]
pub fn malformed(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof if line <= 1 && column == 0 => "it is empty".to_owned(),
        Category::Eof => format!("it ends in the middle of its JSON, in line {line}"),
        Category::Syntax => format!("{}, in line {line}, column {column}", bare(error)),
        Category::Io => error.to_string(),
        Category::Data => {
            let text = bare(error);
            let text = match text.strip_prefix("missing field ") {
                Some(field) => format!("the field {field} is missing"),
                None => text,
            };
            if line == 0 { text } else { format!("{text}, in line {line}, column {column}") }
        }
    }
}

/// What the parser says, without the place.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(bare, _)| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_json_is_told_with_its_place() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Two {
            _one: u8,
            _two: u8,
        }
        for (text, told) in [
            ("", "it is empty"),
            ("{\n\"_one\": ", "it ends in the middle of its JSON, in line 2"),
            ("hello", "expected value, in line 1, column 1"),
            ("{\"_one\": 1}", "the field `_two` is missing, in line 1, column 11"),
            ("{\"_one\": \"x\"}", "invalid type: string \"x\", expected u8, in line 1, column 12"),
        ] {
            let error = serde_json::from_str::<Two>(text).map(drop).map_err(|error| malformed(&error));
            assert_eq!(error, Err(told.to_owned()), "{text}");
        }
    }
}
