//! Headers that are too many or too long are an error that a guest can handle.
//!
//! The library ends the guest instead: its own contract has no word for it. Nor has `wasi:http` 0.2, of whose errors
//! `forbidden` is the one that says that the host will not have it.

use wasmtime::component::{Linker, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::p2::bindings::http::types::{HeaderError, HostFields as _};
use wasmtime_wasi_http::p2::{HeaderError as Failed, HeaderResult};
use wasmtime_wasi_http::{FieldMap, FieldMapError, WasiHttpView as _};

use super::guest::Guest;

/// The interface, in the version in which it is linked.
const TYPES: &str = "wasi:http/types@0.2.12";

/// Puts the functions that can make headers too large in the place of the library's.
pub(super) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap(
        "[static]fields.from-list",
        |mut store: StoreContextMut<'_, Guest>, (entries,): (Vec<(String, Vec<u8>)>,)| {
            told(store.data_mut().http().from_list(entries))
        },
    )?;
    types.func_wrap(
        "[method]fields.set",
        |mut store: StoreContextMut<'_, Guest>, (fields, name, values): (Resource<FieldMap>, String, Vec<Vec<u8>>)| {
            told(store.data_mut().http().set(fields, name, values))
        },
    )?;
    types.func_wrap(
        "[method]fields.append",
        |mut store: StoreContextMut<'_, Guest>, (fields, name, value): (Resource<FieldMap>, String, Vec<u8>)| {
            told(store.data_mut().http().append(fields, name, value))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What a guest is told of a change to its headers.
fn told<T>(changed: HeaderResult<T>) -> Result<(std::result::Result<T, HeaderError>,)> {
    let failed: Failed = match changed {
        Ok(changed) => return Ok((Ok(changed),)),
        Err(failed) => failed,
    };
    match failed.downcast() {
        Ok(error) => Ok((Err(error),)),
        Err(error) if is_of_size(error.downcast_ref()) => Ok((Err(HeaderError::Forbidden),)),
        Err(error) => Err(error),
    }
}

fn is_of_size(error: Option<&FieldMapError>) -> bool {
    matches!(error, Some(FieldMapError::TooManyFields | FieldMapError::TotalSizeTooBig))
}
