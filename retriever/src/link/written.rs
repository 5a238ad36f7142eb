//! Names as they are written: those that differ by signs alone ("C", "C++" and "C#"), and identifiers of several parts.

use std::ops::Range;

use super::Fitting;
use crate::index::EntityRecord;
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

/// The words of an identifier of which the last part was found, where something is called so by its IRI: "10.1145/359545" of
/// <https://doi.org/10.1145/359545>.
pub(super) fn whole(question: &Question, span: &Range<usize>, found: &mut Fitting) -> Range<usize> {
    let (tokens, text) = (&question.tokens, question.text.as_str());
    let joined = |at: &usize| {
        let gap = text.get(tokens[at - 1].end..tokens[*at].start);
        gap.is_some_and(|gap| !gap.contains(char::is_whitespace))
    };
    let starts = (1..=span.start).rev().take_while(joined).map(|at| at - 1);
    let written = |from: usize| &text[tokens[from].start..tokens[span.end - 1].end];
    let ends_so = |entity: &EntityRecord, told: &str| {
        let before = entity.iri.strip_suffix(told);
        !entity.labelled && before.is_some_and(|rest| rest.ends_with(['/', '#', ':']))
    };
    let called = |from: &usize| {
        let told = written(*from);
        told.contains('/') && found.iter().any(|(_, entity)| ends_so(entity, told))
    };
    let Some(from) = starts.filter(called).last() else {
        return span.clone();
    };
    let told = written(from);
    found.retain(|(_, entity)| ends_so(entity, told));
    from..span.end
}
