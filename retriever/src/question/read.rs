//! How a question is read: which of its words say what form its answer has, what bounds it and orders it, and what it wants.

use std::ops::Range;

use super::{
    Form, Question, Reworded, Superlative, Threshold, above, adjectives, asked, bounds,
    coordinated, cues, decisive, degree, family, letters, politeness, spent, wants,
};
use crate::text;
use crate::thesaurus::Word;

impl Question {
    /// Reads a question.
    pub fn read(text: &str) -> Self {
        Self::read_spelt(text, &[])
    }

    /// The same with other words in the places of some, which are given by their first bytes.
    pub(crate) fn read_spelt(text: &str, spelt: &[(usize, String)]) -> Self {
        let mut tokens = text::tokens(text);
        for token in &mut tokens {
            if let Some((_, word)) = spelt.iter().find(|(start, _)| *start == token.start) {
                token.stem = text::stem(word);
                token.text.clone_from(word);
            }
        }
        tokens.drain(..politeness::opening(&tokens));
        tokens.truncate(politeness::closing(&tokens));
        above::put_above_all(&mut tokens);
        for token in &mut tokens {
            // "PhD" is a word, whatever its letters.
            let written = &text[token.start..token.end];
            let small = written.chars().any(char::is_lowercase);
            let capitals = written.chars().filter(|c| c.is_uppercase());
            let known = Word::of(&token.text);
            if small && capitals.count() > 1 && known.is_known() && !known.is_name() {
                token.capital = false;
            }
        }
        let words: Vec<&str> = tokens.iter().map(|t| t.text.as_str()).collect();
        let mut cue = vec![false; tokens.len()];
        for at in 0..words.len() {
            cue[at] |= spent::completes_a_verb(&words[..=at]);
            if spent::of_today(&words[..=at]) {
                cue[at - 1..=at].fill(true);
            }
        }
        let mut superlative = degree::superlative(&words, 0);
        let mut comparative = degree::comparative(&words);
        let joints: Vec<&str> = tokens
            .windows(2)
            .map(|pair| &text[pair[0].end..pair[1].start])
            .collect();
        let mut bounds = bounds::all(&words, &joints).into_iter();
        let mut threshold = bounds.next().or_else(|| {
            // What is written as a name is one: "the Second Empire".
            let small = |found: &Threshold| !tokens[found.span.start].capital;
            let numbered = || bounds::in_order(&words).filter(small);
            let equal = bounds::equal(&words, &joints).or_else(numbered);
            equal.filter(|_| superlative.is_none())
        });
        let mut further: Vec<Threshold> = bounds.collect();
        for bound in threshold.iter_mut().chain(&mut further) {
            bound.read_unit(text, &tokens);
        }
        // "Did she write more papers than he | in 2015" compares the two, and must not pass over the time.
        let beside = |bound: &Threshold| {
            let compares = comparative.as_ref();
            bound.year
                && compares.is_some_and(|c| {
                    words.first().is_some_and(|word| cues::is_auxiliary(word))
                        && bound.span.start > c.span.end + 1
                })
        };
        let both = threshold.as_ref().is_some_and(beside);
        if threshold.as_ref().is_some_and(|threshold| !threshold.weak) && !both {
            // "more than a million" compares with a number, not with another thing.
            comparative = None;
        }
        let mut form = cues::form(
            &words,
            comparative.is_some() || superlative.is_some(),
            &mut cue,
        );
        let counted = cues::counted(&words).filter(|_| form == Form::Count);
        let each = cues::each(&words)
            .filter(|_| counted.is_some() && superlative.is_none() && threshold.is_none());
        if let Some(span) = &each {
            // All of them, in the order of what is asked of each.
            form = Form::Select;
            superlative = Some(Superlative::all(span.clone()));
        }
        for span in [
            superlative
                .as_ref()
                .filter(|s| !s.weak)
                .map(|s| s.span.clone()),
            comparative.as_ref().map(|c| c.span.clone()),
            // A year stays to be accounted for: not each reading has a place for it.
            threshold
                .as_ref()
                .filter(|t| !t.year && !t.weak)
                .map(|t| t.span.clone()),
        ]
        .into_iter()
        .flatten()
        {
            cue[span].fill(true);
        }
        for at in cues::conjunctions(&words) {
            cue[at] = true;
        }
        let plain = comparative.is_none() && threshold.is_none() && superlative.is_none();
        if plain && matches!(form, Form::Select | Form::Count) {
            comparative = degree::in_time(&words);
        }
        if let Some(at) = cues::how_many(&words) {
            cue[at] = true;
        }
        // "The fairs that | took place | after 1990".
        if threshold.is_some()
            && let Some(span) = spent::takes_place(&words)
        {
            cue[span].fill(true);
        }
        if let Some(span) = superlative
            .as_ref()
            .and_then(|s| spent::listed_first(&words, s))
        {
            cue[span].fill(true);
        }
        if let Some(at) = spent::names_of(&tokens).filter(|_| form == Form::Select) {
            cue[at] = true;
        }
        let combining = cues::combining(&words);
        let some = cues::leaves_out_none(&words).filter(|_| combining.is_some());
        if let Some(span) = &some {
            cue[span.clone()].fill(true);
        }
        let mut decisive = decisive::decisive(&words, form, superlative.as_ref(), &cue);
        if threshold.as_ref().is_none_or(|t| t.weak) {
            // "After 2020-03-07": a bound that was not read.
            for at in 1..words.len() {
                let number = words[at].bytes().all(|b| b.is_ascii_digit());
                decisive[at - 1] |= number && bounds::opens(&words[..at]);
            }
        }
        if let Some(ordinal) = threshold.as_ref().filter(|t| t.ordinal) {
            decisive[ordinal.span.clone()].fill(true);
        }
        if let Some(time) = threshold.as_ref().filter(|_| both) {
            decisive[time.number.span.clone()].fill(true);
        }
        for bound in &further {
            decisive[bound.number.span.clone()].fill(true);
        }
        // A time that is named is not now.
        let now = cues::now(&words).filter(|_| threshold.is_none());
        let mut sharing: Vec<bool> = (0..words.len())
            .map(|at| cues::is_sharing(words[at]) && !spent::shares_nothing(&words[..=at]))
            .collect();
        let mut negations = decisive::negations(&words);
        negations.retain(|at| !some.as_ref().is_some_and(|span| span.contains(at)));
        let describes = cues::describes(&words);
        let wants_time = wants::wants_time(&words);
        let until = matches!(words.first(), Some(&("until" | "till")));
        let letters =
            letters::find(text, &tokens).filter(|_| matches!(form, Form::Select | Form::Count));
        if let Some(letters) = &letters {
            cue[letters.span.clone()].fill(true);
        }
        let which_time = wants::which_time(&tokens).filter(|_| wants_time);
        if let Some((span, _)) = &which_time {
            cue[span.clone()].fill(true);
            superlative = superlative.filter(|s| s.span.start != span.start);
        }
        let which_time = which_time.map(|(_, direction)| direction);
        let wants_end = wants_time && (until || tokens.iter().any(wants::is_ending));
        let mut wants_someone = wants::wants_someone(&words);
        if wants_someone {
            for at in (0..words.len().min(4)).filter(|at| cues::is_everyone(words[*at])) {
                cue[at] = true;
            }
        }
        // "Give me everything made of wool".
        if cues::lists(&words) {
            for at in (0..words.len().min(4)).filter(|at| words[*at] == "everything") {
                cue[at] = true;
            }
        }
        let wants_place = words.first() == Some(&"where");
        let wants_reason = wants::wants_reason(&words);
        let described = wants::wants_words(&words);
        if let Some((_, Some(few))) = &described {
            cue[few.clone()].fill(true);
        }
        let wants_words = described.map(|(at, _)| at);
        let measured = adjectives::measured(&words).filter(|_| form == Form::Select);
        let mut asked = asked::find(&tokens, &cue, tokens.len()).filter(|_| each.is_none());
        if asked.is_some_and(|at| matches!(words[at], "people" | "person" | "persons"))
            && form == Form::Select
        {
            // "Which people were born in Dublin": who was.
            wants_someone = true;
            asked.take().into_iter().for_each(|at| cue[at] = true);
        }
        // "Who has she written papers with" asks for others of the same papers.
        let person = |at: usize| Word::of(words[at]).denotes("person");
        if words.last() == Some(&"with") && (wants_someone || asked.is_some_and(person)) {
            sharing[words.len() - 1] = true;
        }
        let text = text.to_owned();
        Self {
            text,
            form,
            superlative,
            threshold,
            further,
            named_times: Vec::new(),
            now,
            comparative,
            put_in: vec![false; tokens.len()],
            members: family::members(&tokens),
            cue,
            decisive,
            sharing,
            coordinated: coordinated::find(&tokens),
            negations,
            combining,
            counted,
            each: each.is_some(),
            only_some: some.is_some(),
            describes,
            wants_time,
            wants_end,
            which_time,
            letters,
            wants_someone,
            wants_place,
            wants_reason,
            wants_words,
            wants_material: wants::wants_material(&words),
            wants_neighbour: wants::wants_neighbour(&words),
            of_sex: Vec::new(),
            measured,
            asked,
            tokens,
        }
    }

    /// Reads a question in other words, none of which a reading may pass over.
    pub(crate) fn read_in_other_words(reworded: &Reworded) -> Self {
        let mut question = Self::read(&reworded.text);
        for at in 0..question.tokens.len() {
            let token = &question.tokens[at];
            let put_in = |span: &Range<usize>| span.start <= token.start && token.end <= span.end;
            question.put_in[at] =
                reworded.spans.iter().any(put_in) && !text::is_function_word(&token.text);
            question.decisive[at] |= question.put_in[at];
        }
        question
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::{Direction, Operator};

    #[test]
    fn forms() {
        let form = |text: &str| Question::read(text).form;
        assert_eq!(form("Which countries border Laos?"), Form::Select);
        assert_eq!(form("how many countries border Germany"), Form::Count);
        assert_eq!(form("Is Lima the capital of Peru?"), Form::Ask);
        assert_eq!(form("which has more people, Lagos or Cairo"), Form::Choose);
        assert_eq!(form("What is the population of Nairobi?"), Form::Select);
        assert_eq!(form("does France border Spain"), Form::Ask);
        assert_eq!(form("Does Lagos or Cairo have more people?"), Form::Choose);
    }

    #[test]
    fn decisive_words() {
        let decisive = |text: &str| {
            let question = Question::read(text);
            let found = question.tokens.iter().zip(&question.decisive);
            let words: Vec<String> = found
                .filter(|(_, decisive)| **decisive)
                .map(|(token, _)| token.text.clone())
                .collect();
            words.join(" ")
        };
        assert_eq!(decisive("Which countries border Laos?"), "");
        assert_eq!(decisive("Which countries do not use the euro?"), "not");
        assert_eq!(decisive("Who doesn't work on Cardiology?"), "doesn");
        assert_eq!(decisive("Which has more people, Lagos or Cairo?"), "");
        assert_eq!(decisive("Is Lagos a city or a country?"), "or");
        assert_eq!(decisive("second most populous city in Brazil"), "");
        assert_eq!(decisive("Which two wards have the most beds?"), "");
        assert_eq!(decisive("the two largest wards"), "");
        assert_eq!(decisive("cities with no more than 100 people"), "");
        assert_eq!(
            decisive("patients admitted between 2024-02-15 and today"),
            "2024 02 15"
        );
        assert_eq!(decisive("Who was mayor in 1990?"), "1990");
    }

    #[test]
    fn somebody_is_asked_for() {
        let someone = |text: &str| Question::read(text).wants_someone;
        assert!(someone("Who wrote Dune?") && someone("Whose number is it?"));
        assert!(someone("Give me everyone who studied there."));
        assert!(!someone("Give me all films.") && !someone("Does anyone know her?"));
    }

    #[test]
    fn thresholds_and_superlatives() {
        let q = Question::read("how many cities in Japan have more than one million inhabitants");
        let threshold = q.threshold.unwrap();
        assert_eq!(threshold.operator, Operator::More);
        assert_eq!(threshold.number.value, 1e6);
        assert_eq!(q.superlative, None);
        let q = Question::read("the most populous city in Brazil");
        assert_eq!(q.superlative.unwrap().direction, Direction::Most);
        let q = Question::read("which towns were founded in 1850");
        let threshold = q.threshold.unwrap();
        assert!(threshold.year && threshold.operator == Operator::Equal);
        let q = Question::read("countries with at least 2.5 million people");
        assert_eq!(q.threshold.unwrap().number.value, 2.5e6);
    }
}
