//! The part of the scan that counts what is in core modules.

use std::mem;

use wasmparser::{
    CustomSectionReader, DataSectionReader, ElementItems, ElementSectionReader, ExportSectionReader, FunctionBody,
    ImportSectionReader, KnownCustom, MemorySectionReader, Name, Payload, TableSectionReader, TypeSectionReader,
};

use super::{Count, Expansion, add, size};
use crate::component::LoadError;

/// What adds up over all core modules of a file.
#[derive(Default)]
pub(super) struct ModuleTotals {
    modules: u64,
    types: u64,
    functions: u64,
    code: u64,
    locals: u64,
    work: u64,
    items: u64,
    globals: u64,
    elements: u64,
    memory: u64,
    data: u64,
    /// What an instance of the module comes to that is being read; modules are not nested.
    instance: Expansion,
}

/// Bytes that an instance takes for each function, defined or imported, and for each global variable.
const FUNCTION: u64 = 48;
const GLOBAL: u64 = 16;

impl ModuleTotals {
    pub(super) fn begin(&mut self) -> Result<(), LoadError> {
        self.instance = Expansion { items: 1, instances: 1, ..Expansion::default() };
        add(&mut self.modules, 1, Count::Modules)
    }

    pub(super) fn end(&mut self) -> Expansion {
        mem::take(&mut self.instance)
    }

    pub(super) fn payload(&mut self, payload: Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::TypeSection(types) => self.types(types),
            Payload::ImportSection(imports) => self.imports(imports),
            Payload::ExportSection(exports) => self.exports(exports),
            Payload::FunctionSection(functions) => self.functions(functions.count().into()),
            Payload::CodeSectionEntry(body) => self.body(&body),
            Payload::GlobalSection(globals) => self.globals(globals.count().into()),
            Payload::TagSection(tags) => self.globals(tags.count().into()),
            Payload::TableSection(tables) => self.tables(tables),
            Payload::ElementSection(segments) => self.elements(segments),
            Payload::MemorySection(memories) => self.memories(memories),
            Payload::DataSection(segments) => self.data(&segments),
            Payload::CustomSection(section) => names(&section),
            _ => Ok(()),
        }
    }

    fn types(&mut self, types: TypeSectionReader<'_>) -> Result<(), LoadError> {
        for group in types {
            add(&mut self.types, size(group?.types().len()), Count::CoreTypes)?;
        }
        Ok(())
    }

    fn imports(&mut self, imports: ImportSectionReader<'_>) -> Result<(), LoadError> {
        for import in imports.into_imports() {
            let import = import?;
            add(&mut self.items, 1, Count::CoreItems)?;
            self.instance.take(FUNCTION);
            Count::NameBytes.check(size(import.module.len().max(import.name.len())))?;
        }
        Ok(())
    }

    fn functions(&mut self, count: u64) -> Result<(), LoadError> {
        self.instance.take(count.saturating_mul(FUNCTION));
        add(&mut self.functions, count, Count::Functions)
    }

    fn globals(&mut self, count: u64) -> Result<(), LoadError> {
        self.instance.take(count.saturating_mul(GLOBAL));
        add(&mut self.globals, count, Count::Globals)
    }

    fn exports(&mut self, exports: ExportSectionReader<'_>) -> Result<(), LoadError> {
        for export in exports {
            add(&mut self.items, 1, Count::CoreItems)?;
            Count::NameBytes.check(size(export?.name.len()))?;
        }
        Ok(())
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), LoadError> {
        let bytes = size(body.as_bytes().len());
        Count::BodyBytes.check(bytes)?;
        add(&mut self.code, bytes, Count::CodeBytes)?;
        let mut locals = 0;
        for group in body.get_locals_reader()? {
            add(&mut locals, group?.0.into(), Count::Locals)?;
        }
        add(&mut self.locals, locals, Count::AllLocals)?;
        let work = locals.saturating_mul(bytes);
        Count::Work.check(work)?;
        add(&mut self.work, work, Count::AllWork)
    }

    fn tables(&mut self, tables: TableSectionReader<'_>) -> Result<(), LoadError> {
        for table in tables {
            add(&mut self.instance.tables, 1, Count::Tables)?;
            add(&mut self.elements, table?.ty.initial, Count::Elements)?;
        }
        Ok(())
    }

    fn elements(&mut self, segments: ElementSectionReader<'_>) -> Result<(), LoadError> {
        for segment in segments {
            let items = match segment?.items {
                ElementItems::Functions(functions) => functions.count(),
                ElementItems::Expressions(_, expressions) => expressions.count(),
            };
            // A segment without elements is not free either.
            add(&mut self.elements, u64::from(items).saturating_add(1), Count::Elements)?;
        }
        Ok(())
    }

    fn memories(&mut self, memories: MemorySectionReader<'_>) -> Result<(), LoadError> {
        for memory in memories {
            let memory = memory?;
            add(&mut self.instance.memories, 1, Count::Memories)?;
            let page = 1_u64.checked_shl(memory.page_size_log2()).unwrap_or(u64::MAX);
            add(&mut self.memory, memory.initial.saturating_mul(page), Count::MemoryBytes)?;
        }
        Ok(())
    }

    fn data(&mut self, segments: &DataSectionReader<'_>) -> Result<(), LoadError> {
        add(&mut self.data, segments.count().into(), Count::DataSegments)
    }
}

/// The names of functions, which a trap shows. A section that is not well-formed is not used by anything.
fn names(section: &CustomSectionReader<'_>) -> Result<(), LoadError> {
    let KnownCustom::Name(names) = section.as_known() else { return Ok(()) };
    for name in names.into_iter().map_while(Result::ok) {
        let Name::Function(functions) = name else { continue };
        Count::Functions.check(functions.count().into())?;
        for function in functions.into_iter().map_while(Result::ok) {
            Count::NameBytes.check(size(function.name.len()))?;
        }
    }
    Ok(())
}
