//! A JSON object that keeps the order of its fields and the spelling of its values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A row as a provider would send it: fields in order, each value as JSON text.
///
/// Values are text and not parsed numbers, so that an amount of any size is sent exactly as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object(Vec<(Cow<'static, str>, Cow<'static, str>)>);

impl Object {
    /// An object without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads an object; a repeated field is kept twice, as it was received.
    ///
    /// # Errors
    /// When `text` is not a JSON object.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// An object of fixed fields, each with its JSON text. For templates: nothing is copied.
    #[must_use]
    pub fn template(fields: &[(&'static str, &'static str)]) -> Self {
        Self(fields.iter().map(|&(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))).collect())
    }

    /// Sets a field to a value; a new field goes to the end. A value that cannot be JSON becomes `null`.
    pub fn set(&mut self, name: &str, value: impl Serialize) -> &mut Self {
        let text = serde_json::to_string(&value).map_or(Cow::Borrowed("null"), Cow::Owned);
        self.put(name, text)
    }

    /// Sets a field to JSON text, sent as it is written: `"1.50"`, `"9007199254740993"`, even text that is no JSON.
    pub fn set_raw(&mut self, name: &str, text: impl Into<String>) -> &mut Self {
        self.put(name, Cow::Owned(text.into()))
    }

    fn put(&mut self, name: &str, text: Cow<'static, str>) -> &mut Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) => *value = text,
            None => self.0.push((Cow::Owned(name.to_owned()), text)),
        }
        self
    }

    /// Removes a field, which may not be there.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// The JSON text of a field.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// The value of a field, when it is there and is a `T`.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// The value of a field that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let inner = self.raw(name)?.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') { self.get::<String>(name).map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    /// Replaces each value for which `change` gives a text.
    pub fn rewrite(&mut self, change: impl Fn(&str, &str) -> Option<String>) {
        for (name, value) in &mut self.0 {
            if let Some(text) = change(name, value) {
                *value = Cow::Owned(text);
            }
        }
    }

    /// The object as JSON, without white space.
    #[must_use]
    pub fn render(&self) -> String {
        let size = self.0.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
        let mut text = String::with_capacity(size + 2);
        text.push('{');
        for (position, (name, value)) in self.0.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            text.push('"');
            text.push_str(name);
            text.push_str("\":");
            text.push_str(value);
        }
        text.push('}');
        text
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render())
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    fields.push((Cow::Owned(name), Cow::Owned(value.get().to_owned())));
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_spelling_survive_a_round_trip() {
        let text = r#"{"b":1.50,"a":90071992547409.93,"n":{"z":[1,2],"y":null},"s":"é\"x"}"#;
        let object = Object::parse(text).expect("valid");
        assert_eq!(object.render(), text);
        assert_eq!(object.text("s").as_deref(), Some("é\"x"));
        assert_eq!(object.names().collect::<Vec<_>>(), ["b", "a", "n", "s"]);
    }

    #[test]
    fn set_replaces_in_place_and_appends_what_is_new() {
        let mut object = Object::template(&[("a", "1"), ("b", "2")]);
        object.set("a", "x").set_raw("c", "1.00").remove("b").remove("unknown");
        assert_eq!(object.to_string(), r#"{"a":"x","c":1.00}"#);
        assert_eq!(object.get::<i64>("a"), None);
    }
}
