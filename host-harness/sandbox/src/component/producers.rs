//! Who made a component, as far as its bytes say.
//!
//! Compilers and packagers write it into sections of their own. Nothing of it is signed: whoever makes a component can
//! write there what he likes.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use wasmparser::{BinaryReader, Parser, Payload, ProducersSectionReader};

/// The section in which tools name themselves.
const PRODUCERS: &str = "producers";
/// Sections that hold one text of the author's.
const TEXTS: [&str; 6] = ["authors", "homepage", "licenses", "revision", "source", "version"];
/// Entries that are kept, and characters of each: they are the component's, and it may have many.
const KEPT: (usize, usize) = (20, 200);

/// What the component says of its making: pairs of what (`language`, `processed-by`, `authors`) and who. The modules and
/// components within it are asked as well. A section that cannot be read says nothing.
#[must_use]
pub fn producers(wasm: &[u8]) -> BTreeSet<(String, String)> {
    let mut said = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        let Payload::CustomSection(section) = payload else { continue };
        let added = match section.name() {
            PRODUCERS => tools(section.data(), &mut said),
            name if TEXTS.contains(&name) => match std::str::from_utf8(section.data()) {
                Ok(text) => add(&mut said, name, text),
                Err(_) => ControlFlow::Continue(()),
            },
            _ => ControlFlow::Continue(()),
        };
        if added.is_break() {
            break;
        }
    }
    said
}

fn tools(section: &[u8], said: &mut BTreeSet<(String, String)>) -> ControlFlow<()> {
    let Ok(fields) = ProducersSectionReader::new(BinaryReader::new(section, 0)) else {
        return ControlFlow::Continue(());
    };
    for field in fields.into_iter().map_while(Result::ok) {
        for tool in field.values.into_iter().map_while(Result::ok) {
            add(said, field.name, format!("{} {}", tool.name, tool.version).trim())?;
        }
    }
    ControlFlow::Continue(())
}

fn add(said: &mut BTreeSet<(String, String)>, what: &str, who: &str) -> ControlFlow<()> {
    let (most, long) = KEPT;
    let cut = |text: &str| text.chars().take(long).collect::<String>();
    said.insert((cut(what), cut(who)));
    if said.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use wasm_encoder::{Component, CustomSection, Module, ModuleSection, ProducersField, ProducersSection};

    use super::*;

    fn text<'a>(name: &'a str, data: &'a [u8]) -> CustomSection<'a> {
        CustomSection { name: Cow::Borrowed(name), data: Cow::Borrowed(data) }
    }

    #[test]
    fn tools_and_authors_are_found_in_the_component_and_in_what_is_within_it() {
        let mut module = Module::new();
        let mut field = ProducersField::new();
        field.value("rustc", "1.95.0");
        let mut producers = ProducersSection::new();
        producers.field("processed-by", &field);
        module.section(&producers);
        let mut component = Component::new();
        component.section(&ModuleSection(&module));
        component.section(&text("authors", b"A. Stranger"));
        component.section(&text("source", &[0xff]));
        component.section(&text("secrets", b"not asked for"));
        let said = super::producers(&component.finish());
        let pairs: Vec<(&str, &str)> = said.iter().map(|(what, who)| (&**what, &**who)).collect();
        assert_eq!(pairs, [("authors", "A. Stranger"), ("processed-by", "rustc 1.95.0")]);
    }

    #[test]
    fn of_a_component_that_says_too_much_a_part_is_kept() {
        let long = "x".repeat(10_000);
        let mut component = Component::new();
        for number in 0..1_000 {
            component.section(&text("authors", format!("{number}{long}").as_bytes()));
        }
        let said = super::producers(&component.finish());
        assert_eq!(said.len(), KEPT.0);
        assert!(said.iter().all(|(_, who)| who.chars().count() <= KEPT.1));
    }
}
