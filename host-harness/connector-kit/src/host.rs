//! What the connector needs from outside, as one trait: the logic runs natively in tests and benchmarks.

pub use crate::contract::payments::connector::log::Level;

/// A GET request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpGet {
    /// The absolute URL, query included.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
}

/// An answer to a request, whatever its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// The value of a header, its name compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpFailure {
    /// True when the host refused to send the request: repeating it cannot help.
    pub denied: bool,
    /// True when the host holds requests back for now: a further one would be held back as well.
    pub withheld: bool,
    /// What happened, for a person.
    pub message: String,
}

/// The outside of the connector: HTTP, the state of the stream, diagnostics.
pub trait Host {
    /// A request on its way.
    type Sent;

    /// Sends a request, and does not wait for its answer.
    fn send(&mut self, request: &HttpGet) -> Self::Sent;

    /// Waits for an answer and reads it whole.
    ///
    /// # Errors
    /// No complete answer: the transport failed, or the host does not allow the request.
    fn answer(&mut self, sent: Self::Sent) -> Result<HttpAnswer, HttpFailure>;

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// As of `answer`.
    fn get(&mut self, request: &HttpGet) -> Result<HttpAnswer, HttpFailure> {
        let sent = self.send(request);
        self.answer(sent)
    }

    /// The state of the running stream.
    fn state(&mut self) -> Option<Vec<u8>>;

    /// Replaces the state of the running stream.
    fn set_state(&mut self, state: Vec<u8>);

    /// Writes one line for the operator.
    fn log(&mut self, level: Level, message: &str);
}
