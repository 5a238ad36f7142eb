//! Questions about a time that something else sets: "who was president during the Vietnam War".
//!
//! When that was is a question of its own, which is answered first. The question is then read with the time in the place of
//! the words that set it; in the query of its reading, what tells the time takes the place of the time, so that the query
//! proves both.

use kg_store::rdf::Term;

use crate::graph::{
    Bound, Comparand, Filter, Hop, Link, Measure, Moment, Node, QueryGraph, Source, Target, Way,
};
use crate::propose::tells_the_end;
use crate::question::{Clause, Lies, Operator, Setting};
use crate::rank::Reading;
use crate::retrieve::{Found, Outcome};
use crate::text;
use crate::thesaurus::Word;
use crate::{ReadView, Retrieval, RetrieveOptions, RetrieverError};

/// Times at which something happened that are tried.
const MOST_TIMES: usize = 4;
/// Predicates for ends that are tried.
const MOST_ENDS: usize = 8;
/// A reading of when something happened that is less likely than this is none.
const LEAST_LIKELY: f64 = 0.1;

/// A time, and the description that leads to it.
#[derive(Clone, Debug)]
struct Time {
    of: Node,
    year: i32,
    /// The day, where it is told.
    day: Option<String>,
    /// Whether it is told as a number.
    numeric: bool,
    entities: Vec<String>,
}

impl ReadView {
    /// What comes of a question of which a clause sets a time; none where it does not, or where nothing tells the time.
    pub(crate) fn retrieve_in_time(
        &self,
        clause: &Clause,
        options: &RetrieveOptions<'_>,
    ) -> Result<Option<Retrieval>, RetrieverError> {
        for (begin, end) in self.times(clause, options)? {
            let outside = clause.with(&words(clause.lies, &begin, &end));
            let mut retrieval = self.retrieve_plainly(&outside, options)?;
            let Outcome::Answered(found) = &retrieval.outcome else {
                continue;
            };
            let mut reading = found.reading.clone();
            let set = Set {
                lies: clause.lies,
                begin: &begin,
                end: &end,
            };
            if !set.put_into(&mut reading.graph) {
                continue;
            }
            for entity in begin.entities.iter().chain(&end.entities) {
                if !reading.entities.contains(entity) {
                    reading.entities.push(entity.clone());
                }
            }
            if let Some(found) = self.answer_by(reading, options)? {
                if let Some(first) = retrieval
                    .readings
                    .iter_mut()
                    .find(|reading| !reading.absent)
                {
                    *first = found.reading.clone();
                }
                retrieval.outcome = Outcome::Answered(found);
                retrieval.alternatives.clear();
                return Ok(Some(retrieval));
            }
        }
        Ok(None)
    }

    /// What a reading finds, if it finds anything that can be proved.
    fn answer_by(
        &self,
        reading: Reading,
        options: &RetrieveOptions<'_>,
    ) -> Result<Option<Found>, RetrieverError> {
        let executed = match self.execute(&reading.graph, options.deadline)? {
            Some(executed) if !executed.rows.is_empty() => executed,
            _ => return Ok(None),
        };
        self.proved(&reading, executed, options.deadline)
    }

    /// From when to when something was, by each of the times that are told of it.
    fn times(
        &self,
        clause: &Clause,
        options: &RetrieveOptions<'_>,
    ) -> Result<Vec<(Time, Time)>, RetrieverError> {
        let twice = |times: Vec<Time>| times.into_iter().map(|time| (time.clone(), time)).collect();
        match &clause.setting {
            Setting::Happening(what) => {
                let begins = self.when(&format!("when {what}?"), options)?;
                if clause.lies == Lies::Within && lasts(what) {
                    let mut lasting = Vec::new();
                    for begin in &begins {
                        lasting.extend(self.until(begin, options)?.map(|end| (begin.clone(), end)));
                    }
                    if !lasting.is_empty() {
                        return Ok(lasting);
                    }
                }
                Ok(twice(begins))
            }
            Setting::Event(what) => {
                let begins = self.when(&format!("when did {what} begin?"), options)?;
                let ends = self.when(&format!("when did {what} end?"), options)?;
                match (begins.as_slice(), ends.as_slice()) {
                    ([begin], [end]) if begin.year <= end.year => {
                        Ok(vec![(begin.clone(), end.clone())])
                    }
                    _ => {
                        let was = self.when(&format!("when was {what}?"), options)?;
                        Ok(twice(if was.is_empty() { begins } else { was }))
                    }
                }
            }
        }
    }

    /// When what began at a time has ended, where what tells the one tells the other.
    fn until(
        &self,
        begin: &Time,
        options: &RetrieveOptions<'_>,
    ) -> Result<Option<Time>, RetrieverError> {
        let [link] = begin.of.links.as_slice() else {
            return Ok(None);
        };
        let predicates = self.catalog().predicates();
        let ends = predicates
            .iter()
            .filter(|predicate| predicate.tells_a_time() && tells_the_end(predicate));
        for end in ends.take(MOST_ENDS) {
            let mut of = begin.of.clone();
            let mut path = link.path.clone();
            let Some(last) = path.last_mut() else {
                return Ok(None);
            };
            *last = Hop::new(&end.iri, Way::Forward);
            of.links[0].path = path;
            let graph = QueryGraph::every(of.clone());
            let executed = self.execute(&graph, options.deadline)?;
            let rows = executed.map(|executed| executed.rows).unwrap_or_default();
            // Of several terms it is not said which one is meant.
            if let [row] = rows.as_slice()
                && let Some((year, day, numeric)) = row.first().and_then(read)
                && year >= begin.year
            {
                return Ok(Some(Time {
                    of,
                    year,
                    day,
                    numeric,
                    entities: begin.entities.clone(),
                }));
            }
        }
        Ok(None)
    }

    /// The times that answer a question for one.
    fn when(
        &self,
        question: &str,
        options: &RetrieveOptions<'_>,
    ) -> Result<Vec<Time>, RetrieverError> {
        let retrieval = self.retrieve_plainly(question, options)?;
        let Outcome::Answered(found) = &retrieval.outcome else {
            return Ok(Vec::new());
        };
        let QueryGraph::Select {
            node,
            target: Target::Every,
        } = &found.reading.graph
        else {
            return Ok(Vec::new());
        };
        if retrieval.confidence(found) < LEAST_LIKELY {
            return Ok(Vec::new());
        }
        let mut times: Vec<Time> = Vec::new();
        for row in &found.executed.rows {
            let Some((year, day, numeric)) = row.first().and_then(read) else {
                return Ok(Vec::new());
            };
            if times.iter().all(|time| time.year != year) {
                times.push(Time {
                    of: node.clone(),
                    year,
                    day,
                    numeric,
                    entities: found.reading.entities.clone(),
                });
            }
        }
        times.truncate(MOST_TIMES);
        Ok(times)
    }
}

/// Whether words say that something went on: "Ketil was warden", "she held the office".
fn lasts(what: &str) -> bool {
    text::tokens(what).iter().any(|token| {
        let lemmas = &Word::of(&token.text).lemmas;
        matches!(token.text.as_str(), "was" | "were" | "is")
            || lemmas.iter().any(|lemma| {
                matches!(
                    lemma.as_str(),
                    "hold" | "reign" | "rule" | "serve" | "lead" | "govern" | "play" | "work"
                )
            })
    })
}

/// The year of a literal, its day where it tells one, and whether it is a number.
fn read(term: &Term) -> Option<(i32, Option<String>, bool)> {
    let Term::Literal(literal) = term else {
        return None;
    };
    let value = literal.value();
    let (bare, negative) = match value.strip_prefix('-') {
        Some(bare) => (bare, true),
        None => (value, false),
    };
    let year: i32 = bare.split('-').next()?.parse().ok()?;
    let day = value
        .get(..10)
        .filter(|day| day.len() == 10 && day.bytes().filter(|b| *b == b'-').count() == 2);
    let kind = literal
        .datatype()
        .as_str()
        .rsplit('#')
        .next()
        .unwrap_or_default();
    let numeric = !matches!(kind, "date" | "dateTime" | "gYear" | "gYearMonth");
    let plausible = (1..=9999).contains(&year) && !negative;
    plausible.then(|| (year, day.map(str::to_owned), numeric && bare.len() <= 4))
}

/// The words that name the time.
fn words(lies: Lies, begin: &Time, end: &Time) -> String {
    match lies {
        Lies::InYear(shift) => format!("in {}", begin.year + shift),
        Lies::Before => format!(
            "before {}",
            begin.day.clone().unwrap_or(begin.year.to_string())
        ),
        Lies::After => format!("after {}", end.day.clone().unwrap_or(end.year.to_string())),
        Lies::Within if begin.day.is_some() && end.day.is_some() && begin.day != end.day => {
            let day = |time: &Time| time.day.clone().unwrap_or_default();
            format!("between {} and {}", day(begin), day(end))
        }
        Lies::Within if begin.year < end.year => {
            format!("between {} and {}", begin.year, end.year)
        }
        Lies::Within => match &begin.day {
            Some(day) if begin.day == end.day => format!("on {day}"),
            _ => format!("in {}", begin.year),
        },
    }
}

/// The times that are set, to be put into the query of a reading.
struct Set<'a> {
    lies: Lies,
    begin: &'a Time,
    end: &'a Time,
}

impl Set<'_> {
    /// Puts what tells the times into the places of the times; whether there were any.
    fn put_into(&self, graph: &mut QueryGraph) -> bool {
        match graph {
            QueryGraph::Select { node, target } => {
                let of_target = match target {
                    Target::Aggregate(_, measure) => self.put_into_measure(measure),
                    Target::Every | Target::Count => false,
                };
                self.put_into_node(node) || of_target
            }
            QueryGraph::Exists { node } => self.put_into_node(node),
            QueryGraph::Share { whole, part } => {
                let of_part = self.put_into_node(part);
                self.put_into_node(whole) || of_part
            }
            _ => false,
        }
    }

    fn put_into_node(&self, node: &mut Node) -> bool {
        let mut found = false;
        for Link { from, .. } in &mut node.links {
            if let Source::Node(inner) = from {
                found |= self.put_into_node(inner);
            }
        }
        for filter in &mut node.filters {
            found |= self.put_into_filter(filter);
        }
        if let Some(order) = &mut node.order {
            found |= self.put_into_measure(&mut order.measure);
        }
        found
    }

    fn put_into_measure(&self, measure: &mut Measure) -> bool {
        match measure {
            Measure::Number { counted: of, .. } | Measure::Combined { of, .. } => {
                self.put_into_node(of)
            }
            Measure::Value(_) => false,
        }
    }

    fn put_into_filter(&self, filter: &mut Filter) -> bool {
        let of_measure = self.put_into_measure(&mut filter.measure);
        let of_bound = match &mut filter.with {
            Comparand::Of(node) => self.put_into_node(node),
            Comparand::Bound(bound) => match self.moment(bound, filter.operator) {
                Some(moment) => {
                    *bound = Bound::Moment(Box::new(moment));
                    true
                }
                None => false,
            },
            Comparand::Entity(_) => false,
        };
        of_measure || of_bound
    }

    /// What tells the time that a bound is.
    fn moment(&self, bound: &Bound, operator: Operator) -> Option<Moment> {
        let shift = match self.lies {
            Lies::InYear(shift) => shift,
            _ => 0,
        };
        // What lasts so long has begun before the end, and has ended after the begin.
        let time = match (self.lies, operator) {
            (Lies::InYear(_) | Lies::Before, _) | (_, Operator::AtLeast | Operator::Equal) => {
                self.begin
            }
            _ => self.end,
        };
        let (numeric, day) = match bound {
            Bound::Year(year) if *year == time.year + shift => (false, None),
            Bound::Number(number) if *number == f64::from(time.year + shift) => (true, None),
            Bound::Date(date) | Bound::Day(date) if time.day.as_ref() == Some(date) => {
                (false, Some(date.clone()))
            }
            _ => return None,
        };
        Some(Moment {
            of: time.of.clone(),
            told_as_number: time.numeric,
            compared_as_number: numeric,
            shift,
            year: time.year + shift,
            day,
        })
    }
}
