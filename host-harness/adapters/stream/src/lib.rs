//! Holds the state of the stream that a call serves, and takes the log, for whoever calls a connector from another
//! component: a connector imports both, and a component that called it and gave it both would need itself.

#[cfg(target_arch = "wasm32")]
mod component;

/// What `wit/state.set` allows, in bytes.
pub const LARGEST: usize = 64 * 1024;

/// The state of one stream during one call.
#[derive(Debug, Default)]
pub struct Held {
    state: Option<Vec<u8>>,
    set: bool,
}

impl Held {
    /// What the last call of the stream left.
    #[must_use]
    pub fn opened(state: Option<Vec<u8>>) -> Self {
        Self { state, set: false }
    }

    /// What the connector reads.
    #[must_use]
    pub fn get(&self) -> Option<Vec<u8>> {
        self.state.clone()
    }

    /// What the connector leaves.
    pub fn set(&mut self, state: Vec<u8>) {
        *self = Self { state: Some(state), set: true };
    }

    /// What it set, if anything.
    ///
    /// # Errors
    /// It is larger than the contract allows, in words.
    pub fn closed(self) -> Result<Option<Vec<u8>>, String> {
        match self.state.filter(|_| self.set) {
            Some(state) if state.len() > LARGEST => {
                Err(format!("the connector set a state of {} bytes, and {LARGEST} are allowed", state.len()))
            }
            state => Ok(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_read_and_kept_and_what_is_not_set_is_not() {
        let mut held = Held::opened(Some(vec![1]));
        assert_eq!(held.get(), Some(vec![1]));
        held.set(vec![2]);
        assert_eq!((held.get(), held.closed()), (Some(vec![2]), Ok(Some(vec![2]))));
        assert_eq!(Held::opened(Some(vec![1])).closed(), Ok(None), "a call that sets none leaves it as it was");
    }

    #[test]
    fn a_state_beyond_the_contract_is_told_and_not_kept() {
        let mut held = Held::opened(None);
        held.set(vec![0; LARGEST + 1]);
        let error = held.closed().expect_err("too large");
        assert!(error.contains("65537 bytes, and 65536 are allowed"), "{error}");
    }
}
