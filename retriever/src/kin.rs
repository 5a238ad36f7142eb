//! What a knowledge base tells of relatives, so that questions for others can be put in terms of it.

use crate::catalog::{Catalog, Predicate};
use crate::graph::{Hop, Link, Node, QueryGraph, Source, Way};
use crate::question::{
    Form, Question, Reworded, Sex, Tie, ToldOfKin, in_plain_ties, names_relatives, singular,
};
use crate::rank::Reading;
use crate::sexes::{self, TellsSex};
use crate::{ReadView, RetrieverError};

/// A reading by those who are not told to be of the other sex comes after the one by those told to be of it.
const UNTOLD: f64 = 0.1;

/// A question in other words, and how it is told of what sex people are.
pub(crate) struct Kin {
    /// The question.
    pub(crate) reworded: Reworded,
    sexes: [Option<TellsSex>; 2],
}

impl Kin {
    /// The question in other words, where it speaks of relatives that the knowledge base tells by parents, children and sexes.
    pub(crate) fn of(view: &ReadView, text: &str) -> Result<Option<Self>, RetrieverError> {
        if !names_relatives(text) {
            return Ok(None);
        }
        let catalog = view.catalog();
        let predicates = catalog.predicates();
        let called = |word: &str| {
            let mut classes = catalog.classes().iter().filter(|class| class.instances > 0);
            let class = |name: &crate::catalog::Phrase| name.text.eq_ignore_ascii_case(word);
            let names = predicates.iter().flat_map(|predicate| &predicate.names);
            let mut words = names.flat_map(|name| &name.tokens);
            words.any(|token| singular(&token.text) == word)
                || classes.any(|known| known.names.iter().any(class))
        };
        let sexes = [
            TellsSex::find(view, Sex::Male)?,
            TellsSex::find(view, Sex::Female)?,
        ];
        // Where only one of the two is told of anybody, it tells who is not of the other one.
        let sex = |sex| match &sexes[place(sex)] {
            Some(told) => Some(told.word.clone()),
            None => sexes[1 - place(sex)]
                .as_ref()
                .map(|_| sexes::words(sex)[0].to_owned()),
        };
        let told = ToldOfKin {
            called: &called,
            sex: &sex,
            // Whether somebody is a son is asked in words.
            says_sex: Question::read(text).form == Form::Ask,
        };
        let reworded = in_plain_ties(text, &told);
        Ok(reworded.map(|reworded| Self { reworded, sexes }))
    }

    /// Puts into the readings of what sex the relatives are that they lead through; those that do not lead through them go.
    /// Where of nobody is told that they are of it, whoever is not told to be of the other one may be meant.
    pub(crate) fn tell_sexes(&self, catalog: &Catalog, readings: &mut Vec<Reading>) {
        let relatives = &self.reworded.relatives;
        if relatives.iter().all(|(_, sex)| sex.is_none()) {
            return;
        }
        let ties = steps(relatives);
        let tell = |reading: &mut Reading, how: How| {
            let QueryGraph::Select { node, .. } = &mut reading.graph else {
                return false;
            };
            let mut walk = Walk {
                kin: self,
                catalog,
                ties: &ties,
                how,
                done: 0,
            };
            walk.node(node);
            walk.done == ties.len()
        };
        let mut otherwise = Vec::new();
        readings.retain_mut(|reading| {
            if reading.absent {
                return true;
            }
            let mut other = reading.clone();
            other.features.prior -= UNTOLD;
            if self.sexes.iter().all(Option::is_some) && tell(&mut other, How::NotTheOther) {
                otherwise.push(other);
            }
            tell(reading, How::Told)
        });
        readings.append(&mut otherwise);
    }

    fn tell(&self, node: &mut Node, sex: Sex, how: How) {
        let told = &self.sexes[place(sex)];
        let other = &self.sexes[1 - place(sex)];
        match how {
            How::Told if told.is_some() => told.iter().for_each(|told| told.tell(node)),
            How::Told | How::NotTheOther => other.iter().for_each(|other| other.deny(node)),
        }
    }
}

/// How the sex of somebody is put into a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// They are told to be of it.
    Told,
    /// They are not told to be of the other one.
    NotTheOther,
}

fn place(sex: Sex) -> usize {
    usize::from(sex == Sex::Female)
}

/// The ties that lead to some relatives one after the other, each with the sex of who is at its end, where that is known.
fn steps(relatives: &[(Vec<Tie>, Option<Sex>)]) -> Vec<(Tie, Option<Sex>)> {
    let of_one = |(ties, sex): &(Vec<Tie>, Option<Sex>)| {
        let last = ties.len().saturating_sub(1);
        let each = ties.iter().enumerate();
        each.map(|(at, tie)| (*tie, sex.filter(|_| at == last)))
            .collect::<Vec<_>>()
    };
    relatives.iter().flat_map(of_one).collect()
}

/// On which side of a predicate's facts somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Subject,
    Object,
}

impl Side {
    /// Where the one stands that the predicate is named by: "parent" names the object, "parent of" the subject.
    fn of(predicate: &Predicate, noun: &str) -> Option<Self> {
        let (direct, _) = predicate.names_by_side();
        direct.iter().find_map(|name| {
            let words = &name.tokens;
            let at = words.iter().position(|word| singular(&word.text) == noun)?;
            let of = words.get(at + 1).is_some_and(|next| next.text == "of");
            Some(if of && at + 2 == words.len() {
                Self::Subject
            } else {
                Self::Object
            })
        })
    }
}

/// Finds the facts of a description that lead to relatives, in their order.
struct Walk<'a> {
    kin: &'a Kin,
    catalog: &'a Catalog,
    ties: &'a [(Tie, Option<Sex>)],
    how: How,
    done: usize,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node) {
        for at in 0..node.links.len() {
            if !node.links[at].negated {
                self.link(node, at);
            }
        }
    }

    fn link(&mut self, node: &mut Node, at: usize) {
        if let Source::Node(inner) = &mut node.links[at].from {
            self.node(inner);
        }
        let mut number = 0;
        while number < node.links[at].path.len() {
            let hop = &node.links[at].path[number];
            number += 1;
            let Some((tie, sex)) = self.ties.get(self.done).copied() else {
                return;
            };
            if !self.leads(hop, tie) {
                continue;
            }
            // A statement that two are siblings leads from the one to the other by facts of one name.
            let path = &node.links[at].path;
            let next = path.get(number);
            let further = path.len() - number > self.ties.len() - self.done - 1;
            if matches!(tie, Tie::Sibling | Tie::Spouse)
                && further
                && next.is_some_and(|next| self.leads(next, tie))
            {
                continue;
            }
            self.done += 1;
            let told = self.kin.sexes.iter().any(Option::is_some);
            let Some(sex) = sex.filter(|_| told) else {
                continue;
            };
            let link = &mut node.links[at];
            if number == link.path.len() {
                self.kin.tell(node, sex, self.how);
                return;
            }
            let rest = link.path.split_off(number);
            let mut relative = Node {
                links: vec![link.clone()],
                ..Node::default()
            };
            self.kin.tell(&mut relative, sex, self.how);
            *link = Link {
                from: Source::Node(Box::new(relative)),
                path: rest,
                negated: false,
            };
            number = 0;
        }
    }

    /// Whether a fact is one by which people are so tied.
    fn leads(&self, hop: &Hop, tie: Tie) -> bool {
        let number = self.catalog.predicate(&hop.predicate);
        let Some(predicate) = number.map(|number| &self.catalog.predicates()[number]) else {
            return false;
        };
        let (parent, child) = (Side::of(predicate, "parent"), Side::of(predicate, "child"));
        let leads_to = |side: Option<Side>| match hop.way {
            Way::Forward => side == Some(Side::Object),
            Way::Inverse => side == Some(Side::Subject),
        };
        let leads_from = |side: Option<Side>| match hop.way {
            Way::Forward => side == Some(Side::Subject),
            Way::Inverse => side == Some(Side::Object),
        };
        let up = leads_to(parent) || leads_from(child);
        let down = leads_to(child) || leads_from(parent);
        match tie {
            Tie::Parent => up,
            Tie::Child | Tie::OtherChild => down,
            Tie::Spouse => Side::of(predicate, "spouse").is_some(),
            Tie::Sibling => Side::of(predicate, "sibling").is_some(),
        }
    }
}
