//! What a server asks of the store beside what a poll does: connectors as an API knows them, tasks, lists that go on from a
//! place, events, pools, notes and the audit log.

pub mod audit;
pub mod connectors;
pub mod events;
pub(crate) mod layout;
pub mod list;
pub mod notes;
pub mod pools;
pub mod schedules;
pub mod tasks;
#[cfg(test)]
mod tests;
pub mod trouble;

use rusqlite::Connection;

/// A UUID of version 4.
fn new_uuid(connection: &Connection) -> rusqlite::Result<String> {
    let mut bytes: [u8; 16] = connection.query_row("SELECT randomblob(16)", [], |row| row.get(0))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    Ok(parts.join("-"))
}
