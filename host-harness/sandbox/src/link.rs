//! What exists for a guest.

use wasmtime::Result;
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::{cli, filesystem, random, sockets};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};

use super::guest::Guest;
use super::headers;
use super::wit::{log, state};

/// Links what [`crate::component::imports::ALLOWED`] lists, one interface at a time: what is not named here does not
/// exist for a guest.
pub(super) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    let l = linker;
    state::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    log::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(l)?;
    headers::link(l)?;
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(l)?;
    cli::environment::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::exit::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_input::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_output::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_stdin::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_stdout::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_stderr::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    random::insecure::add_to_linker::<Guest, WasiRandom>(l, |guest| guest.wasi.random())?;
    random::insecure_seed::add_to_linker::<Guest, WasiRandom>(l, |guest| guest.wasi.random())?;
    files(l)?;
    network(l)
}

/// Every file is opened in a folder that one has, and a guest has none: whatever it tries ends in its own library, with
/// that one's error, and nothing of it comes to the host.
fn files(l: &mut Linker<Guest>) -> Result<()> {
    filesystem::preopens::add_to_linker::<Guest, WasiFilesystem>(l, Guest::filesystem)?;
    filesystem::types::add_to_linker::<Guest, WasiFilesystem>(l, Guest::filesystem)
}

/// What makes a socket, or asks for an address, is ours and refuses; so what works on a socket never has one.
fn network(l: &mut Linker<Guest>) -> Result<()> {
    sockets::tcp_create_socket::add_to_linker::<Guest, HasSelf<Guest>>(l, |guest| guest)?;
    sockets::udp_create_socket::add_to_linker::<Guest, HasSelf<Guest>>(l, |guest| guest)?;
    sockets::ip_name_lookup::add_to_linker::<Guest, HasSelf<Guest>>(l, |guest| guest)?;
    sockets::network::add_to_linker::<Guest, WasiSockets>(l, &<_>::default(), Guest::sockets)?;
    sockets::instance_network::add_to_linker::<Guest, WasiSockets>(l, Guest::sockets)?;
    sockets::tcp::add_to_linker::<Guest, WasiSockets>(l, Guest::sockets)?;
    sockets::udp::add_to_linker::<Guest, WasiSockets>(l, Guest::sockets)
}
