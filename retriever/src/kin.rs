//! What a knowledge base tells of relatives, so that questions for others can be put in terms of it.

use kg_store::rdf::TermRef;

use crate::catalog::Predicate;
use crate::question::{Reworded, Sex, ToldOfKin, in_plain_ties, names_relatives};
use crate::{ReadView, RetrieverError};

/// Things called by the word for a sex that are looked at.
const MOST_NAMED: usize = 8;

/// The question in other words, where it speaks of relatives that the knowledge base tells by parents, children and sexes.
pub(crate) fn reworded(view: &ReadView, text: &str) -> Result<Option<Reworded>, RetrieverError> {
    if !names_relatives(text) {
        return Ok(None);
    }
    let catalog = view.catalog();
    let predicates = catalog.predicates();
    let called = |word: &str| {
        let mut classes = catalog.classes().iter().filter(|class| class.instances > 0);
        let class = |name: &crate::catalog::Phrase| name.text.eq_ignore_ascii_case(word);
        predicates.iter().any(|predicate| predicate.is_named(word))
            || classes.any(|known| known.names.iter().any(class))
    };
    let of_sex = |predicate: &&Predicate| predicate.is_named("gender") || predicate.is_named("sex");
    let mut words = [None, None];
    for (word, sex) in words.iter_mut().zip([Sex::Male, Sex::Female]) {
        for predicate in predicates.iter().filter(of_sex) {
            if word.is_none() {
                *word = called_sex(view, predicate, sex)?;
            }
        }
    }
    let sex = |sex| words[usize::from(sex == Sex::Female)].clone();
    let told = ToldOfKin {
        called: &called,
        sex: &sex,
    };
    Ok(in_plain_ties(text, &told))
}

/// What a predicate calls a sex.
fn called_sex(
    view: &ReadView,
    predicate: &Predicate,
    sex: Sex,
) -> Result<Option<String>, RetrieverError> {
    let words = match sex {
        Sex::Male => ["male", "m", "man"],
        Sex::Female => ["female", "f", "woman"],
    };
    let mut values = predicate.values.iter().map(|value| &value.phrase.text);
    if let Some(value) = values.find(|value| words.contains(&value.to_lowercase().as_str())) {
        return Ok(Some(value.clone()));
    }
    if predicate.objects.nodes == 0 {
        return Ok(None);
    }
    let about = kg_store::rdf::NamedNodeRef::new_unchecked(&predicate.iri);
    for (_, entity) in view.index().by_key(words[0], MOST_NAMED)? {
        let node = kg_store::rdf::NamedNodeRef::new_unchecked(&entity.iri);
        let object = Some(TermRef::NamedNode(node));
        let mut facts = view.snapshot().quads(None, Some(about), object, None);
        if facts.next().transpose()?.is_some() {
            return Ok(Some(words[0].to_owned()));
        }
    }
    Ok(None)
}
