//! Counts a knowledge base through.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, vocab};

use super::anonymous::Labels;
use super::class_names::{ClassNames, closure};
use super::naming::Names;
use super::phrasings::Own;
use super::roles::{self, OBJECT, SUBJECT};
use super::spelling::Spelling;
use super::told::{Thing, Told, subject_key};
use super::usage::Usage;
use super::{COMPLETE, Catalog, Class, Named, Predicate, Vectors};
use super::{
    composed, converse, duplicates, entailed, name_nodes, narrowed, phrasings, profile, reified,
    rough, same, spelling, telling, terms, unit,
};
use crate::conventions::SUBCLASS;
use crate::{Conventions, RetrieverError};

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
const OWL: &str = "http://www.w3.org/2002/07/owl#";
const WIKIBASE: &str = "http://wikiba.se/ontology#";
const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
const DOMAIN: &str = "http://www.w3.org/2000/01/rdf-schema#domain";
const RANGE: &str = "http://www.w3.org/2000/01/rdf-schema#range";

/// Classes below one of which the facts count for it; where there are more, its own do.
const MOST_BELOW: usize = 500;

/// Whether a predicate names, describes or defines things rather than stating facts about them.
pub(super) fn is_structural(iri: &str) -> bool {
    kg_store::rdf::is_naming(iri)
        || (iri.starts_with(RDF) && iri != SUBJECT && iri != OBJECT)
        || iri.starts_with(RDFS)
        || iri.starts_with(OWL)
        || iri.starts_with(WIKIBASE)
        || iri == COMPLETE
        || phrasings::is_phrasing(iri)
        || iri.strip_prefix(SKOS).is_some_and(|name| {
            matches!(
                name,
                "definition" | "note" | "scopeNote" | "inScheme" | "notation" | "hiddenLabel"
            )
        })
}

pub(super) fn build(snapshot: &Snapshot, vectors: &Vectors) -> Result<Catalog, RetrieverError> {
    let mut conventions = Conventions::find(snapshot)?;
    loop {
        // A predicate that has no label is met only in the course of counting, which then begins anew.
        match count(snapshot, vectors, conventions)? {
            Counted::Catalog(catalog) => return Ok(*catalog),
            Counted::Tells(more) => conventions = *more,
        }
    }
}

enum Counted {
    Catalog(Box<Catalog>),
    /// Classes are told by further predicates.
    Tells(Box<Conventions>),
}

fn count(
    snapshot: &Snapshot,
    vectors: &Vectors,
    mut conventions: Conventions,
) -> Result<Counted, RetrieverError> {
    // How things are named is found out anew.
    let snapshot = &snapshot.named_by(&Arc::default());
    let hasher = RandomState::new();
    let mut names = ClassNames::default();
    let mut below: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    let mut types: HashMap<u64, Vec<u32>> = HashMap::new();
    let mut told_by: HashMap<usize, BTreeMap<String, u64>> = HashMap::new();
    let mut of_standard: HashSet<u64> = HashSet::new();
    let told = conventions.typing().map(|typing| {
        let typing = NamedNodeRef::new_unchecked(typing);
        snapshot.quads(None, Some(typing), None, None)
    });
    for quad in told.flatten() {
        let quad = quad?;
        if let Term::NamedNode(class) = &quad.object
            && !class.as_str().starts_with(OWL)
            && !class.as_str().starts_with(RDFS)
            && !class.as_str().starts_with(RDF)
            && !class.as_str().starts_with(WIKIBASE)
        {
            let number = names.number(class.as_str());
            let own = types
                .entry(hasher.hash_one(subject_key(&quad.subject)))
                .or_default();
            if !own.contains(&(number as u32)) {
                own.push(number as u32);
            }
            if !conventions.is_standard() {
                if quad.predicate == vocab::rdf::TYPE {
                    of_standard.insert(hasher.hash_one(subject_key(&quad.subject)));
                }
                let ways = told_by.entry(number).or_default();
                *ways.entry(quad.predicate.into_string()).or_default() += 1;
            }
        }
    }
    // Each class above a told class is a class of the entity as well.
    let wider = conventions.widening().map(|widening| {
        let widening = NamedNodeRef::new_unchecked(widening);
        snapshot.quads(None, Some(widening), None, None)
    });
    let mut by_standard: Vec<(usize, usize)> = Vec::new();
    for quad in wider.flatten() {
        let quad = quad?;
        if let (NamedOrBlankNode::NamedNode(low), Term::NamedNode(high)) =
            (&quad.subject, &quad.object)
        {
            let (low, high) = (names.number(low.as_str()), names.number(high.as_str()));
            below.entry(high).or_default().insert(low);
            if quad.predicate.as_str() == SUBCLASS {
                by_standard.push((low, high));
            }
        }
    }
    let with_subclasses: Vec<Vec<usize>> = (0..names.iris.len())
        .map(|class| closure(class, &below))
        .collect();
    let mut instances = vec![0_u64; names.iris.len()];
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); names.iris.len()];
    for (class, lower) in with_subclasses.iter().enumerate() {
        for &low in lower {
            above[low].push(class);
        }
    }
    // Where a class has no instances, but much is told of the classes below it, these are its members.
    let with_instances: HashSet<usize> = types
        .values()
        .flatten()
        .flat_map(|&told| above[told as usize].iter().copied())
        .collect();
    let mut of_classes: HashSet<usize> = HashSet::new();
    for &(low, high) in &by_standard {
        let known = with_instances.contains(&high) || of_classes.contains(&high);
        if !known && terms::is_told_of(snapshot, &names.iris[low], &conventions)? {
            let wider = above[high].iter().copied();
            of_classes.extend(wider.filter(|class| {
                !with_instances.contains(class) && !names.iris[*class].starts_with(OWL)
            }));
        }
    }
    // So are those of each class below such a one.
    let below_one = |high: usize| above[high].iter().any(|class| of_classes.contains(class));
    let more: Vec<usize> = by_standard
        .iter()
        .map(|&(_, high)| high)
        .filter(|high| below_one(*high))
        .collect();
    of_classes.extend(more);
    for (low, high) in by_standard {
        if low != high && of_classes.contains(&high) {
            let own = types.entry(hasher.hash_one(&names.iris[low])).or_default();
            if !own.contains(&(high as u32)) {
                own.push(high as u32);
            }
        }
    }
    if !of_classes.is_empty() {
        let iris: Vec<Arc<str>> = names.iris.iter().map(|iri| iri.as_str().into()).collect();
        let iri = |class: &usize| Arc::clone(&iris[*class]);
        let with_below = |class: &usize| {
            let below = with_subclasses[*class].iter().filter(|low| *low != class);
            // A part of them would give an answer that is wrong.
            let few = with_subclasses[*class].len() <= MOST_BELOW;
            let all = std::iter::once(class).chain(below.filter(|_| few));
            (iri(class), all.map(iri).collect())
        };
        conventions.tell_of_classes(of_classes.iter().map(with_below).collect());
    }
    let told_classes = |key: &str| -> &[u32] {
        let told = types.get(&hasher.hash_one(key));
        told.map(Vec::as_slice).unwrap_or_default()
    };
    let classes_of = |key: &str| -> Vec<usize> {
        let told = told_classes(key);
        let mut all: Vec<usize> = told
            .iter()
            .flat_map(|&c| above[c as usize].iter().copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    for told in types.values() {
        let all: HashSet<usize> = told
            .iter()
            .flat_map(|&c| above[c as usize].iter().copied())
            .collect();
        for class in all {
            instances[class] += 1;
        }
    }

    let mut usage: HashMap<String, Usage> = HashMap::new();
    let mut told = Told::default();
    let mut thing = Thing::default();
    let mut known = conventions.clone();
    let mut naming = Names::find(snapshot)?;
    let mut labels = Labels::default();
    let spelt = with_instances.iter().map(|class| {
        let iri = names.iris[*class].as_str();
        (instances[*class], iri)
    });
    let mut spelling = Spelling::of_classes(snapshot, spelt.collect())?;
    let several = !snapshot.named_graphs()?.is_empty();
    let mut quads = 0_u64;
    let mut subject = String::new();
    let mut subject_classes = Vec::new();
    for quad in snapshot.quads(None, None, None, None) {
        let quad = quad?;
        quads += 1;
        let key = subject_key(&quad.subject);
        if key != subject {
            told.count(&thing);
            let read = (thing.named, several);
            naming.count(snapshot, &subject, read, told_classes(&subject))?;
            subject_classes = classes_of(&key);
            thing = Thing {
                standard: of_standard.contains(&hasher.hash_one(&key)),
                blank: matches!(quad.subject, NamedOrBlankNode::BlankNode(_)),
                ..Thing::default()
            };
            subject = key;
        }
        let structural = is_structural(quad.predicate.as_str());
        if kg_store::rdf::is_naming(quad.predicate.as_str()) {
            if let (false, Term::Literal(label)) = (thing.named, &quad.object) {
                let again = several && !labels.is_new(hasher.hash_one(&subject));
                if !again {
                    labels.count(label.value(), told_classes(&subject));
                }
            }
            thing.named = true;
        }
        thing.classified |= conventions.is_typing(quad.predicate.as_str());
        thing.has_facts |= !structural;
        // Predicates of its own for classes state facts that may be asked for as well.
        if structural {
            continue;
        }
        if !usage.contains_key(quad.predicate.as_str()) {
            if !snapshot.is_named(quad.predicate.as_ref())? {
                known.note(quad.predicate.as_str());
            }
            usage.insert(quad.predicate.as_str().to_owned(), Usage::default());
        }
        let Some(entry) = usage.get_mut(quad.predicate.as_str()) else {
            continue;
        };
        entry.facts += 1;
        let mark = hasher.hash_one(&subject);
        if entry.last_subject != Some(mark) {
            entry.last_subject = Some(mark);
            entry.subjects += 1;
        }
        for &class in &subject_classes {
            *entry.domain.entry(class).or_default() += 1;
        }
        if let Term::Literal(literal) = &quad.object {
            naming.note(snapshot, &spelling, &quad.predicate, literal)?;
        }
        match &quad.object {
            Term::Literal(literal) => entry.note(literal),
            Term::NamedNode(node) => {
                entry.note_node(hasher.hash_one(node.as_str()));
                for class in classes_of(node.as_str()) {
                    *entry.range.entry(class).or_default() += 1;
                }
            }
            Term::BlankNode(node) => entry.note_node(hasher.hash_one(node.as_str())),
        }
    }

    told.count(&thing);
    let read = (thing.named, several);
    naming.count(snapshot, &subject, read, told_classes(&subject))?;
    if known != conventions {
        return Ok(Counted::Tells(Box::new(known)));
    }
    if !conventions.is_standard() && !conventions.is_closed() && !told.are_classified() {
        return Ok(Counted::Tells(Box::new(conventions.closed())));
    }
    let (own_names, many) = naming.decide(told.things);
    let of_class = |class: u32| names.iris[class as usize].clone();
    let counted = labels
        .classes()
        .map(|(class, count)| (of_class(class), count));
    let named = Named {
        composed: composed::find(snapshot, &conventions, counted.collect())?,
        labelled: told.is_labelled() || many,
        common: labels
            .common(|class| {
                snapshot.label(
                    NamedNodeRef::new_unchecked(&names.iris[class as usize]),
                    &["en"],
                )
            })?
            .into_iter()
            .map(of_class)
            .collect(),
    };
    let snapshot = &snapshot.named_by(&own_names);
    let reified = reified::find(snapshot, usage.keys())?;
    // Paths lead through the ends of the fact that a statement is of, though nobody asks for them by name.
    let of_statements = reified.is_some() || roles::are_of_statements(snapshot)?;
    for iri in usage.keys() {
        spelling.learn_predicate(&kg_store::local_name(iri));
    }
    let foreign: HashSet<String> = usage
        .keys()
        .filter_map(|iri| spelling::key_of(iri))
        .filter(|key| usage.contains_key(key))
        .collect();
    let mut predicates = Vec::with_capacity(usage.len());
    let mut inverses = HashSet::new();
    for (iri, mut used) in usage {
        let node = NamedNodeRef::new_unchecked(&iri);
        let standard = iri == SUBJECT || iri == OBJECT;
        if (standard && !of_statements) || reified.as_ref().is_some_and(|of| of.predicate == iri) {
            // What a statement says of predicates is no fact of things.
            continue;
        }
        // Nor does anybody ask for the ends of a statement by what these are called, nor for the key by which a row refers to
        // another one.
        let end = standard
            || reified.as_ref().is_some_and(|of| of.is_end(&iri))
            || foreign.contains(&iri);
        if let Some(spelt) = used.reads_as(naming.is_code(&iri)) {
            conventions.spell(&iri, spelt);
        }
        let own = Own {
            spelling: &spelling,
            refers: used.objects.nodes * 2 > used.facts,
            relates: true,
        };
        let (label, direct) = phrasings::direct(snapshot, node, &own)?;
        let mut predicate = Predicate {
            label,
            names: if end { Vec::new() } else { direct },
            naming: own_names.holds_label(node),
            code: naming.is_code(&iri),
            facts: used.facts,
            subjects: used.subjects,
            of_few: used.is_of_few(),
            objects: used.objects,
            // What else leads to things is a name that was not linked.
            values: if own.refers {
                Vec::new()
            } else {
                used.texts.shared()
            },
            domain: used.domain,
            range: used.range,
            declared_domain: Vec::new(),
            complete: false,
            profiles: Default::default(),
            through: Vec::new(),
            unit: used
                .unit
                .filter(|unit| !unit.is_empty() && !unit.contains("://")),
            extent: used.extent,
            behind: Default::default(),
            duplicate: false,
            rough: false,
            iri: iri.clone(),
        };
        let others = phrasings::inverses(snapshot, node)?;
        let phrases = phrasings::inverse(snapshot, node, &others)?;
        predicate.names.extend(phrases);
        inverses.extend(others.into_iter().map(NamedNode::into_string));
        for quad in snapshot.quads(Some(node.into()), None, None, None) {
            let quad = quad?;
            match (&quad.object, quad.predicate.as_str()) {
                (Term::NamedNode(class), DOMAIN) => predicate
                    .declared_domain
                    .extend(names.known(class.as_str())),
                (Term::NamedNode(class), RANGE) => {
                    if let Some(class) = names.known(class.as_str()) {
                        predicate.range.insert(class, predicate.facts);
                    }
                }
                (Term::Literal(literal), COMPLETE) => {
                    predicate.complete = matches!(literal.value(), "true" | "1");
                }
                _ => {}
            }
        }
        for &class in &predicate.declared_domain {
            predicate.domain.insert(class, predicate.facts);
        }
        predicates.push(predicate);
    }
    // The order must not depend on a hash: it breaks ties between readings.
    predicates.sort_by(|a, b| b.facts.cmp(&a.facts).then_with(|| a.iri.cmp(&b.iri)));

    for (class, ways) in told_by {
        if let Some((predicate, _)) = ways.into_iter().max_by_key(|(_, told)| *told) {
            conventions.tell(&names.iris[class], predicate);
        }
    }
    let mut classes = Vec::with_capacity(names.iris.len());
    for (number, iri) in names.iris.iter().enumerate() {
        let node = NamedNodeRef::new_unchecked(iri);
        let own = Own {
            spelling: &spelling,
            refers: false,
            relates: false,
        };
        let (label, direct) = phrasings::direct(snapshot, node, &own)?;
        classes.push(Class {
            label,
            names: direct,
            instances: instances[number],
            with_subclasses: with_subclasses[number].clone(),
            telling: Vec::new(),
            iri: iri.clone(),
        });
    }
    let mut predicate_of: HashMap<String, usize> = predicates
        .iter()
        .enumerate()
        .map(|(n, p)| (p.iri.clone(), n))
        .collect();
    // Two values of one thing are one too many where they are counted or added up.
    let of_things = |number: &usize| predicates[*number].objects.nodes > 0;
    let is_used = |iri: &str| predicate_of.get(iri).is_some_and(of_things);
    let mut entailed = entailed::find(snapshot, &is_used)?;
    converse::add(
        snapshot,
        &classes,
        (&mut predicates, &predicate_of),
        &mut entailed,
    )?;
    conventions.entail(entailed);
    duplicates::mark(snapshot, &mut predicates, &predicate_of)?;
    rough::mark(snapshot, &mut predicates, &predicate_of)?;
    telling::weigh(&mut predicates);
    telling::note(&predicates, &mut classes);
    profile::add(
        snapshot,
        &conventions,
        &named,
        &mut predicates,
        &predicate_of,
    )?;
    conventions.name_by_nodes(name_nodes::find(&predicates));
    unit::add(snapshot, &mut predicates)?;
    let with = roles::With {
        conventions: &conventions,
        named: &named,
        classes: (&classes, &names.number_of),
        spelling: &spelling,
        reified: reified.as_ref(),
    };
    let (roles, spelt) = roles::add(snapshot, &with, &mut predicates, &mut predicate_of)?;
    for (iri, reads) in spelt {
        conventions.spell(&iri, reads);
    }
    let narrowed = narrowed::add(
        snapshot,
        &conventions,
        &named,
        (&classes, &names.number_of),
        &mut predicates,
        &mut predicate_of,
    )?;
    Ok(Counted::Catalog(Box::new(Catalog {
        redirects: same::redirects(snapshot, &predicates)?,
        reified,
        twins: same::has_twins(snapshot)?,
        predicates,
        predicate_of,
        narrowed,
        roles,
        inverses,
        properties: super::properties(snapshot)?,
        classes,
        class_of: names.number_of,
        conventions,
        named: Arc::new(named),
        naming: own_names,
        vectors: vectors.clone(),
        quads,
        drift: 0,
    })))
}
