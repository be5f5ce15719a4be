//! What a language's runtime imports whether it is used or not, for hosts that would give it: a folder in which the secrets of
//! a process could be read, sockets, and the names of other machines. Here there are none.

#![cfg(target_arch = "wasm32")]

use bindings::exports::wasi::filesystem::preopens;
use bindings::exports::wasi::sockets::{ip_name_lookup, tcp_create_socket, udp_create_socket};
use bindings::wasi::clocks::monotonic_clock::subscribe_duration;
use bindings::wasi::filesystem::types::Descriptor;
use bindings::wasi::io::poll::Pollable;
use bindings::wasi::sockets::network::{ErrorCode, IpAddress, IpAddressFamily, Network};
use bindings::wasi::sockets::tcp::TcpSocket;
use bindings::wasi::sockets::udp::UdpSocket;

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({ world: "payments:adapters/closed", path: ["../../../wit", "../wit"], generate_all });
}

struct Adapter;

impl preopens::Guest for Adapter {
    fn get_directories() -> Vec<(Descriptor, String)> {
        Vec::new()
    }
}

impl tcp_create_socket::Guest for Adapter {
    fn create_tcp_socket(_: IpAddressFamily) -> Result<TcpSocket, ErrorCode> {
        Err(ErrorCode::AccessDenied)
    }
}

impl udp_create_socket::Guest for Adapter {
    fn create_udp_socket(_: IpAddressFamily) -> Result<UdpSocket, ErrorCode> {
        Err(ErrorCode::AccessDenied)
    }
}

impl ip_name_lookup::Guest for Adapter {
    type ResolveAddressStream = Nobody;

    fn resolve_addresses(_: &Network, _: String) -> Result<ip_name_lookup::ResolveAddressStream, ErrorCode> {
        Err(ErrorCode::AccessDenied)
    }
}

/// The answer to a question that none is given to: nothing makes one.
struct Nobody;

impl ip_name_lookup::GuestResolveAddressStream for Nobody {
    fn resolve_next_address(&self) -> Result<Option<IpAddress>, ErrorCode> {
        Err(ErrorCode::AccessDenied)
    }

    fn subscribe(&self) -> Pollable {
        subscribe_duration(0)
    }
}

bindings::export!(Adapter with_types_in bindings);
