//! A look at a component before anything parses it in depth: how much of everything there is.
//!
//! Decoding types, validating and above all compiling cost more than a file's size tells: half a megabyte of functions
//! with thousands of variables each keeps a compiler busy for minutes, and forty bytes of a component that instantiates
//! another ten times, ten deep, are ten thousand million instances. This walk takes time in proportion to the file's
//! size, steps over the code of functions, and refuses by a count ([`Count`]).

mod count;
mod module;

use std::ops::Range;

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentAliasSectionReader, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentInstance, ComponentInstanceSectionReader,
    ComponentOuterAliasKind, ComponentTypeRef, Encoding, Instance, InstanceSectionReader, Parser, Payload,
};

pub use self::count::Count;
use self::module::ModuleTotals;
use super::LoadError;

/// The opcodes of types that have declarations, and so other types, within.
const COMPONENT_TYPE: u8 = 0x41;
const INSTANCE_TYPE: u8 = 0x42;
/// Begins a declaration of a type within one of those.
const TYPE_DECLARATION: u8 = 0x01;

/// Holds a component against every cap.
///
/// # Errors
/// [`LoadError::TooMuch`] for the first count beyond its cap; [`LoadError::NotAComponent`] where the bytes are no
/// WebAssembly, as far as this looks; [`LoadError::Invalid`] for a component that takes components in.
pub(crate) fn scan(wasm: &[u8]) -> Result<(), LoadError> {
    Count::FileBytes.check(size(wasm.len()))?;
    let mut scan = Scan { wasm, open: Vec::new(), components: <_>::default(), modules: <_>::default() };
    for payload in Parser::new(0).parse_all(wasm) {
        scan.payload(payload?)?;
    }
    Ok(())
}

impl From<BinaryReaderError> for LoadError {
    fn from(error: BinaryReaderError) -> Self {
        Self::NotAComponent(error.to_string())
    }
}

/// A component or module whose end is not yet reached.
#[derive(Default)]
struct Frame {
    is_component: bool,
    /// What it comes to itself.
    expansion: Expansion,
    /// What each component and each module comes to that it can name, in the order of their indices.
    components: Vec<Expansion>,
    modules: Vec<Expansion>,
}

/// What one instance of a component or module comes to, all that it instantiates included.
#[derive(Debug, Default, Clone, Copy)]
struct Expansion {
    items: u64,
    instances: u64,
    bytes: u64,
    tables: u64,
    memories: u64,
}

impl Expansion {
    fn take(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn add(&mut self, other: Self) -> Result<(), LoadError> {
        add(&mut self.items, other.items, Count::ExpandedItems)?;
        add(&mut self.instances, other.instances, Count::Instances)?;
        add(&mut self.bytes, other.bytes, Count::InstanceBytes)?;
        add(&mut self.tables, other.tables, Count::Tables)?;
        add(&mut self.memories, other.memories, Count::Memories)
    }
}

/// The two kinds of things that are instantiated.
#[derive(Clone, Copy)]
enum Kind {
    Component,
    Module,
}

impl Frame {
    fn named(&mut self, kind: Kind) -> &mut Vec<Expansion> {
        match kind {
            Kind::Component => &mut self.components,
            Kind::Module => &mut self.modules,
        }
    }
}

struct Scan<'a> {
    wasm: &'a [u8],
    open: Vec<Frame>,
    components: ComponentTotals,
    modules: ModuleTotals,
}

#[derive(Default)]
struct ComponentTotals {
    sections: u64,
    items: u64,
    type_bytes: u64,
}

impl Scan<'_> {
    fn payload(&mut self, payload: Payload<'_>) -> Result<(), LoadError> {
        if payload.as_section().is_some() {
            add(&mut self.components.sections, 1, Count::Sections)?;
        }
        match payload {
            Payload::Version { encoding, .. } => return self.begin(encoding == Encoding::Component),
            Payload::End(_) => self.end(),
            Payload::ComponentTypeSection(types) => {
                self.items(types.count())?;
                return self.types(types.range());
            }
            Payload::CoreTypeSection(types) => {
                self.items(types.count())?;
                return self.types(types.range());
            }
            Payload::InstanceSection(instances) => return self.modules_used(instances),
            Payload::ComponentCanonicalSection(functions) => return self.items(functions.count()),
            Payload::ComponentInstanceSection(instances) => return self.components_used(instances),
            Payload::ComponentAliasSection(aliases) => return self.aliases(aliases),
            Payload::ComponentImportSection(imports) => return self.imports(imports),
            Payload::ComponentExportSection(exports) => return self.exports(exports),
            module => return self.modules.payload(module),
        }
        Ok(())
    }

    fn begin(&mut self, is_component: bool) -> Result<(), LoadError> {
        self.open.push(Frame { is_component, ..Frame::default() });
        Count::Depth.check(size(self.open.len()))?;
        if is_component { Ok(()) } else { self.modules.begin() }
    }

    fn end(&mut self) {
        let Some(ended) = self.open.pop() else { return };
        if ended.is_component {
            self.name(Kind::Component, ended.expansion);
        } else {
            let expansion = self.modules.end();
            self.name(Kind::Module, expansion);
        }
    }

    /// Gives the next index of the open component to something that comes to this.
    fn name(&mut self, kind: Kind, expansion: Expansion) {
        if let Some(frame) = self.open.last_mut() {
            frame.named(kind).push(expansion);
        }
    }

    /// What has this index, `outward` levels from the innermost open component.
    fn named(&mut self, kind: Kind, outward: u32, index: u32) -> Result<Expansion, LoadError> {
        let frame = self.open.iter_mut().rev().nth(position(outward));
        let named = frame.and_then(|frame| frame.named(kind).get(position(index)).copied());
        named.ok_or_else(|| {
            LoadError::NotAComponent(format!("it names component or module {index}, which is not there"))
        })
    }

    /// Counts items of the component that is open, as they stand in the file.
    fn items(&mut self, count: u32) -> Result<(), LoadError> {
        let items = u64::from(count);
        add(&mut self.components.items, items, Count::Items)?;
        self.expand(Expansion { items, ..Expansion::default() })
    }

    fn expand(&mut self, by: Expansion) -> Result<(), LoadError> {
        self.open.last_mut().map_or(Ok(()), |frame| frame.expansion.add(by))
    }

    fn types(&mut self, section: Range<usize>) -> Result<(), LoadError> {
        add(&mut self.components.type_bytes, size(section.len()), Count::TypeBytes)?;
        let bytes = self.wasm.get(section).unwrap_or_default();
        // The parser of types calls itself for each level, so the levels must be known before it runs. Each of them
        // needs these two bytes; they can stand for something else as well, which is rare.
        let nests = |pair: &&[u8]| pair[0] == TYPE_DECLARATION && [COMPONENT_TYPE, INSTANCE_TYPE].contains(&pair[1]);
        Count::TypeDepth.check(size(bytes.windows(2).filter(nests).count()))
    }

    fn modules_used(&mut self, instances: InstanceSectionReader<'_>) -> Result<(), LoadError> {
        self.items(instances.count())?;
        for instance in instances {
            if let Instance::Instantiate { module_index, .. } = instance? {
                let expansion = self.named(Kind::Module, 0, module_index)?;
                self.expand(expansion)?;
            }
        }
        Ok(())
    }

    fn components_used(&mut self, instances: ComponentInstanceSectionReader<'_>) -> Result<(), LoadError> {
        self.items(instances.count())?;
        for instance in instances {
            if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                let expansion = self.named(Kind::Component, 0, component_index)?;
                self.expand(expansion)?;
            }
        }
        Ok(())
    }

    fn aliases(&mut self, aliases: ComponentAliasSectionReader<'_>) -> Result<(), LoadError> {
        self.items(aliases.count())?;
        for alias in aliases {
            match alias? {
                ComponentAlias::InstanceExport { kind, .. } if instantiable(kind).is_some() => return Err(taken_in()),
                ComponentAlias::Outer { kind, count, index } => {
                    let kind = match kind {
                        ComponentOuterAliasKind::Component => Kind::Component,
                        ComponentOuterAliasKind::CoreModule => Kind::Module,
                        _ => continue,
                    };
                    let expansion = self.named(kind, count, index)?;
                    self.name(kind, expansion);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn imports(&mut self, imports: ComponentImportSectionReader<'_>) -> Result<(), LoadError> {
        self.items(imports.count())?;
        for import in imports {
            let import = import?;
            Count::NameBytes.check(size(import.name.name.len()))?;
            if matches!(import.ty, ComponentTypeRef::Component(_) | ComponentTypeRef::Module(_)) {
                return Err(taken_in());
            }
        }
        Ok(())
    }

    fn exports(&mut self, exports: ComponentExportSectionReader<'_>) -> Result<(), LoadError> {
        self.items(exports.count())?;
        for export in exports {
            let export = export?;
            Count::NameBytes.check(size(export.name.name.len()))?;
            // What is exported has a second index from then on.
            if let Some(kind) = instantiable(export.kind) {
                let expansion = self.named(kind, 0, export.index)?;
                self.name(kind, expansion);
            }
        }
        Ok(())
    }
}

fn instantiable(kind: ComponentExternalKind) -> Option<Kind> {
    match kind {
        ComponentExternalKind::Component => Some(Kind::Component),
        ComponentExternalKind::Module => Some(Kind::Module),
        _ => None,
    }
}

fn taken_in() -> LoadError {
    LoadError::Invalid(
        "it takes a component or module as an argument, so its size cannot be told beforehand; nest that in it instead"
            .into(),
    )
}

/// Adds to a total that has a cap.
fn add(total: &mut u64, more: u64, count: Count) -> Result<(), LoadError> {
    *total = total.saturating_add(more);
    count.check(*total)
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn position(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
