//! Builds a workspace crate as a `wasm32-wasip2` component, from a build script.
//!
//! The component is an input of the crate that carries it, so a user needs no build step of their own. Cargo runs inside
//! cargo here: the inner one gets a target directory of its own, or it would wait for ever on the outer one's lock.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs};

/// The target that components are built for.
pub const TARGET: &str = "wasm32-wasip2";

/// Builds `package` in the workspace at `workspace` and gives the path of the component to the crate being compiled, as
/// the compile-time variable `variable`. `sources` are the files and folders, relative to the workspace, that the
/// component is made of.
///
/// Ends the build with a message that says what to do when the target cannot be added or the crate does not compile.
pub fn build_for(variable: &str, workspace: &Path, package: &str, sources: &[&str]) {
    for source in sources.iter().chain(&["Cargo.toml", "Cargo.lock"]) {
        println!("cargo::rerun-if-changed={}", workspace.join(source).display());
    }
    match build(workspace, package) {
        Ok(component) => println!("cargo::rustc-env={variable}={}", component.display()),
        Err(reason) => {
            eprintln!("cannot build the component {package}: {reason}");
            exit(1);
        }
    }
}

fn build(workspace: &Path, package: &str) -> Result<PathBuf, String> {
    ensure_target(workspace)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: this runs in build scripts only")?);
    let target_dir = out.join("component");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace).args(["build", "--locked", "--profile", "component", "--target", TARGET]);
    command.args(["--package", package]).arg("--target-dir").arg(&target_dir);
    run(clean(&mut command))?;
    Ok(target_dir.join(TARGET).join("component").join(format!("{}.wasm", package.replace('-', "_"))))
}

/// Adds the target when the toolchain lacks it.
fn ensure_target(workspace: &Path) -> Result<(), String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if has_target(&rustc, workspace) {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.current_dir(workspace).args(["target", "add", TARGET]);
    let added = run(&mut rustup);
    if has_target(&rustc, workspace) {
        return Ok(());
    }
    let reason = added.err().unwrap_or_else(|| "it was added to another toolchain than the one that builds".into());
    Err(format!("the target {TARGET} is missing and could not be added ({reason}); run `rustup target add {TARGET}`"))
}

fn has_target(rustc: &OsStr, workspace: &Path) -> bool {
    let Ok(output) =
        Command::new(rustc).current_dir(workspace).args(["--print", "target-libdir", "--target", TARGET]).output()
    else {
        return false;
    };
    let libdir = String::from_utf8_lossy(&output.stdout);
    output.status.success() && fs::read_dir(libdir.trim()).is_ok_and(|mut entries| entries.next().is_some())
}

/// Takes away what the outer cargo put into the environment for *its* target: flags and wrappers that a wasm build
/// must not inherit (`cargo clippy` would otherwise lint the component instead of building it).
fn clean(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let inherited = name.starts_with("CARGO_") && name != "CARGO_HOME" && !name.starts_with("CARGO_NET_");
        if inherited || matches!(&*name, "RUSTFLAGS" | "RUSTC_WRAPPER" | "RUSTC_WORKSPACE_WRAPPER" | "CLIPPY_ARGS") {
            command.env_remove(&name);
        }
    }
    command
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|e| format!("{}: {e}", command.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
