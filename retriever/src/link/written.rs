//! Names that differ by signs alone: "C", "C++" and "C#".

use std::ops::Range;

use super::Fitting;
use crate::question::Question;

/// Signs that tell names apart.
const SIGNS: [char; 4] = ['+', '#', '*', '!'];

/// Keeps those of some things that are called as the question writes it, where their names differ by signs that keys lack.
pub(super) fn keep(question: &Question, span: &Range<usize>, found: &mut Fitting) {
    let (first, last) = (&question.tokens[span.start], &question.tokens[span.end - 1]);
    let behind = &question.text[last.end..];
    let signs = behind.len() - behind.trim_start_matches(SIGNS).len();
    let written = question.text[first.start..last.end + signs].to_lowercase();
    let bare = |name: &str| -> String {
        let name = name.split_once(" (").map_or(name, |(name, _)| name);
        name.to_lowercase()
    };
    let has_signs = |name: &str| bare(name).ends_with(SIGNS);
    let signed = signs > 0
        || found
            .iter()
            .any(|(_, entity)| entity.names().any(has_signs));
    let same = |name: &str| bare(name) == written;
    if signed && found.iter().any(|(_, entity)| entity.names().any(same)) {
        found.retain(|(_, entity)| entity.names().any(same));
    }
}
