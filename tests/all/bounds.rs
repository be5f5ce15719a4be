//! Whatever a component does when it is loaded, compiled or instantiated, or when it traps, the host neither stops nor
//! fills up: it ends with a typed error.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::hostile;
use crate::support::cli::folder;
use crate::support::sandbox;
use sandbox::component::LoadError;
use sandbox::component::scan::Count;
use sandbox::{
    CallError, ChildCompiler, CompileBounds, CompileCache, CompileError, Compiler, Exceeded, Limits, Metering, Sandbox,
    compile,
};
use test_components::ROGUE;
use wasm_encoder::{Function, HeapType};

/// Compiles the rogue, and counts how often that was asked for: it is done once.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Counting {
    fn times(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

// SAFETY: it gives what `compile` gave for this component and metering.
unsafe impl Compiler for Counting {
    fn compile(&self, wasm: &[u8], metering: Metering) -> Result<Vec<u8>, LoadError> {
        static PLAIN: OnceLock<Vec<u8>> = OnceLock::new();
        static METERED: OnceLock<Vec<u8>> = OnceLock::new();
        self.0.fetch_add(1, Ordering::Relaxed);
        assert_eq!(wasm, ROGUE);
        let code = if metering == Metering::On { &METERED } else { &PLAIN };
        Ok(code.get_or_init(|| compile(wasm, metering).unwrap()).clone())
    }
}

/// Why this is not loaded, and that nothing was compiled to find it out.
fn refused(wasm: &[u8]) -> LoadError {
    let compiler = Arc::new(Counting::default());
    let sandbox = Sandbox::new(Limits::default(), &CompileCache::Off).unwrap().with_compiler(compiler.clone());
    let error = sandbox.load(wasm).err().unwrap();
    assert_eq!(compiler.times(), 0, "{error}");
    error
}

#[test]
fn a_component_with_too_much_of_something_is_refused_by_its_count_and_not_compiled() {
    let alone = |module| hostile::rogue_with(&module, 0);
    let locals = |count, each| alone(hostile::functions(count, || hostile::idle(each)));
    for (count, wasm) in [
        (Count::FileBytes, hostile::large()),
        // Half a megabyte that took 84 seconds and a gigabyte to compile.
        (Count::AllLocals, locals(10_000, 9_999)),
        (Count::Locals, locals(1, 50_000)),
        // Took 27 seconds.
        (Count::Functions, locals(100_000, 0)),
        (Count::BodyBytes, alone(hostile::functions(1, || hostile::long(2 << 20, 0)))),
        (Count::CodeBytes, alone(hostile::functions(40, || hostile::long(1_000_000, 0)))),
        (Count::Work, alone(hostile::functions(1, || hostile::long(500_000, 1_000)))),
        (Count::AllWork, alone(hostile::functions(50, || hostile::long(100_000, 900)))),
        (Count::NameBytes, alone(hostile::long_name(80_000))),
        (Count::NameBytes, alone(hostile::starting(&"n".repeat(80_000), &hostile::idle(0)))),
        (Count::CoreItems, alone(hostile::imports(150_000))),
        // Took 7.8 GB, and was no error.
        (Count::Elements, hostile::rogue_with(&hostile::tables(100, 1_000_000), 10)),
        (Count::Tables, hostile::rogue_with(&hostile::tables(100, 0), 20)),
        (Count::Memories, hostile::rogue_with(&hostile::memories(50, 0), 3)),
        (Count::MemoryBytes, alone(hostile::memories(1, 65_536))),
        (Count::Instances, hostile::rogue_with(&hostile::tables(0, 0), 2_000)),
        (Count::InstanceBytes, hostile::rogue_with(&hostile::functions(50_000, || hostile::idle(0)), 50)),
        (Count::Depth, hostile::nested(20)),
        (Count::Instances, hostile::unfolding(10)),
        // Overflowed the stack, and so ended the whole process, while its types were read.
        (Count::TypeDepth, hostile::deep_type(200_000)),
    ] {
        let error = refused(&wasm);
        let LoadError::TooMuch { count: told, found } = error else { panic!("{count:?}: {error}") };
        assert_eq!(told, count, "{error}");
        assert!(found > count.cap(), "{error}");
        assert!(error.to_string().contains(&count.cap().to_string()), "{error}");
    }
}

#[test]
fn types_that_are_as_deep_as_is_taken_do_not_overflow_the_stack() {
    let error = refused(&hostile::deep_type(90));
    assert!(matches!(error, LoadError::NotAConnector { .. } | LoadError::NotAComponent(_)), "{error}");
}

/// How the call that only instantiates it ends.
async fn described(wasm: &[u8]) -> CallError {
    sandbox().load(wasm).unwrap().describe().await.unwrap_err()
}

#[tokio::test]
async fn memories_and_tables_of_all_instances_are_within_one_budget() {
    let limit = CallError::Exceeded(Exceeded::Memory(Limits::default().memory));
    let mut grow = Function::new([]);
    grow.instructions().ref_null(HeapType::FUNC).i32_const(5_000_000).table_grow(0).drop().end();
    for (what, wasm) in [
        ("tables from the start", hostile::rogue_with(&hostile::tables(100, 9_000), 5)),
        ("a table that grows", hostile::rogue_with(&hostile::starting("grow", &grow), 1)),
        ("memories from the start", hostile::rogue_with(&hostile::memories(2, 100), 6)),
    ] {
        assert_eq!(described(&wasm).await, limit, "{what}");
    }
}

#[tokio::test]
async fn the_report_of_a_trap_is_short_whatever_its_functions_are_called() {
    let mut trap = Function::new([]);
    trap.instructions().unreachable().end();
    let unfolding = (0..80).fold("_RMC0".to_owned(), |name, depth| format!("{name}TB{depth}_B{depth}_"));
    for name in [unfolding, "_ZN".repeat(20_000), "_RNvC9999999999".repeat(4_000)] {
        let CallError::Trap(report) = described(&hostile::rogue_with(&hostile::starting(&name, &trap), 1)).await else {
            panic!("expected a trap")
        };
        assert_eq!(report.frames.len(), 1, "{report}");
        assert!(report.to_string().len() < 1_000, "{} bytes", report.to_string().len());
    }
}

fn child(bounds: CompileBounds) -> Arc<ChildCompiler> {
    // SAFETY: the program is built from this library, and this command is its compiler.
    Arc::new(unsafe { ChildCompiler::new(env!("CARGO_BIN_EXE_harness"), ["compile-component"], bounds) })
}

#[tokio::test]
async fn what_a_child_compiles_runs_with_and_without_metering() {
    let start = [Sandbox::new, Sandbox::metered];
    for (start, metered) in start.into_iter().zip([false, true]) {
        let sandbox = start(Limits::default(), &CompileCache::Off).unwrap().with_compiler(child(<_>::default()));
        let called = sandbox.load(ROGUE).unwrap().describe_metered().await;
        assert_eq!(called.result.unwrap().name, "rogue");
        assert_eq!(called.report.fuel.is_some(), metered);
    }
}

#[test]
fn a_child_that_takes_too_long_or_too_much_is_ended_and_the_bound_is_named() {
    // As many functions as are taken: seconds of work.
    let slow = hostile::rogue_with(&hostile::functions(50_000, || hostile::idle(15)), 0);
    let usual = CompileBounds::default();
    let second = Duration::from_secs(1);
    for (bounds, expected) in [
        (CompileBounds { deadline: Duration::ZERO, ..usual }, CompileError::Deadline(Duration::ZERO)),
        (CompileBounds { cpu: second, ..usual }, CompileError::Cpu(second)),
        (CompileBounds { memory: 1 << 20, ..usual }, CompileError::Memory(1 << 20)),
        (CompileBounds { code: 1_000, ..usual }, CompileError::Code(1_000)),
    ] {
        let wasm = if matches!(expected, CompileError::Cpu(_)) { slow.as_slice() } else { ROGUE };
        let sandbox = Sandbox::new(Limits::default(), &CompileCache::Off).unwrap().with_compiler(child(bounds));
        assert_eq!(sandbox.load(wasm).err(), Some(LoadError::Compile(expected)));
    }
}

#[test]
fn code_that_is_not_valid_is_refused_by_the_child_in_the_compilers_words() {
    let mut bad = Function::new([]);
    bad.instructions().i32_const(1).end();
    let wasm = hostile::rogue_with(&hostile::functions(1, || bad.clone()), 0);
    let sandbox = Sandbox::new(Limits::default(), &CompileCache::Off).unwrap().with_compiler(child(<_>::default()));
    let error = sandbox.load(&wasm).err().unwrap();
    assert!(matches!(&error, LoadError::Invalid(reason) if reason.contains("values remaining on stack")), "{error}");
}

/// A cache in a folder, and how often something was compiled for want of it.
struct Kept {
    folder: PathBuf,
    compiler: Arc<Counting>,
}

impl Kept {
    fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), compiler: Arc::default() }
    }

    fn load(&self) {
        let cache = CompileCache::Folder(self.folder.clone());
        Sandbox::new(Limits::default(), &cache).unwrap().with_compiler(self.compiler.clone()).load(ROGUE).unwrap();
    }

    /// Loads, and says how often that compiled.
    fn compiled(&self) -> usize {
        let before = self.compiler.times();
        self.load();
        self.compiler.times() - before
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn compiled_code_is_kept_for_this_user_alone_and_compiled_once() {
    let folder = folder();
    let kept = Kept::new(folder.path().join("new/folder"));
    assert_eq!((kept.compiled(), kept.compiled()), (1, 0));
    let [file] = kept.files().try_into().unwrap();
    assert_eq!(fs::metadata(file).unwrap().mode() & 0o7777, 0o600);
    assert_eq!(fs::metadata(&kept.folder).unwrap().mode() & 0o7777, 0o700);
}

#[test]
fn compiled_code_with_one_bit_flipped_is_compiled_anew() {
    let folder = folder();
    let kept = Kept::new(folder.path());
    kept.load();
    let [file] = kept.files().try_into().unwrap();
    let whole = fs::read(&file).unwrap();
    for place in [0, 31, 32, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[place] ^= 0x10;
        fs::write(&file, flipped).unwrap();
        assert_eq!((kept.compiled(), kept.compiled()), (1, 0), "at byte {place}");
    }
    for size in [0, 10, 32, whole.len() - 1] {
        fs::write(&file, &whole[..size]).unwrap();
        assert_eq!(kept.compiled(), 1, "cut to {size} bytes");
    }
}

#[test]
fn compiled_code_that_another_can_have_written_is_not_run() {
    let folder = folder();
    let kept = Kept::new(folder.path());
    kept.load();
    let [file] = kept.files().try_into().unwrap();

    allow(&file, 0o620);
    assert_eq!((kept.compiled(), kept.compiled()), (1, 0), "its group can write the file: it is replaced");
    for mode in [0o720, 0o702] {
        allow(&kept.folder, mode);
        assert_eq!((kept.compiled(), kept.compiled()), (1, 1), "others can write into the folder: {mode:o}");
    }
    allow(&kept.folder, 0o700);
    assert_eq!(kept.compiled(), 0);

    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert_eq!(kept.compiled(), 1, "a link is not followed");

    let link = Kept::new(folder.path().join("link"));
    symlink(&kept.folder, &link.folder).unwrap();
    assert_eq!((link.compiled(), link.compiled()), (1, 1), "nor is a folder that is a link");
}

#[test]
fn a_folder_of_somebody_else_is_not_used() {
    let own = folder();
    let root = fs::metadata(own.path()).unwrap().uid() == 0;
    // Only root can give something away, and only for root is nothing somebody else's already.
    let folder = if root {
        std::os::unix::fs::chown(own.path(), Some(65_534), None).unwrap();
        own.path()
    } else {
        Path::new("/")
    };
    let kept = Kept::new(folder);
    assert_eq!((kept.compiled(), kept.compiled()), (1, 1));
    assert!(!root || kept.files().is_empty());
}

#[test]
fn code_that_counts_and_code_that_does_not_are_kept_apart() {
    let folder = folder();
    let compiler = Arc::new(Counting::default());
    let cache = CompileCache::Folder(folder.path().to_owned());
    for start in [Sandbox::new, Sandbox::metered, Sandbox::new, Sandbox::metered] {
        start(Limits::default(), &cache).unwrap().with_compiler(compiler.clone()).load(ROGUE).unwrap();
    }
    assert_eq!(compiler.times(), 2);
    assert_eq!(Kept::new(folder.path()).files().len(), 2);
}
