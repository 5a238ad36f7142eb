//! Class words of a question.

use std::ops::Range;

use crate::catalog::Catalog;
use crate::question::Question;
use crate::text;

/// A span of the question that names a class.
#[derive(Clone, Debug)]
pub struct ClassMention {
    /// The tokens.
    pub span: Range<usize>,
    /// The class.
    pub class: usize,
    /// How well the words fit its name, from 0 to 1.
    pub fit: f64,
}

/// Finds class words, singular or plural, the longest first. Where one lies within another, the longer one
/// is meant.
pub(super) fn find(question: &Question, catalog: &Catalog) -> Vec<ClassMention> {
    let tokens = &question.tokens;
    let mut found: Vec<ClassMention> = Vec::new();
    for (number, class) in catalog.classes().iter().enumerate() {
        for name in &class.names {
            let length = name.tokens.len();
            if length == 0 || length > 5 || class.instances == 0 {
                continue;
            }
            for start in 0..(tokens.len() + 1).saturating_sub(length) {
                let span = start..start + length;
                if !span.clone().any(|at| question.is_content(at)) {
                    continue;
                }
                let fit = tokens[span.clone()]
                    .iter()
                    .zip(&name.tokens)
                    .map(|(a, b)| {
                        let like = text::word_likeness(&a.text, &a.stem, &b.text, &b.stem);
                        // A derived word is another word: a capital is no capitalist.
                        if like < 0.89 { 0.0 } else { like }
                    })
                    .fold(1.0, f64::min);
                if fit > 0.0 {
                    found.push(ClassMention {
                        span,
                        class: number,
                        fit,
                    });
                }
            }
        }
    }
    found.sort_by(|a, b| {
        let instances = |m: &ClassMention| catalog.classes()[m.class].instances;
        b.span
            .len()
            .cmp(&a.span.len())
            .then(b.fit.total_cmp(&a.fit))
            .then(instances(b).cmp(&instances(a)))
    });
    let mut kept: Vec<ClassMention> = Vec::new();
    for mention in found {
        let within = kept.iter().any(|k| {
            k.span.start <= mention.span.start
                && mention.span.end <= k.span.end
                && k.span != mention.span
        });
        let known = kept
            .iter()
            .any(|k| k.span == mention.span && k.class == mention.class);
        if !within && !known {
            kept.push(mention);
        }
    }
    kept.truncate(8);
    kept
}
