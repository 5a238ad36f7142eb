//! Finds tokens that are matched as whole texts, before any other tokenisation.

use super::{Control, Kind};

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fragment<'a> {
    Token(u32),
    Text(&'a str),
}

struct Special {
    text: String,
    id: u32,
    /// Found in any text, as the vocabulary's author wanted; other specials need control.
    always: bool,
}

/// The tokens of a vocabulary that are matched whole.
pub(super) struct Specials {
    /// Longest first, since a longer one wins over any part of it.
    list: Vec<Special>,
}

impl Specials {
    pub(super) fn new(names: &[String], kinds: &[Kind]) -> Specials {
        let mut list: Vec<Special> = names
            .iter()
            .zip(kinds)
            .zip(0u32..)
            .filter(|((name, kind), _)| {
                !name.is_empty()
                    && matches!(kind, Kind::Control | Kind::UserDefined | Kind::Unknown)
            })
            .map(|((name, kind), id)| Special {
                text: name.clone(),
                id,
                always: *kind == Kind::UserDefined,
            })
            .collect();
        list.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then(a.id.cmp(&b.id)));
        Specials { list }
    }

    pub(super) fn control_texts(&self) -> impl Iterator<Item = &str> {
        self.list
            .iter()
            .filter(|special| !special.always)
            .map(|special| special.text.as_str())
    }

    /// Splits a text at its specials. Fragments of text are never empty.
    pub(super) fn split<'a>(&self, text: &'a str, control: Control) -> Vec<Fragment<'a>> {
        let mut fragments = vec![Fragment::Text(text)];
        for special in &self.list {
            if !(special.always || control == Control::Tokens)
                || !text.contains(special.text.as_str())
            {
                continue;
            }
            let mut next = Vec::with_capacity(fragments.len() + 2);
            for fragment in fragments {
                let Fragment::Text(text) = fragment else {
                    next.push(fragment);
                    continue;
                };
                for (index, part) in text.split(special.text.as_str()).enumerate() {
                    if index > 0 {
                        next.push(Fragment::Token(special.id));
                    }
                    next.push(Fragment::Text(part));
                }
            }
            fragments = next;
        }
        fragments.retain(|fragment| *fragment != Fragment::Text(""));
        fragments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specials() -> Specials {
        let names = ["a", "<|x|>", "<|x|>y", "<u>"].map(String::from);
        let kinds = [
            Kind::Normal,
            Kind::Control,
            Kind::Control,
            Kind::UserDefined,
        ];
        Specials::new(&names, &kinds)
    }

    #[test]
    fn the_longest_special_wins() {
        let fragments = specials().split("q<|x|>y<|x|>", Control::Tokens);
        assert_eq!(
            fragments,
            [Fragment::Text("q"), Fragment::Token(2), Fragment::Token(1)]
        );
    }

    #[test]
    fn control_tokens_have_no_power_in_plain_text() {
        let fragments = specials().split("<|x|><u>", Control::Text);
        assert_eq!(fragments, [Fragment::Text("<|x|>"), Fragment::Token(3)]);
    }

    #[test]
    fn an_empty_text_has_no_fragments() {
        assert!(specials().split("", Control::Tokens).is_empty());
    }
}
