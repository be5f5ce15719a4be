//! The switch: a place in the component's bytes that names the bug to show.

#[cfg(not(target_arch = "wasm32"))]
use crate::table::Mutant;

/// Bytes of the switch.
const SIZE: usize = 48;
/// How it begins, everywhere.
const MARK: usize = 14;

/// Where a mutant's name goes, in the component.
#[cfg(target_arch = "wasm32")]
#[used]
static SWITCH: [u8; SIZE] = *b"mutant-switch:..................................";

/// The name in the switch; empty when it was not set.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn name() -> String {
    // SAFETY: a static of this crate, initialised and never written to. Volatile, since it was written to after the
    // compiler had seen it.
    let bytes = unsafe { std::ptr::read_volatile(&raw const SWITCH) };
    bytes[MARK..].iter().take_while(|byte| **byte != b'.').map(|byte| char::from(*byte)).collect()
}

/// The component with the bug of `mutant`.
///
/// # Errors
/// The component has no switch, or it is not one of ours.
#[cfg(not(target_arch = "wasm32"))]
pub fn turned(component: &[u8], mutant: &Mutant) -> Result<Vec<u8>, String> {
    let unset: [u8; SIZE] = *b"mutant-switch:..................................";
    let places = memmem(component, &unset[..]);
    let [place] = places[..] else {
        return Err(format!("the component has {} switches, expected one", places.len()));
    };
    let mut bytes = component.to_vec();
    let name = mutant.name.as_bytes();
    if name.len() > SIZE - MARK {
        return Err(format!("the name {} is too long for the switch", mutant.name));
    }
    bytes[place + MARK..][..name.len()].copy_from_slice(name);
    for (from, to) in mutant.patch {
        let places = memmem(&bytes, from.as_bytes());
        if places.is_empty() || from.len() != to.len() {
            return Err(format!("{from} cannot be renamed to {to}"));
        }
        for place in places {
            bytes[place..][..to.len()].copy_from_slice(to.as_bytes());
        }
    }
    Ok(bytes)
}

/// Where `needle` stands.
#[cfg(not(target_arch = "wasm32"))]
fn memmem(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    let ends = bytes.len().saturating_sub(needle.len());
    (0..=ends).filter(|at| bytes[*at..].starts_with(needle)).collect()
}
