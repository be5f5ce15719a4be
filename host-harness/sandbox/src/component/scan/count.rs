//! What the scan counts, and how much of each a component may have.
//!
//! The caps are some times what Python and JavaScript come to as components (18.4 and 14.5 MB, some
//! 13 000 functions with 50 000 local variables, the largest of 427 KB) and a small part of what the format allows; what
//! is left in between is held by the bounds on the compiler itself.

use crate::component::LoadError;

/// Something that is counted over a component and all that is nested in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The size of the file.
    FileBytes,
    /// Sections of any kind.
    Sections,
    /// How deep components and modules are nested.
    Depth,
    /// Core modules.
    Modules,
    /// Imports, exports, aliases, instances, functions lifted and lowered, as they stand in the file.
    Items,
    /// The same, once each nested component stands in every place where it is instantiated.
    ExpandedItems,
    /// Instances of core modules, with all that nested components come to.
    Instances,
    /// What instances take before memories and tables: some bytes for each function and global variable of each.
    InstanceBytes,
    /// The size of what the components say of their types.
    TypeBytes,
    /// How deep types are nested in types, at most.
    TypeDepth,
    /// Types of the core modules.
    CoreTypes,
    /// Functions of the core modules.
    Functions,
    /// The size of one function.
    BodyBytes,
    /// The size of all functions.
    CodeBytes,
    /// Local variables of one function.
    Locals,
    /// Local variables of all functions.
    AllLocals,
    /// One function's local variables times its bytes: what a compiler that follows each variable through each block
    /// may need.
    Work,
    /// The same, over all functions.
    AllWork,
    /// The length of one name of an import, an export or a function.
    NameBytes,
    /// Imports and exports of the core modules.
    CoreItems,
    /// Global variables.
    Globals,
    /// Tables of all instances.
    Tables,
    /// Elements that tables have from the start, and that segments put into them.
    Elements,
    /// Memories of all instances.
    Memories,
    /// Bytes that memories have from the start.
    MemoryBytes,
    /// Segments of data.
    DataSegments,
}

impl Count {
    /// The most of it that is taken.
    #[must_use]
    #[allow(clippy::match_same_arms, reason = "a table: caps that are equal have nothing to do with each other")]
    pub const fn cap(self) -> u64 {
        match self {
            Self::FileBytes => 64 << 20,
            Self::Sections | Self::Items | Self::ExpandedItems | Self::Globals => 50_000,
            Self::Depth => 16,
            Self::Modules => 200,
            Self::Instances | Self::Tables => 1_000,
            Self::InstanceBytes => 32 << 20,
            Self::TypeBytes => 2 << 20,
            Self::TypeDepth => 100,
            Self::CoreTypes => 20_000,
            Self::Functions => 60_000,
            Self::BodyBytes => 1 << 20,
            Self::CodeBytes => 32 << 20,
            Self::Locals => 10_000,
            Self::AllLocals => 1_000_000,
            Self::Work => 100_000_000,
            Self::AllWork => 2_000_000_000,
            Self::NameBytes => 64 << 10,
            Self::CoreItems | Self::DataSegments => 100_000,
            Self::Elements => 1_000_000,
            Self::Memories => 100,
            Self::MemoryBytes => 1 << 30,
        }
    }

    /// What it is called after a number.
    pub(in crate::component) const fn noun(self) -> &'static str {
        match self {
            Self::FileBytes => "bytes",
            Self::Sections => "sections",
            Self::Depth => "levels of nested components",
            Self::Modules => "core modules",
            Self::Items => "imports, exports, aliases, instances and functions of components",
            Self::ExpandedItems => "items once its nested components are instantiated",
            Self::Instances => "instances of core modules",
            Self::InstanceBytes => "bytes of instances",
            Self::TypeBytes => "bytes of types of components",
            Self::TypeDepth => "levels of types within types",
            Self::CoreTypes => "core types",
            Self::Functions => "functions",
            Self::BodyBytes => "bytes in one function",
            Self::CodeBytes => "bytes of code",
            Self::Locals => "local variables in one function",
            Self::AllLocals => "local variables",
            Self::Work => "local variables times bytes in one function",
            Self::AllWork => "local variables times bytes over all functions",
            Self::NameBytes => "bytes in one name",
            Self::CoreItems => "imports and exports of core modules",
            Self::Globals => "global variables",
            Self::Tables => "tables",
            Self::Elements => "elements of tables",
            Self::Memories => "memories",
            Self::MemoryBytes => "bytes of memory at its start",
            Self::DataSegments => "segments of data",
        }
    }

    /// What an author does about it.
    pub(in crate::component) const fn advice(self) -> &'static str {
        match self {
            Self::FileBytes | Self::CodeBytes | Self::Functions => {
                "build it for size (in Rust `opt-level = \"z\"` and `lto`) and leave out what it does not use"
            }
            Self::BodyBytes | Self::Locals | Self::AllLocals | Self::Work | Self::AllWork => {
                "build it optimised, or split its largest functions"
            }
            Self::NameBytes => "strip its symbols (`strip = true`, `wasm-tools strip`)",
            Self::Tables | Self::Elements | Self::Memories | Self::MemoryBytes | Self::DataSegments => {
                "let it start with less, and grow what it needs while it runs"
            }
            _ => "no toolchain that is known makes one like it; build it as one component with fewer parts",
        }
    }

    /// # Errors
    /// [`LoadError::TooMuch`] when `found` is more than the cap.
    pub(super) fn check(self, found: u64) -> Result<(), LoadError> {
        if found > self.cap() { Err(LoadError::TooMuch { count: self, found }) } else { Ok(()) }
    }
}
