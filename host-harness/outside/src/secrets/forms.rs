//! A text as those see it who undo its escapes, byte by byte: no form of it is ever written down.
//!
//! A form is what is left after undoing one kind of escape in the text, or in another form. It differs from what it was
//! made of for as long as the automaton can tell them apart: for a few bytes after an escape. So a form is *awake* only
//! that long; one that sleeps is the same as the form that it is made of.

use aho_corasick::automaton::StateID;

use super::escapes::{self, LONGEST, SIGNS, Start};
use super::needles::{Find, Needles};

/// How many kinds of escapes there are.
const KINDS: usize = SIGNS.len();
/// The text and its forms, three escapes inside one another: JSON in a JSON string in a form.
const COUNT: usize = 1 + KINDS + KINDS * KINDS + KINDS * KINDS * KINDS;
/// The text itself.
const TEXT: usize = 0;

#[derive(Clone, Copy)]
struct Form {
    state: StateID,
    /// The beginning of what may become an escape, as it stands in the form that this one is made of.
    pending: [u8; LONGEST],
    length: usize,
    /// Where that begins in the text. All of it is in one run: there are no other bytes in escapes.
    since: usize,
}

/// The forms of a text around some of its escapes.
pub(super) struct Forms<'a> {
    needles: &'a Needles,
    each: [Form; COUNT],
    /// One bit for each form.
    awake: u128,
    found: Option<Find>,
}

impl<'a> Forms<'a> {
    pub(super) fn new(needles: &'a Needles) -> Self {
        let form = Form { state: needles.start(), pending: [0; LONGEST], length: 0, since: 0 };
        Self { needles, each: [form; COUNT], awake: 0, found: None }
    }

    /// Reads `text` from the escape at `sign` until all forms sleep again, there is a find, or `end`. What is before
    /// `from` does not count. The place that it got to, and the find. In the text as it stands nothing is found here.
    pub(super) fn read(&mut self, text: &[u8], from: usize, sign: usize, end: usize) -> (usize, Option<Find>) {
        self.awake = 0;
        self.found = None;
        let near = sign.saturating_sub(self.needles.longest()).max(from);
        self.each[TEXT].state =
            text[near..sign].iter().fold(self.needles.start(), |state, byte| self.needles.next(state, *byte));
        for (at, byte) in text.iter().enumerate().take(end).skip(sign) {
            self.push(TEXT, *byte, at);
            if self.found.is_some() || self.asleep() {
                return (at + 1, self.found);
            }
        }
        if end == text.len() {
            // From the text inwards, so that what one form lets go is seen by those made of it.
            for form in 1..COUNT {
                if self.is_awake(form) {
                    self.let_go(form, self.each[form].length);
                }
            }
        }
        (end, self.found)
    }

    /// The next byte of a form, the last that stands for it being at `at`.
    fn push(&mut self, form: usize, byte: u8, at: usize) {
        if made_of(form, 0) < COUNT {
            let kind = SIGNS.iter().position(|sign| *sign == byte && self.needles.minds(byte));
            if let Some(kind) = kind
                && !self.is_awake(made_of(form, kind))
            {
                self.wake(form, kind);
            }
            for kind in 0..KINDS {
                if self.is_awake(made_of(form, kind)) {
                    self.undo(made_of(form, kind), kind, byte, at);
                }
            }
        }
        let state = self.needles.next(self.each[form].state, byte);
        self.each[form].state = state;
        if form != TEXT && self.found.is_none() {
            self.found = self.needles.ends(state, at);
        }
    }

    /// The next byte of what a form is made of by undoing escapes of a kind.
    fn undo(&mut self, form: usize, kind: usize, byte: u8, at: usize) {
        let Form { length, since, .. } = self.each[form];
        if length == 0 && byte != SIGNS[kind] {
            return self.push(form, byte, at);
        }
        self.each[form].pending[length] = byte;
        self.each[form].length = length + 1;
        self.each[form].since = if length == 0 { at } else { since };
        match escapes::read(&self.each[form].pending[..=length]) {
            Start::Part => {}
            Start::Escape(_, (bytes, count)) => {
                self.each[form].length = 0;
                bytes[..count].iter().for_each(|byte| self.push(form, *byte, at));
            }
            Start::Not => {
                // The byte that shows it may be a sign in its turn; those before it are not, but for the first.
                self.let_go(form, length);
                self.undo(form, kind, byte, at);
            }
        }
    }

    /// The first `length` pending bytes are no escape.
    fn let_go(&mut self, form: usize, length: usize) {
        let Form { pending, since, .. } = self.each[form];
        self.each[form].length = 0;
        pending[..length].iter().for_each(|byte| self.push(form, *byte, since));
    }

    /// Until now a form was the same as what it is made of, and so were the forms made of the two.
    fn wake(&mut self, form: usize, kind: usize) {
        let woken = made_of(form, kind);
        self.each[woken] = Form { length: 0, ..self.each[form] };
        self.awake |= bit(woken);
        for other in (0..KINDS).filter(|other| *other != kind) {
            self.copy(made_of(form, other), made_of(woken, other));
        }
    }

    fn copy(&mut self, from: usize, to: usize) {
        if to < COUNT && self.is_awake(from) {
            self.each[to] = self.each[from];
            self.awake |= bit(to);
            (0..KINDS).for_each(|kind| self.copy(made_of(from, kind), made_of(to, kind)));
        }
    }

    /// True if nothing that is still to come can tell any form from the text.
    fn asleep(&self) -> bool {
        let same = |form: usize| self.each[form].length == 0 && self.each[form].state == self.each[TEXT].state;
        let mut awake = self.awake;
        while awake != 0 {
            if !same(awake.trailing_zeros() as usize) {
                return false;
            }
            awake &= awake - 1;
        }
        true
    }

    fn is_awake(&self, form: usize) -> bool {
        self.awake & bit(form) != 0
    }
}

fn bit(form: usize) -> u128 {
    1 << form
}

/// The form that is made of `form` by undoing escapes of a kind.
fn made_of(form: usize, kind: usize) -> usize {
    form * KINDS + 1 + kind
}
