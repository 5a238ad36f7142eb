//! How a knowledge base tells of what sex people are.

use kg_store::rdf::{NamedNodeRef, TermRef};

use crate::catalog::Predicate;
use crate::graph::{Bound, Comparand, Filter, Link, Measure, Node, Source, Way};
use crate::link::{self, Candidate, Mention};
use crate::propose::ValueMention;
use crate::question::{Operator, Question, Sex};
use crate::thesaurus::Word;
use crate::{ReadView, RetrieverError};

/// Things called by the word for a sex that are looked at.
const MOST_NAMED: usize = 8;
/// How well a noun for people of a sex fits what is told of them.
const FIT: f64 = 0.94;

/// How it is told of what sex somebody is.
pub(crate) struct TellsSex {
    predicate: String,
    /// What it calls the sex.
    pub(crate) word: String,
    value: Value,
}

enum Value {
    Thing(String),
    Text(String),
}

/// What a sex is called.
pub(crate) fn words(sex: Sex) -> [&'static str; 3] {
    match sex {
        Sex::Male => ["male", "m", "man"],
        Sex::Female => ["female", "f", "woman"],
    }
}

impl TellsSex {
    /// How it is told that somebody is of a sex, where it is.
    pub(crate) fn find(view: &ReadView, sex: Sex) -> Result<Option<Self>, RetrieverError> {
        let of_sex =
            |predicate: &&Predicate| predicate.is_named("gender") || predicate.is_named("sex");
        for predicate in view.catalog().predicates().iter().filter(of_sex) {
            if let Some(found) = Self::of(view, predicate, sex)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What a predicate calls a sex.
    fn of(
        view: &ReadView,
        predicate: &Predicate,
        sex: Sex,
    ) -> Result<Option<Self>, RetrieverError> {
        let words = words(sex);
        let told = |word: &str, value| Self {
            predicate: predicate.iri.clone(),
            word: word.to_owned(),
            value,
        };
        let called = |text: &str| words.contains(&text.to_lowercase().as_str());
        let mut values = predicate.values.iter();
        if let Some(value) = values.find(|value| called(&value.phrase.text)) {
            let text = Value::Text(value.term.clone());
            return Ok(Some(told(&value.phrase.text, text)));
        }
        if predicate.objects.nodes == 0 {
            return Ok(None);
        }
        let about = NamedNodeRef::new_unchecked(&predicate.iri);
        for (_, entity) in view.index().by_key(words[0], MOST_NAMED)? {
            let node = NamedNodeRef::new_unchecked(&entity.iri);
            let object = Some(TermRef::NamedNode(node));
            let mut facts = view.snapshot().quads(None, Some(about), object, None);
            if facts.next().transpose()?.is_some() {
                return Ok(Some(told(words[0], Value::Thing(entity.iri.clone()))));
            }
        }
        Ok(None)
    }

    /// Puts it into the description of somebody.
    pub(crate) fn tell(&self, node: &mut Node) {
        match &self.value {
            Value::Thing(iri) => node
                .links
                .push(Link::edge(iri, &self.predicate, Way::Inverse)),
            Value::Text(term) => node.filters.push(Filter {
                measure: Measure::value(&self.predicate),
                operator: Operator::Equal,
                with: Comparand::Bound(Bound::Literal {
                    term: term.clone(),
                    text: self.word.clone(),
                }),
                or_none: false,
            }),
        }
    }

    /// Puts into the description of somebody that they are not told to be of it.
    pub(crate) fn deny(&self, node: &mut Node) {
        let mut of_it = Node::default();
        self.tell(&mut of_it);
        node.links.push(Link {
            from: Source::Node(Box::new(of_it)),
            path: Vec::new(),
            negated: true,
        });
    }
}

/// The nouns of a question that say of what sex people are: "women", "boys".
fn nouns(question: &Question) -> Vec<(usize, Sex)> {
    let tokens = question.tokens.iter().enumerate();
    let nouns = tokens.filter_map(|(at, token)| {
        let name = token.capital && at > 0;
        let lemmas = &Word::of(&token.text).lemmas;
        let is = |words: &[&str]| lemmas.iter().any(|lemma| words.contains(&lemma.as_str()));
        let sex = if is(&["woman", "girl", "lady"]) {
            Sex::Female
        } else if is(&["man", "boy", "gentleman"]) {
            Sex::Male
        } else {
            return None;
        };
        (!name && question.is_content(at)).then_some((at, sex))
    });
    nouns.collect()
}

/// Adds what a question's nouns for people of a sex stand for, where that is told: a thing is mentioned, and values are returned.
/// None of these words may be passed over then.
pub(crate) fn find(
    view: &ReadView,
    question: &mut Question,
    mentions: &mut Vec<Mention>,
) -> Result<Vec<ValueMention>, RetrieverError> {
    let mut found = Vec::new();
    for (at, sex) in nouns(question) {
        let span = at..at + 1;
        if mentions.iter().any(|mention| mention.span.contains(&at)) {
            continue;
        }
        let Some(told) = TellsSex::find(view, sex)? else {
            continue;
        };
        match told.value {
            Value::Text(term) => {
                let Some(predicate) = view.catalog().predicate(&told.predicate) else {
                    continue;
                };
                let text = told.word;
                found.push(ValueMention {
                    span,
                    predicate,
                    value: Bound::Literal { term, text },
                    fit: FIT,
                });
            }
            Value::Thing(iri) => {
                let Some(entity) = view.index().entity(&iri)? else {
                    continue;
                };
                let candidate = Candidate {
                    entity,
                    fit: FIT,
                    prior: 1.0,
                };
                mentions.push(Mention {
                    weight: FIT * link::weight(question, &span),
                    span,
                    candidates: vec![candidate],
                    of_kind: true,
                });
            }
        }
        question.of_sex.push(at);
    }
    mentions.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    Ok(found)
}
