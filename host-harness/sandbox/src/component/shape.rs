//! Whether a component's contract has the shape of this host's: same records, same cases, same functions.
//!
//! A version number is a promise; this holds the component to it, and says what differs in the contract's words. The
//! linker would refuse as well, but only with a position ("expected record of 3 fields, found 4 fields").

use std::collections::BTreeSet;

use wit_parser::{Function, InterfaceId, Record, Resolve, Type, TypeDefKind, Variant, WorldId, WorldItem};

use super::LoadError;
use model::VERSION;

/// The packages of `wit/`, dependencies first. A package's files are one text here.
pub(super) const TEXTS: [&str; 8] = [
    include_str!("../../../../wit/deps/io.wit"),
    include_str!("../../../../wit/deps/clocks.wit"),
    include_str!("../../../../wit/deps/random.wit"),
    include_str!("../../../../wit/deps/filesystem.wit"),
    include_str!("../../../../wit/deps/sockets.wit"),
    include_str!("../../../../wit/deps/cli.wit"),
    include_str!("../../../../wit/deps/http.wit"),
    concat!(include_str!("../../../../wit/connector.wit"), include_str!("../../../../wit/types.wit")),
];

/// # Errors
/// [`LoadError::OtherShape`] with every difference.
pub(super) fn check(theirs: &Resolve, world: WorldId) -> Result<(), LoadError> {
    let ours = contract().map_err(|e| LoadError::Invalid(format!("the host's own contract does not parse: {e}")))?;
    let mut comparison = Comparison { ours: &ours, theirs, differences: BTreeSet::new() };
    for (id, interface) in &ours.interfaces {
        let is_ours = interface.package.is_some_and(|p| ours.packages[p].name.namespace == "payments");
        if let (true, Some(name)) = (is_ours, interface.name.as_deref()) {
            comparison.interface(id, find(theirs, world, name), name == "connector");
        }
    }
    if comparison.differences.is_empty() {
        return Ok(());
    }
    Err(LoadError::OtherShape { differences: comparison.differences.into_iter().collect() })
}

fn contract() -> Result<Resolve, String> {
    let mut resolve = Resolve::default();
    for text in TEXTS {
        resolve.push_source("wit", text).map_err(|e| format!("{e:#}"))?;
    }
    Ok(resolve)
}

/// The interface of the component with this name: exported, or imported.
fn find(resolve: &Resolve, world: WorldId, name: &str) -> Option<InterfaceId> {
    let world = &resolve.worlds[world];
    let wanted = format!("payments:connector/{name}@{VERSION}");
    world.exports.values().chain(world.imports.values()).find_map(|item| match item {
        WorldItem::Interface { id, .. } if resolve.id_of(*id).as_deref() == Some(&wanted) => Some(*id),
        _ => None,
    })
}

struct Comparison<'a> {
    ours: &'a Resolve,
    theirs: &'a Resolve,
    differences: BTreeSet<String>,
}

impl Comparison<'_> {
    /// A component imports only what it uses, so of an interface that is not exported a part is enough.
    fn interface(&mut self, ours: InterfaceId, theirs: Option<InterfaceId>, whole: bool) {
        let Some(theirs) = theirs else { return };
        let (ours, theirs) = (&self.ours.interfaces[ours], &self.theirs.interfaces[theirs]);
        for (name, function) in &ours.functions {
            match theirs.functions.get(name) {
                Some(other) => self.function(name, function, other),
                None if whole => self.report(format!("the function `{name}` is missing")),
                None => {}
            }
        }
        for name in theirs.functions.keys().filter(|name| !ours.functions.contains_key(*name)) {
            self.report(format!("there is a function `{name}` that {VERSION} lacks"));
        }
    }

    fn function(&mut self, name: &str, ours: &Function, theirs: &Function) {
        if ours.params.len() != theirs.params.len() {
            self.report(format!(
                "the function `{name}` takes {} parameters, {VERSION} says {}",
                theirs.params.len(),
                ours.params.len()
            ));
        }
        for (a, b) in ours.params.iter().zip(&theirs.params) {
            self.types(&format!("the parameter `{}` of `{name}`", a.name), a.ty, b.ty);
        }
        match (ours.result, theirs.result) {
            (Some(a), Some(b)) => self.types(&format!("the result of `{name}`"), a, b),
            (None, None) => {}
            _ => self.report(format!("the function `{name}` has a result on one side only")),
        }
    }

    fn types(&mut self, at: &str, ours: Type, theirs: Type) {
        let (ours, theirs) = (definition(self.ours, ours), definition(self.theirs, theirs));
        let (Type::Id(own), Type::Id(other)) = (ours, theirs) else {
            if ours != theirs {
                let (found, said) = (name_of(self.theirs, theirs), name_of(self.ours, ours));
                self.report(format!("{at} is {found}, {VERSION} says {said}"));
            }
            return;
        };
        let (own, other) = (&self.ours.types[own], &self.theirs.types[other]);
        let name = own.name.as_deref().map_or_else(|| at.to_string(), |name| format!("`{name}`"));
        match (&own.kind, &other.kind) {
            (TypeDefKind::Record(own), TypeDefKind::Record(other)) => self.records(&name, own, other),
            (TypeDefKind::Variant(own), TypeDefKind::Variant(other)) => self.variants(&name, own, other),
            (TypeDefKind::Enum(own), TypeDefKind::Enum(other)) => {
                self.names(&name, "case", own.cases.iter().map(|c| &c.name), other.cases.iter().map(|c| &c.name));
            }
            (TypeDefKind::Option(own), TypeDefKind::Option(other))
            | (TypeDefKind::List(own), TypeDefKind::List(other)) => self.types(at, *own, *other),
            (TypeDefKind::Result(own), TypeDefKind::Result(other)) => {
                self.optional(at, own.ok, other.ok);
                self.optional(at, own.err, other.err);
            }
            (TypeDefKind::Tuple(own), TypeDefKind::Tuple(other)) if own.types.len() == other.types.len() => {
                for (own, other) in own.types.iter().zip(&other.types) {
                    self.types(at, *own, *other);
                }
            }
            (own, other) => self.report(format!("{at} is a {}, {VERSION} says {}", other.as_str(), own.as_str())),
        }
    }

    fn records(&mut self, name: &str, own: &Record, other: &Record) {
        self.names(name, "field", own.fields.iter().map(|f| &f.name), other.fields.iter().map(|f| &f.name));
        for field in &own.fields {
            if let Some(same) = other.fields.iter().find(|f| f.name == field.name) {
                self.types(&format!("the field `{}` of {name}", field.name), field.ty, same.ty);
            }
        }
    }

    fn variants(&mut self, name: &str, own: &Variant, other: &Variant) {
        self.names(name, "case", own.cases.iter().map(|c| &c.name), other.cases.iter().map(|c| &c.name));
        for case in &own.cases {
            if let Some(same) = other.cases.iter().find(|c| c.name == case.name) {
                self.optional(&format!("the case `{}` of {name}", case.name), case.ty, same.ty);
            }
        }
    }

    fn optional(&mut self, at: &str, ours: Option<Type>, theirs: Option<Type>) {
        match (ours, theirs) {
            (Some(a), Some(b)) => self.types(at, a, b),
            (None, None) => {}
            (Some(_), None) => self.report(format!("{at} has no payload, {VERSION} has one")),
            (None, Some(_)) => self.report(format!("{at} has a payload, {VERSION} has none")),
        }
    }

    fn names<'n>(
        &mut self,
        owner: &str,
        what: &str,
        ours: impl Iterator<Item = &'n String>,
        theirs: impl Iterator<Item = &'n String>,
    ) {
        let (ours, theirs): (Vec<_>, Vec<_>) = (ours.collect(), theirs.collect());
        for name in theirs.iter().filter(|name| !ours.contains(name)) {
            self.report(format!("{owner} has a {what} `{name}` that {VERSION} lacks"));
        }
        for name in ours.iter().filter(|name| !theirs.contains(name)) {
            self.report(format!("{owner} lacks the {what} `{name}` of {VERSION}"));
        }
        if ours != theirs && ours.iter().all(|name| theirs.contains(name)) && ours.len() == theirs.len() {
            self.report(format!("{owner} has its {what}s in another order than {VERSION}"));
        }
    }

    fn report(&mut self, difference: String) {
        self.differences.insert(difference);
    }
}

/// Looks through `use` and type aliases, whose names do not reach the binary.
fn definition(resolve: &Resolve, mut ty: Type) -> Type {
    while let Type::Id(id) = ty {
        match resolve.types[id].kind {
            TypeDefKind::Type(inner) => ty = inner,
            _ => break,
        }
    }
    ty
}

fn name_of(resolve: &Resolve, ty: Type) -> String {
    match ty {
        Type::Id(id) => resolve.types[id].name.as_deref().map_or_else(
            || format!("a {}", resolve.types[id].kind.as_str()),
            |name| format!("a {} `{name}`", resolve.types[id].kind.as_str()),
        ),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract with `from` replaced by `to`, as a component's decoded world would be.
    fn changed(from: &str, to: &str) -> Result<(), LoadError> {
        let mut theirs = Resolve::default();
        let [deps @ .., connector] = TEXTS;
        assert!(connector.contains(from), "{from} is not in the contract");
        for text in deps.map(str::to_owned).into_iter().chain([connector.replacen(from, to, 1)]) {
            theirs.push_source("wit", &text).expect("the changed contract parses");
        }
        let (world, _) = theirs.worlds.iter().find(|(_, w)| w.name == "connector-core").expect("the world");
        check(&theirs, world)
    }

    fn difference(from: &str, to: &str) -> String {
        changed(from, to).expect_err("a difference").to_string()
    }

    #[test]
    fn the_contract_has_its_own_shape() {
        assert_eq!(changed("record rate-limit {", "record rate-limit {"), Ok(()));
    }

    #[test]
    fn a_field_more_is_named_with_its_record() {
        let said = difference("scheme: payment-scheme,", "scheme: payment-scheme,\n fee: minor-units,");
        assert!(said.contains("`payment` has a field `fee` that 0.2.0 lacks"), "{said}");
    }

    #[test]
    fn a_case_less_is_named_with_its_enumeration() {
        let said = difference("cheque,", "");
        assert!(said.contains("`payment-scheme` lacks the case `cheque` of 0.2.0"), "{said}");
    }

    #[test]
    fn a_missing_function_and_another_parameter_are_named() {
        let said = difference("check: func(config: string)", "probe: func(config: string)");
        assert!(said.contains("the function `check` is missing"), "{said}");
        let said = difference("check: func(config: string)", "check: func(config: u32)");
        assert!(said.contains("the parameter `config` of `check` is u32, 0.2.0 says string"), "{said}");
    }

    #[test]
    fn another_order_of_fields_is_a_difference() {
        let said = difference("seconds: s64,\n        nanoseconds: u32,", "nanoseconds: u32,\n        seconds: s64,");
        assert!(said.contains("`timestamp` has its fields in another order"), "{said}");
    }
}
