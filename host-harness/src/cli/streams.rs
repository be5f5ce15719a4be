//! Streams as a person knows them: `payments · Compte principal`, and not by the bank's identifiers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use model::shown::one_line;
use store::{PollStore as _, Store, StreamKey};

/// A reference that is longer than this is told by its end.
const LONG: usize = 12;
/// So much of its end, where that tells it from the others.
const END: usize = 8;

/// The streams of one install.
pub struct Streams<'a> {
    store: &'a Store,
    install: &'a str,
    /// By reference, as they were last read; none for what has no name.
    accounts: Mutex<BTreeMap<String, Option<String>>>,
}

impl<'a> Streams<'a> {
    pub fn of(store: &'a Store, install: &'a str) -> Self {
        Self { store, install, accounts: Mutex::default() }
    }

    /// A stream, for a person. Another program takes its key.
    pub fn name(&self, stream: &StreamKey) -> String {
        let task = stream.task.strip_prefix("fetch-").unwrap_or(&stream.task).replace('-', " ");
        let parent = stream.parent.as_deref().map(|parent| format!(" · {}", self.account(parent))).unwrap_or_default();
        one_line(&format!("{task}{parent}"))
    }

    /// The same, of a stream's key as the store writes it down.
    pub fn name_of(&self, key: &str) -> String {
        let (task, parent) = key.split_once('/').map_or((key, None), |(task, parent)| (task, Some(parent.to_owned())));
        self.name(&StreamKey { install: self.install.to_owned(), task: task.to_owned(), parent })
    }

    /// Until when the provider asked that a stream be left alone; none where it did not.
    pub fn left_alone_until(&self, stream: &StreamKey) -> Option<DateTime<Utc>> {
        self.store.stream(stream).ok()?.not_before
    }

    /// Accounts may have other names than when they were last asked for.
    pub fn read_anew(&self) {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn account(&self, reference: &str) -> String {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if !accounts.contains_key(reference) {
            // What cannot be read now has no name now; whatever else is wrong with the store, others tell.
            let names = self.store.account_names(self.install).unwrap_or_default();
            accounts.extend(names.into_iter().map(|(reference, name)| (reference, Some(name))));
        }
        let Some(name) = accounts.entry(reference.to_owned()).or_default().clone() else {
            return end(reference, &[]);
        };
        let is_same = |other: &Option<String>| other.as_ref() == Some(&name);
        let same = accounts.iter().filter(|(other, named)| *other != reference && is_same(named));
        let same: Vec<&str> = same.map(|(other, _)| &**other).collect();
        if same.is_empty() { name } else { format!("{name} ({})", end(reference, &same)) }
    }
}

/// As much of the end of a reference as tells it from `others`.
fn end(reference: &str, others: &[&str]) -> String {
    let characters = reference.chars().count();
    let ends = (END..characters).map(|length| reference.chars().skip(characters - length).collect::<String>());
    let mut telling = ends.filter(|end| !others.iter().any(|other| other.ends_with(end.as_str())));
    match telling.next().filter(|_| characters > LONG) {
        Some(end) => format!("…{end}"),
        None => reference.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_reference_is_as_long_as_it_takes_to_tell_it_from_others() {
        let one = "0193-aaaa-7b1c9a2e";
        for (others, told) in [
            (&[][..], "…7b1c9a2e"),
            (&["0193-bbbb-11111111"], "…7b1c9a2e"),
            (&["0193-bbbb-7b1c9a2e"], "…a-7b1c9a2e"),
            (&["x0193-aaaa-7b1c9a2e"], one),
        ] {
            assert_eq!(end(one, others), told);
        }
        assert_eq!(end("acc-1", &[]), "acc-1");
        assert_eq!(end("compte-é-é-é-é-é", &[]), "…-é-é-é-é");
    }
}
