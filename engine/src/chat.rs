//! Chat templates: from a conversation to a prompt in the model's own format.

use minijinja::{Environment, Error, ErrorKind, context};

use crate::tokenizer::{Control, Tokenizer};
use crate::{ChatTurn, EngineError};

const NAME: &str = "chat";
/// Instructions that a template may spend; a loop over a conversation needs few.
const FUEL: u64 = 10_000_000;

/// A model's chat template, compiled.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
}

impl ChatTemplate {
    /// Compiles a template written for Hugging Face's conventions.
    pub(crate) fn new(source: &str) -> Result<ChatTemplate, EngineError> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL));
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<(), Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| EngineError::unsupported(format!("its chat template: {error}")))?;
        Ok(ChatTemplate { environment })
    }

    /// Renders a conversation, with the model's turn begun, and encodes it.
    ///
    /// Control tokens that the template writes are tokens. Those that a turn's role or content spells stay
    /// ordinary text: a mask, which no turn holds, is put into each before rendering, and taken out again
    /// once the control tokens have been found.
    pub(crate) fn encode(
        &self,
        turns: &[ChatTurn],
        tokenizer: &Tokenizer,
    ) -> Result<Vec<u32>, EngineError> {
        let mask = mask_for(turns);
        let controls: Vec<&str> = tokenizer.control_texts().collect();
        let masked: Vec<ChatTurn> = turns
            .iter()
            .map(|turn| ChatTurn {
                role: disarm(&turn.role, &controls, &mask, Inside::Allowed),
                content: disarm(&turn.content, &controls, &mask, Inside::Broken),
            })
            .collect();
        let name = |id: Option<u32>| id.and_then(|id| tokenizer.name(id)).unwrap_or("");
        let rendered = self
            .environment
            .get_template(NAME)
            .and_then(|template| {
                template.render(context! {
                    messages => masked,
                    add_generation_prompt => true,
                    bos_token => name(tokenizer.bos()),
                    eos_token => name(tokenizer.eos()),
                })
            })
            .map_err(|error| EngineError::Template(error.to_string()))?;
        let ids = tokenizer.encode_masked(&rendered, Control::Tokens, &mask)?;
        Ok(tokenizer.begin(ids))
    }
}

/// A string that occurs in no turn, made of characters that text never has.
fn mask_for(turns: &[ChatTurn]) -> String {
    let mut mask = String::from("\u{fdd0}\u{fdd1}");
    while turns
        .iter()
        .any(|turn| turn.content.contains(&mask) || turn.role.contains(&mask))
    {
        mask.insert(0, '\u{fdd0}');
    }
    mask
}

/// What becomes of a text that the template may put into the middle of a control text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// It completes the control text: templates write `<|` role `|>`, and mean it.
    Allowed,
    /// It does not.
    Broken,
}

/// Puts the mask into each control text within `text`, and where its beginning, its end or the whole of it
/// could complete one together with what the template writes beside it.
fn disarm(text: &str, controls: &[&str], mask: &str, inside: Inside) -> String {
    let mut breaks = Vec::new();
    let trimmed_start = text.len() - text.trim_start().len();
    let trimmed_end = text.trim_end().len();
    for control in controls {
        // One character suffices to break a match; the first is there in each.
        let first = control.chars().next().map_or(0, char::len_utf8);
        let mut from = 0;
        while let Some(at) = text[from..].find(control) {
            breaks.push(from + at + first);
            from += at + first;
        }
        // Templates trim; so what counts is the text without the spaces around it.
        let trimmed = text.trim();
        if inside == Inside::Broken && !trimmed.is_empty() && control.contains(trimmed) {
            breaks.push(trimmed_start);
        }
        for (at, _) in control.char_indices().skip(1) {
            if text[..trimmed_end].ends_with(&control[..at]) {
                breaks.push(trimmed_end);
            }
            if text[trimmed_start..].starts_with(&control[at..]) {
                breaks.push(trimmed_start);
            }
        }
    }
    breaks.sort_unstable();
    breaks.dedup();
    let mut out = String::with_capacity(text.len() + breaks.len() * mask.len());
    let mut from = 0;
    for at in breaks {
        out.push_str(&text[from..at]);
        out.push_str(mask);
        from = at;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turn(content: &str) -> ChatTurn {
        ChatTurn {
            role: "user".into(),
            content: content.into(),
        }
    }

    fn broken(text: &str, controls: &[&str], mask: &str) -> String {
        disarm(text, controls, mask, Inside::Broken)
    }

    #[test]
    fn what_stands_inside_a_control_text_is_broken_unless_the_template_means_it() {
        assert_eq!(broken(" user ", &["<|user|>"], "#"), " #user ");
        assert_eq!(disarm("user", &["<|user|>"], "#", Inside::Allowed), "user");
    }

    #[test]
    fn control_texts_are_broken() {
        let out = broken("a<|im_end|>b", &["<|im_end|>"], "#");
        assert_eq!(out, "a<#|im_end|>b");
    }

    #[test]
    fn halves_at_the_edges_are_broken() {
        assert_eq!(broken("x<|im", &["<|im_end|>"], "#"), "x<|im#");
        assert_eq!(broken(" end|>x", &["<|im_end|>"], "#"), " #end|>x");
        assert_eq!(broken("plain text", &["<|im_end|>"], "#"), "plain text");
    }

    #[test]
    fn the_mask_grows_until_no_turn_holds_it() {
        let mask = mask_for(&[turn("\u{fdd0}\u{fdd1}")]);
        assert_eq!(mask, "\u{fdd0}\u{fdd0}\u{fdd1}");
    }

    proptest! {
        #[test]
        fn nothing_that_is_disarmed_completes_a_control_text(
            before in "[<|>a]{0,4}", text in "[<|>ab ]{0,12}", after in "[<|>a]{0,4}",
        ) {
            let controls = ["<|a|>", "<a>", "||"];
            let mask = "\u{fdd0}\u{fdd1}";
            let out = broken(&text, &controls, mask);
            prop_assert_eq!(out.replace(mask, ""), text.as_str());
            for control in controls {
                prop_assert!(!out.contains(control));
                let whole = format!("{before}{}{after}", out.trim());
                let outside = before.matches(control).count() + after.matches(control).count();
                // An empty text leaves the template's own characters side by side.
                if !text.trim().is_empty() {
                    prop_assert!(whole.matches(control).count() <= outside);
                }
            }
        }
    }
}
