//! Of what kind the answers of a reading are, and whether that is the kind asked for.

use std::ops::Range;

use kg_store::rdf::Term;

use super::{Step, chain};
use crate::RetrieverError;
use crate::catalog::{Phrase, Predicate};
use crate::graph::Way;
use crate::propose::times::tells_the_end;
use crate::propose::{ClassMention, Proposer};
use crate::question::Form;
use crate::rank::tells_a_reason;
use crate::text;
use crate::thesaurus::Word;

/// A noun this fitting says of what kind the answer is.
pub(super) const LEAST_KIND: f64 = 0.3;
/// Other facts by which the kind of an answer is told.
const TELLING: usize = 4;
/// What is asked for being named by a value speaks this much for the things that have it.
const OF_VALUE: f64 = 0.5;
/// A noun that names of things hold says this much of their kind.
const BY_NAME: f64 = 0.8;
/// A noun this fitting calls things what they are.
const CALLED: f64 = 0.6;
/// A class that fits less than this is narrower than what the question names, and what there is else, is of it as well.
const WIDER: f64 = 0.5;
/// A class that this share of things belongs to is that of all of them.
const ALL: f64 = 0.99;
/// What it speaks against an answer that it is of another kind than the one asked for.
const OTHER: f64 = 0.5;
/// A time is what is asked for with "what" only where it is named this well.
const NAMED_TIME: f64 = 0.5;
/// What speaks for a time at which something ended, or for another one, where the question asks for the other of the two.
const OTHER_TIME: f64 = 0.7;
/// What nouns denote that are no times.
const THINGS: [&str; 8] = [
    "person", "location", "group", "artifact", "animal", "plant", "food", "object",
];
/// Names of a thing, and facts of it, that are looked at for it.
const NAMES: usize = 4;
const SAID: usize = 12;

/// The kind of answer that a step leads to, beside the one that the question names.
#[derive(Clone)]
pub(super) struct Kind {
    pub(super) words: Option<Range<usize>>,
    pub(super) classes: Vec<String>,
    pub(super) class: Option<usize>,
    pub(super) score: f64,
    pub(super) explains: Vec<f64>,
}

impl Kind {
    /// Things of a class that the question names.
    pub(super) fn named(p: &Proposer<'_>, mention: &ClassMention) -> Self {
        let mut explains = vec![0.0; p.question.tokens.len()];
        explains[mention.span.clone()].fill(mention.fit);
        Self {
            words: Some(mention.span.clone()),
            classes: p.view.catalog().iris_under(mention.class),
            class: Some(mention.class),
            score: mention.fit,
            explains,
        }
    }

    /// The same, where the question may ask for things of another class: "which genes | are behind the disorders".
    pub(super) fn told(p: &Proposer<'_>, mention: &ClassMention) -> Self {
        let mut kind = Self::named(p, mention);
        // Yes or no is asked for no thing.
        let asks = p.question.form != Form::Ask;
        if asks && (p.asks_for_another(mention) || p.is_no_answer(mention)) {
            kind.score = -1.0;
        } else if p
            .question
            .asked
            .is_some_and(|at| !mention.span.contains(&at))
        {
            // "In what city is the company": of what is asked for no class is known.
            let select = p.question.form == Form::Select && p.question.combining.is_none();
            let unknown = select && p.asked_classes().next().is_none();
            kind.score = if unknown { 0.0 } else { kind.score };
        }
        kind
    }

    /// Things of whatever class.
    pub(super) fn any(score: f64, explains: Vec<f64>) -> Self {
        Self {
            words: None,
            classes: Vec::new(),
            class: None,
            score,
            explains,
        }
    }
}

/// The kinds of answer that the question's class words allow at the end of a step.
pub(super) fn kinds(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    step: &Step,
) -> Result<Vec<Kind>, RetrieverError> {
    let implied = implied(p, span, step)?;
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[step.predicate];
    let spread = predicate.classes_at(step.way);
    let mut kinds = Vec::new();
    let number = step.way == Way::Forward && predicate.is_numeric() && !predicate.tells_a_time();
    if is_never(p, step, number) {
        return Ok(kinds);
    }
    let (mut asked, mut several) = (false, false);
    for mention in &p.classes {
        if mention.span.start < span.end && span.start < mention.span.end {
            continue;
        }
        // The same words may name the predicate: "in which country" asks for the value of "country".
        let named = step.way == Way::Forward
            && mention.span.clone().all(|at| step.fit.explains[at] > 0.8)
            && step.fit.lexical > 0.7;
        asked |= !named;
        // "In which countries" asks for things of that class, rather than for the one value of "country".
        several |= named && step.facts <= 1 && is_plural(p, mention);
        let literal = step.way == Way::Forward && predicate.objects.nodes == 0;
        let share = catalog
            .share(spread, predicate.facts, mention.class)
            .unwrap_or(0.0);
        if literal || share == 0.0 {
            continue;
        }
        if (mention.fit < WIDER || mention.narrower) && share < ALL {
            // "Papers" are more than the conference papers among them.
            continue;
        }
        let mut kind = Kind::told(p, mention);
        if step.way == Way::Forward && predicate.objects.nodes < predicate.facts {
            // Of what is told by its name alone, no class is.
            kind.classes.clear();
        }
        kinds.push(kind);
    }
    // The class word may only describe an entity, or be no class word at all.
    let score = if several || (kinds.is_empty() && asked && step.fit.lexical < 0.9) {
        -0.4
    } else {
        0.0
    };
    // Of one value there is nothing to count; and what is known to be of other classes is not what is asked for.
    let counts_one =
        several && p.question.form == Form::Count && predicate.is_functional() && step.facts <= 1;
    let known: u64 = spread.values().sum();
    let never = |mention: &ClassMention| {
        let share = catalog.share(spread, predicate.facts, mention.class);
        share.unwrap_or(0.0) == 0.0
    };
    let named = p.asked_classes().next().is_some();
    let elsewhere = named && known * 2 > predicate.facts && p.asked_classes().all(never);
    let time = p.question.wants_time && predicate.tells_a_time() && step.way == Way::Forward;
    // Nobody is a number or a date.
    let value = step.way == Way::Forward && (predicate.is_numeric() || predicate.is_temporal());
    let text = step.way == Way::Forward && predicate.objects.nodes == 0;
    let measure = p.question.measured.is_some();
    // Which pilot flew it is no day either.
    let named_person = p.question.asked.is_some_and(|at| {
        let noun = Word::of(&p.question.tokens[at].text);
        let told = predicate.is_called(&p.question.tokens[at].text);
        noun.categories.first() == Some(&"person") && !told
    });
    let someone = p.question.wants_someone || p.question.wants_place || named_person;
    // "How much damage did it do" asks for a number.
    let much = p.question.much().is_some_and(|at| {
        let thing = step.way == Way::Inverse || predicate.objects.nodes * 2 > predicate.facts;
        thing && predicate.through.is_empty() && at < p.question.tokens.len()
    });
    let lasts = |words: &[&str]| words.contains(&"duration") && predicate.is_temporal();
    let measured = p
        .question
        .measured
        .is_some_and(|(_, words)| number || lasts(words));
    let open =
        p.question.asked.is_none() && p.question.tokens.first().is_some_and(|t| t.text == "what");
    let untimely = open && value && predicate.tells_a_time() && step.fit.lexical < NAMED_TIME;
    // "When did she become": of two times, the one at which something begins; "when did she leave", the other one.
    let other = tells_the_end(predicate) != p.question.wants_end && step.fit.lexical < NAMED_TIME;
    let score = if time && other {
        OTHER_TIME
    } else if time || measured {
        1.0
    } else if untimely {
        // "What did she study" asks for no date.
        -OTHER
    } else if measure {
        // What is tall or heavy so much is told by a number.
        -1.0
    } else if counts_one || elsewhere || (value && someone) {
        -1.0
    } else if much || ((value || text) && named) {
        // Nor is it a thing of some class.
        -OTHER
    } else {
        score + implied
    };
    kinds.push(Kind::any(score, vec![0.0; p.question.tokens.len()]));
    Ok(kinds)
}

/// Whether what a step leads to can be no answer to the word that opens the question: no number of pages tells when, no
/// member of a club does, and nobody, and no place, is a number or a date.
fn is_never(p: &Proposer<'_>, step: &Step, number: bool) -> bool {
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[step.predicate];
    if p.question.form == Form::Count && step.way == Way::Forward && predicate.is_temporal() {
        // Nor is a day how many there are of anything.
        return true;
    }
    let thing = p.question.asked.is_some_and(|at| {
        let noun = Word::of(&p.question.tokens[at].text);
        let first = noun.categories.first().copied().unwrap_or_default();
        THINGS.contains(&first) && step.fit.explains[at] < CALLED
    });
    if thing && step.way == Way::Forward && predicate.is_temporal() {
        // Nor is one a company, or a school.
        return true;
    }
    if p.question.wants_someone || p.question.wants_place {
        let literal = step.way == Way::Forward && predicate.objects.nodes == 0;
        return literal && (predicate.is_numeric() || predicate.is_temporal());
    }
    if p.question.wants_reason.is_some() && step.way == Way::Forward {
        // Nor is a number or a day a reason.
        return predicate.is_numeric() || predicate.is_temporal();
    }
    if !p.question.wants_time {
        return false;
    }
    let spread = predicate.classes_at(step.way);
    let time = |class: &usize| {
        let noun = catalog.classes()[*class].noun();
        noun.is_some_and(|noun| noun.denotes("time"))
    };
    let things = step.way == Way::Inverse || predicate.objects.nodes * 2 > predicate.facts;
    number || (things && !spread.is_empty() && !spread.keys().any(time))
}

/// What speaks for the kind of the answer where no class does: that the noun asked for fits what the fact leads to, or
/// the question word does.
fn implied(p: &mut Proposer<'_>, span: &Range<usize>, step: &Step) -> Result<f64, RetrieverError> {
    let question = p.question;
    if let Some(at) = question.asked {
        if span.contains(&at) {
            // "Name a goalkeeper": what is asked for is named by the value that it has.
            let lists = step.way == Way::Inverse && !describes(p, span);
            return Ok(if lists { OF_VALUE } else { 0.0 });
        }
        let thing = Word::of(&question.tokens[at].text).is_nobody();
        let person = || {
            let predicate = &p.view.catalog().predicates()[step.predicate];
            step.way == Way::Forward && is_named(predicate, "person")
        };
        if thing && step.reached == 0.0 && person() {
            // Whom "actor" leads to is no film, however much has to do with films.
            return Ok(-LEAST_KIND);
        }
        let fit = p.matcher.kind_words(step.predicate, step.way)?[at].max(step.reached);
        // "What is her favourite dish" asks for a fact of that name, rather than for things of that kind.
        let had = question.describes.is_some() && step.way == Way::Forward;
        if had && fit >= LEAST_KIND && step.fit.explains[at] < CALLED && step.reached == 0.0 {
            return Ok(0.0);
        }
        return Ok(if fit >= LEAST_KIND {
            0.6 * fit
        } else {
            fit - LEAST_KIND
        });
    }
    if question.wants_reason.is_some() {
        let predicate = &p.view.catalog().predicates()[step.predicate];
        let reason = step.way == Way::Forward && tells_a_reason(predicate);
        return Ok(if reason { OF_VALUE } else { 0.0 });
    }
    let category = match (
        question.wants_someone,
        question.wants_place,
        question.wants_time,
    ) {
        (true, ..) => "person",
        (_, true, _) => "location",
        (.., true) => "time",
        _ => return Ok(0.0),
    };
    if step.way == Way::Inverse {
        // What has a fact is no time; and it is nobody where the question calls it something else: "who | acted in the
        // films written by".
        let nobody =
            question.wants_someone && (!are_somebody(p, step) || is_called(p, span, step)?);
        let other = question.wants_time || nobody;
        let people = question.wants_someone && chain::are_people(p, step.predicate, step.way);
        return Ok(match (other, people) {
            (true, _) => -OTHER,
            (false, true) => LEAST_KIND,
            (false, false) => 0.0,
        });
    }
    let predicate = &p.view.catalog().predicates()[step.predicate];
    if question.wants_someone && !are_somebody(p, step) {
        return Ok(-OTHER);
    }
    // Whom a thing is made by is somebody, as a rule.
    let by = |name: &Phrase| name.tokens.last().is_some_and(|word| word.text == "by");
    let agent = question.wants_someone && predicate.names_by_side().0.iter().any(by);
    let label = predicate.names_by_side().0.first();
    let is = |category: &str| label.is_some_and(|name| denotes(name, category));
    if agent || is(category) {
        return Ok(0.5);
    }
    if is_named(predicate, category) {
        return Ok(0.3);
    }
    // A text that many things have is the title of a job rather than the name of somebody.
    let shared = predicate.objects.nodes == 0 && !predicate.values.is_empty();
    if question.wants_someone && shared && p.view.catalog().is_labelled() {
        return Ok(-1.0);
    }
    if question.wants_someone && (is("location") || is("time")) {
        // A place of birth is nobody.
        return Ok(if is("group") { 0.0 } else { -OTHER });
    }
    if question.wants_place && are_no_places(p, step) {
        // Where something is made is no brand.
        return Ok(-OTHER);
    }
    // Where other facts lead to the same things, their names tell as well.
    let mut others = predicate.profiles[1].split(", ").take(TELLING);
    let told = others.any(|name| denotes(&Phrase::new(name), category));
    Ok(if told { 0.4 } else { 0.0 })
}

/// Whether the names of a predicate say that its objects are of some category of nouns.
fn is_named(predicate: &Predicate, category: &str) -> bool {
    let denotes = |name: &Phrase| denotes(name, category);
    predicate.names_by_side().0.iter().any(denotes)
}

/// Whether the objects of a name are of some category of nouns: those of "member of sports team" are teams.
fn denotes(name: &Phrase, category: &str) -> bool {
    let words = match name.tokens.as_slice() {
        [role, of, rest @ ..]
            if of.text == "of" && matches!(role.text.as_str(), "member" | "part") =>
        {
            rest
        }
        all => &all[..name.head],
    };
    let mut words = words.iter().map(|word| &word.text);
    words.any(|word| !text::is_function_word(word) && Word::of(word).denotes(category))
}

/// Whether all things that a step leads to are of classes that are no places for sure: brands, people.
fn are_no_places(p: &Proposer<'_>, step: &Step) -> bool {
    const NO_PLACE: [&str; 4] = ["cognition", "attribute", "time", "person"];
    const PLACE: [&str; 6] = ["location", "group", "artifact", "object", "event", "body"];
    let catalog = p.view.catalog();
    let spread = catalog.predicates()[step.predicate].classes_at(step.way);
    let is_any = |noun: &Word, of: &[&str]| of.iter().any(|category| noun.denotes(category));
    !spread.is_empty()
        && spread.keys().all(|class| {
            let noun = catalog.classes()[*class].noun();
            noun.is_some_and(|noun| is_any(&noun, &NO_PLACE) && !is_any(&noun, &PLACE))
        })
}

/// Whether what a step leads to may be somebody.
fn are_somebody(p: &Proposer<'_>, step: &Step) -> bool {
    let predicate = &p.view.catalog().predicates()[step.predicate];
    p.may_be_somebody(predicate.classes_at(step.way))
}

/// Whether some word of the question, a noun for what is nobody, is one for what has the facts of a step.
fn is_called(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    step: &Step,
) -> Result<bool, RetrieverError> {
    let words = p.matcher.kind_words(step.predicate, Way::Inverse)?;
    let question = p.question;
    Ok((0..words.len()).any(|at| {
        let nobody = Word::of(&question.tokens[at].text).is_nobody();
        // "Who | reports | to her": the verb that the fact is called by is no noun.
        let verb = at == 1 && step.fit.explains[at] >= CALLED;
        words[at] >= CALLED && !span.contains(&at) && nobody && !verb
    }))
}

/// Whether the question asks what a mention is, rather than for things of that kind: "what is rock music".
fn describes(p: &Proposer<'_>, span: &Range<usize>) -> bool {
    let question = p.question;
    let someone = question.tokens.first().is_some_and(|t| t.text == "who");
    let article = span
        .start
        .checked_sub(1)
        .is_some_and(|before| matches!(question.tokens[before].text.as_str(), "a" | "an"));
    question.describes.as_ref().is_some_and(|rest| {
        let whole = rest
            .clone()
            .all(|at| span.contains(&at) || !question.is_content(at));
        whole && !(someone && article)
    })
}

/// How far the noun for what is asked is one for what an edge leads to, by the names of those things, or of what is said
/// of them: "Mayes County" is a county, and so is what is an instance of "county of Utah".
pub(super) fn named_kind(
    p: &Proposer<'_>,
    span: &Range<usize>,
    ends: &[Term],
) -> Result<f64, RetrieverError> {
    let Some(at) = p.question.asked.filter(|at| !span.contains(at)) else {
        return Ok(0.0);
    };
    let stem = &p.question.tokens[at].stem;
    let named = |thing: &Term| -> Result<bool, RetrieverError> {
        let Term::NamedNode(node) = thing else {
            return Ok(false);
        };
        let names = p.view.snapshot().names(node.as_ref())?;
        let mut words = names
            .iter()
            .take(NAMES)
            .flat_map(|name| text::tokens(&name.value));
        Ok(words.any(|word| word.stem == *stem))
    };
    let mut found = 0;
    for end in ends {
        let mut is = named(end)?;
        if let (Term::NamedNode(node), false) = (end, is) {
            let facts = p
                .view
                .snapshot()
                .quads(Some(node.as_ref().into()), None, None, None);
            for fact in facts.take(SAID) {
                let fact = fact?;
                let telling = p
                    .view
                    .catalog()
                    .predicate(fact.predicate.as_str())
                    .is_some();
                if telling && named(&fact.object)? {
                    is = true;
                    break;
                }
            }
        }
        found += usize::from(is);
    }
    Ok(if found > 0 && 2 * found >= ends.len() {
        BY_NAME
    } else {
        0.0
    })
}

/// Whether a class is named otherwise than in its names, and therefore in the plural.
fn is_plural(p: &Proposer<'_>, mention: &ClassMention) -> bool {
    let class = &p.view.catalog().classes()[mention.class];
    let words = class.names.iter().flat_map(|name| &name.tokens);
    let words: Vec<&str> = words.map(|token| token.text.as_str()).collect();
    mention
        .span
        .clone()
        .any(|at| !words.contains(&p.question.tokens[at].text.as_str()))
}
