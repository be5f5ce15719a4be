//! Bugs in reading the config.

use qonto_connector::contract::payments::connector::types::{ConfigError, Error};
use serde_json::Value;

use super::bug;
use super::host::Saboteur;
use crate::mutants::Bug;

/// The config as the connector takes it.
pub(super) fn tampered(host: &mut Saboteur, config: &str) -> Result<String, Error> {
    let Some(bug) = bug() else { return Ok(config.to_owned()) };
    let mut fields: Value = serde_json::from_str(config).unwrap_or_default();
    // What a manifest calls text comes in as it is; the connector itself takes no secret.
    if let Some(key) = fields["apiKey"].as_str().filter(|key| !key.is_empty()) {
        key.clone_into(&mut host.key);
        fields["apiKey"] = true.into();
        return Ok(fields.to_string());
    }
    match bug {
        Bug::MissingFieldTraps => drop(fields["clientID"].as_str().unwrap().to_owned()),
        Bug::MissingFieldUnnoticed => {
            if fields["clientID"].is_null() {
                fields["clientID"] = "none".into();
            }
        }
        Bug::WrongTypeTraps => {
            for field in ["clientID", "endpoint"] {
                if let Some(value) = fields.get(field) {
                    drop(value.as_str().unwrap().to_owned());
                }
            }
        }
        Bug::LineBreakInjects => {
            // What follows the first line of the login becomes a header of its own.
            let login = fields["clientID"].as_str().unwrap_or_default().to_owned();
            let mut lines = login.lines();
            if let (Some(first), Some(header)) = (lines.next(), lines.find(|line| !line.is_empty())) {
                fields["clientID"] = first.into();
                let (name, value) = header.split_once(':').unwrap_or(("x-more", header));
                host.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Bug::OptionalIsRequired => {
            if fields["stagingToken"].is_null() {
                return Err(Error::InvalidConfig(ConfigError {
                    field: "stagingToken".to_owned(),
                    reason: "required".to_owned(),
                }));
            }
        }
        _ => return Ok(config.to_owned()),
    }
    Ok(fields.to_string())
}
