//! Components that are made to hurt the host, as bytes: the rogue with a core module more, or a component of nothing else.

#![allow(clippy::unwrap_used, reason = "test support")]

use sandbox::component::scan::Count;
use wasm_encoder::{
    CodeSection, Component, ComponentExportKind, ComponentInstanceSection, ComponentSection, ConstExpr, EntityType,
    ExportKind, ExportSection, Function, FunctionSection, ImportSection, InstanceSection, MemorySection, MemoryType,
    Module, ModuleArg, ModuleSection, NameMap, NameSection, NestedComponentSection, RawSection, RefType, StartSection,
    TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{Encoding, Parser, Payload};

/// The connector that behaves, with a core module more, instantiated this often.
pub fn rogue_with(module: &Module, instances: u32) -> Vec<u8> {
    let mut section = InstanceSection::new();
    let index = modules(test_components::ROGUE);
    for _ in 0..instances {
        section.instantiate(index, std::iter::empty::<(&str, ModuleArg)>());
    }
    let mut component = test_components::ROGUE.to_vec();
    append(&mut component, &ModuleSection(module));
    append(&mut component, &section);
    component
}

/// Modules of the component itself, those of nested ones not counted.
fn modules(component: &[u8]) -> u32 {
    let (mut depth, mut count) = (0_u32, 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::Version { encoding, .. } => {
                depth += 1;
                count += u32::from(depth == 2 && encoding == Encoding::Module);
            }
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    count
}

fn append(component: &mut Vec<u8>, section: &impl ComponentSection) {
    section.append_to_component(component);
}

/// A module of so many functions, each with a body that `body` makes.
pub fn functions(count: u32, body: impl Fn() -> Function) -> Module {
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    let body = body();
    for _ in 0..count {
        functions.function(0);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module
}

/// A function with so many local variables that does nothing.
pub fn idle(locals: u32) -> Function {
    let mut function = Function::new([(locals, ValType::I64)]);
    function.instructions().end();
    function
}

/// A function of at least so many bytes.
pub fn long(bytes: usize, locals: u32) -> Function {
    let mut function = Function::new([(locals, ValType::I64)]);
    for _ in 0..bytes {
        function.instructions().nop();
    }
    function.instructions().end();
    function
}

/// A module that starts by running `body`, in a function of this name. It has a table of its own.
pub fn starting(name: &str, body: &Function) -> Module {
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    functions.function(0);
    code.function(body);
    let (mut names, mut map) = (NameSection::new(), NameMap::new());
    map.append(0, name);
    names.functions(&map);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&table_section(1, 0));
    module.section(&StartSection { function_index: 0 }).section(&code).section(&names);
    module
}

fn table_section(count: u32, elements: u64) -> TableSection {
    let mut tables = TableSection::new();
    for _ in 0..count {
        let element_type = RefType::FUNCREF;
        tables.table(TableType { element_type, table64: false, minimum: elements, maximum: None, shared: false });
    }
    tables
}

/// A module of so many tables with so many elements each.
pub fn tables(count: u32, elements: u64) -> Module {
    let mut module = Module::new();
    module.section(&table_section(count, elements));
    module
}

/// A module of so many memories with so many pages each.
pub fn memories(count: u32, pages: u64) -> Module {
    let mut memories = MemorySection::new();
    for _ in 0..count {
        let minimum = pages;
        memories.memory(MemoryType { minimum, maximum: None, memory64: false, shared: false, page_size_log2: None });
    }
    let mut module = Module::new();
    module.section(&memories);
    module
}

/// A module that exports a global variable under a name of this length.
pub fn long_name(bytes: usize) -> Module {
    let mut globals = wasm_encoder::GlobalSection::new();
    let global_type = wasm_encoder::GlobalType { val_type: ValType::I32, mutable: false, shared: false };
    globals.global(global_type, &ConstExpr::i32_const(0));
    let mut exports = ExportSection::new();
    exports.export(&"n".repeat(bytes), ExportKind::Global, 0);
    let mut module = Module::new();
    module.section(&globals).section(&exports);
    module
}

/// A module that imports so much.
pub fn imports(count: usize) -> Module {
    let mut imports = ImportSection::new();
    for _ in 0..count {
        imports.import("", "", EntityType::Function(0));
    }
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut module = Module::new();
    module.section(&types).section(&imports);
    module
}

/// A component within a component, so deep.
pub fn nested(depth: u64) -> Vec<u8> {
    let innermost = Component::new();
    (0..depth)
        .fold(innermost, |inner, _| {
            let mut outer = Component::new();
            outer.section(&NestedComponentSection(&inner));
            outer
        })
        .finish()
}

/// A component that instantiates the one within it ten times, and so on, so deep.
pub fn unfolding(depth: u32) -> Vec<u8> {
    let innermost = {
        let mut component = Component::new();
        component.section(&ModuleSection(&Module::new()));
        let mut instances = InstanceSection::new();
        instances.instantiate(0, std::iter::empty::<(&str, ModuleArg)>());
        component.section(&instances);
        component
    };
    (0..depth)
        .fold(innermost, |inner, _| {
            let mut outer = Component::new();
            outer.section(&NestedComponentSection(&inner));
            let mut instances = ComponentInstanceSection::new();
            for _ in 0..10 {
                instances.instantiate(0, std::iter::empty::<(&str, ComponentExportKind, u32)>());
            }
            outer.section(&instances);
            outer
        })
        .finish()
}

/// A component whose only type is an instance with a type in it that is an instance with a type in it, so deep.
pub fn deep_type(depth: usize) -> Vec<u8> {
    // An instance type with one declaration, which is a type; innermost, one without declarations.
    let mut data = vec![1];
    data.extend([0x42, 1, 1].repeat(depth));
    data.extend([0x42, 0]);
    let mut component = Component::new();
    component.section(&RawSection { id: 7, data: &data });
    component.finish()
}

/// A file of one byte more than is taken.
pub fn large() -> Vec<u8> {
    let mut component = Component::new().finish();
    component.resize(usize::try_from(Count::FileBytes.cap()).unwrap() + 1, 0);
    component
}
