//! Walks a constraint over the bytes of a text as it comes.

use engine::{Allowed, Constraint, END_OF_SEQUENCE};

/// A text that is to be in a constraint's language. White space and quotation marks around it, which models like
/// to add, are not part of it.
pub(crate) struct Bound {
    constraint: Box<dyn Constraint>,
    text: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the text has come.
    Before { quoted: bool },
    /// The text is under way.
    Within { quoted: bool },
    /// The text has ended; white space follows, and where it was quoted one more mark.
    After { quoted: bool },
}

/// What has become of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// More may come.
    Open,
    /// It is complete, and nothing can follow.
    Complete,
    /// It is not in the language.
    Outside,
}

impl Bound {
    /// A text of which nothing has come.
    pub(crate) fn new(constraint: Box<dyn Constraint>) -> Bound {
        Bound {
            constraint,
            text: Vec::new(),
            state: State::Before { quoted: false },
        }
    }

    /// Takes more of what the model says.
    pub(crate) fn push(&mut self, more: &str) -> Walk {
        for byte in more.bytes() {
            if !self.step(byte) {
                return Walk::Outside;
            }
            if matches!(self.state, State::Within { .. })
                && self.constraint.allowed() == Allowed::End
            {
                return Walk::Complete;
            }
        }
        Walk::Open
    }

    /// The text, as far as it has come, and whether it may end here. Part of a character is left out.
    pub(crate) fn finish(mut self) -> (String, bool) {
        let ended = match self.state {
            State::After { .. } => true,
            State::Before { quoted: true } => false,
            State::Before { .. } | State::Within { .. } => self.may_end(),
        };
        let whole = match std::str::from_utf8(&self.text) {
            Ok(_) => self.text.len(),
            Err(error) => error.valid_up_to(),
        };
        let cut = whole < self.text.len();
        self.text.truncate(whole);
        let text = String::from_utf8(self.text).unwrap_or_default();
        (text, ended && !cut)
    }

    fn step(&mut self, byte: u8) -> bool {
        if let State::After { quoted } = self.state {
            if quoted && byte == b'"' {
                self.state = State::After { quoted: false };
                return true;
            }
            return byte.is_ascii_whitespace();
        }
        if self.allows(byte) {
            self.constraint.accept(u32::from(byte));
            self.text.push(byte);
            self.state = match self.state {
                State::Before { quoted } | State::Within { quoted } | State::After { quoted } => {
                    State::Within { quoted }
                }
            };
            return true;
        }
        match self.state {
            State::Before { .. } if byte.is_ascii_whitespace() => true,
            State::Before { quoted: false } if byte == b'"' => {
                self.state = State::Before { quoted: true };
                true
            }
            State::Within { quoted } if self.may_end() => {
                let closing = quoted && byte == b'"';
                self.state = State::After {
                    quoted: quoted && !closing,
                };
                closing || byte.is_ascii_whitespace()
            }
            _ => false,
        }
    }

    fn allows(&self, byte: u8) -> bool {
        match self.constraint.allowed() {
            Allowed::Any => true,
            Allowed::Tokens(tokens) => tokens.contains(&u32::from(byte)),
            Allowed::Mask(set) => set.contains(u32::from(byte)),
            Allowed::End | Allowed::Fault(_) => false,
        }
    }

    fn may_end(&self) -> bool {
        match self.constraint.allowed() {
            Allowed::Any | Allowed::End => true,
            Allowed::Tokens(tokens) => tokens.contains(&END_OF_SEQUENCE),
            Allowed::Mask(set) => set.contains(END_OF_SEQUENCE),
            Allowed::Fault(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::TokenTrie;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn bound(texts: &[&str]) -> Bound {
        let ids = |text: &&str| text.bytes().map(u32::from).collect();
        Bound::new(Arc::new(TokenTrie::new(texts.iter().map(ids))).constraint())
    }

    fn whole(bound: Bound) -> Option<String> {
        let (text, complete) = bound.finish();
        complete.then_some(text)
    }

    /// What becomes of a text that comes whole.
    fn read(texts: &[&str], said: &str) -> Option<String> {
        let mut bound = bound(texts);
        match bound.push(said) {
            Walk::Outside => None,
            Walk::Open | Walk::Complete => whole(bound),
        }
    }

    #[test]
    fn a_text_is_in_the_language_or_it_is_not() {
        let texts = ["It is A.", "It is A. And B.", "Né."];
        for said in [
            "It is A.",
            " \n It is A.\n",
            "\"It is A.\"",
            "\"It is A.\" \n",
        ] {
            assert_eq!(read(&texts, said).as_deref(), Some("It is A."), "{said:?}");
        }
        assert_eq!(
            read(&texts, "It is A. And B.").as_deref(),
            Some("It is A. And B.")
        );
        assert_eq!(read(&texts, "\u{20}Né.").as_deref(), Some("Né."));
        for said in [
            "",
            " ",
            "\"",
            "It is",
            "It is B.",
            "it is A.",
            "It  is A.",
            "It is A. And",
            "It is A.\"",
            "\"It is A.\"\"",
            "It is A.\nIt is B.",
            "Answer: It is A.",
            "N\u{e8}.",
        ] {
            assert_eq!(read(&texts, said), None, "{said:?}");
        }
    }

    #[test]
    fn it_is_known_at_once_that_a_text_is_complete_or_outside() {
        let mut complete = bound(&["yes", "no"]);
        assert_eq!(complete.push("\nye"), Walk::Open);
        assert_eq!(complete.push("s, and more"), Walk::Complete);
        assert_eq!(complete.finish(), ("yes".to_owned(), true));
        let mut outside = bound(&["yes", "no"]);
        assert_eq!(outside.push("yi"), Walk::Outside);
        let mut cut = bound(&["yes", "no"]);
        assert_eq!(cut.push(" ye"), Walk::Open);
        assert_eq!(cut.finish(), ("ye".to_owned(), false));
    }

    #[test]
    fn white_space_and_marks_of_the_language_itself_are_kept() {
        assert_eq!(read(&[" \"a\" "], " \"a\" ").as_deref(), Some(" \"a\" "));
        assert_eq!(read(&["", "a"], " ").as_deref(), Some(""));
    }

    proptest! {
        #[test]
        fn nothing_but_the_language_is_read(
            texts in prop::collection::btree_set("[ab\" ]{1,4}", 1..5),
            said in "[ab\" \n]{0,8}",
            cut in any::<prop::sample::Index>(),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            if texts.contains(&said.as_str()) && !texts.iter().any(|t| said.starts_with(*t) && *t != said) {
                prop_assert_eq!(read(&texts, &said), Some(said.clone()));
            }
            let text = read(&texts, &said);
            if let Some(text) = &text {
                prop_assert!(texts.contains(&text.as_str()));
            }
            let mut parts = bound(&texts);
            let (first, second) = said.split_at(cut.index(said.len() + 1));
            let walk = match parts.push(first) {
                Walk::Open => parts.push(second),
                over => over,
            };
            let again = if walk == Walk::Outside { None } else { whole(parts) };
            prop_assert_eq!(again, text);
        }
    }
}
