//! What a question is once it is known which of its words are names.

use std::ops::Range;

use super::{Form, Question, Threshold, asked, cues, degree};

impl Question {
    /// Marks the words of a name as written with capitals; returns whether some were not. Numbers are left alone, and so
    /// is the word that opens the question, whose letters tell nothing.
    pub fn truecase(&mut self, name: &Range<usize>) -> bool {
        let small: Vec<usize> = name
            .clone()
            .filter(|at| *at > 0 && self.is_content(*at) && !self.tokens[*at].capital)
            .filter(|at| self.tokens[*at].text.starts_with(char::is_alphabetic))
            .collect();
        for &at in &small {
            self.tokens[at].capital = true;
        }
        if !small.is_empty() {
            self.asked = asked::find(&self.tokens, &self.cue, self.tokens.len());
        }
        !small.is_empty()
    }

    /// Takes words that a name turned out to hold for what they are: "Over 21" is a film, no bound.
    pub fn spare(&mut self, name: &Range<usize>) {
        self.asked = self
            .asked
            .and_then(|asked| asked::before(&self.tokens, &self.cue, asked, name));
        let within = |span: &Range<usize>| name.start <= span.start && span.end <= name.end;
        let mut spared = Vec::new();
        let bounds = |t: &Threshold| within(&t.span) || (t.year && within(&t.number.span));
        let (named, mut left): (Vec<Threshold>, Vec<Threshold>) = self
            .threshold
            .take()
            .into_iter()
            .chain(self.further.drain(..))
            .partition(bounds);
        spared.extend(named.iter().map(|bound| bound.span.clone()));
        // A year that something is called by is a time all the same, where times are told by numbers.
        self.named_times
            .extend(named.into_iter().filter(|bound| bound.year));
        if !left.is_empty() {
            self.threshold = Some(left.remove(0));
        }
        self.further = left;
        self.now.take_if(|span| within(span));
        if let Some(found) = self.superlative.take_if(|s| within(&s.span)) {
            spared.push(found.span);
        }
        if let Some(found) = &mut self.superlative
            && found.span.start < name.end
            && name.start <= found.span.start
            && name.end < found.span.end
        {
            // "Who sells the Toaster 4 | cheapest": the number is that of a toaster.
            spared.push(found.span.start..name.end);
            found.span.start = name.end;
            (found.skip, found.take) = (0, 1);
        }
        if let Some(found) = self.comparative.take_if(|c| within(&c.span)) {
            spared.push(found.span);
        }
        self.measured.take_if(|(at, _)| name.contains(at));
        let outside = self.asked.is_some_and(|at| !name.contains(&at));
        if !outside && self.form == Form::Select && self.measured.is_none() {
            // "Which of | Lin's | papers": what is hers.
            let own = asked::of_name(&self.tokens, &self.cue, name);
            self.asked = own.or(self.asked);
        }
        let words: Vec<&str> = self.tokens.iter().map(|t| t.text.as_str()).collect();
        if self.form == Form::Count
            && let Some(span) = cues::counts(&words, 0).filter(within)
        {
            // "Who wrote The Count of Monte Cristo"; but "in The Count of Monte Cristo, how many".
            spared.push(span);
            match cues::counts(&words, name.end) {
                Some(other) => {
                    self.counted = Some(other.end).filter(|at| *at < words.len());
                    self.cue[other].fill(true);
                }
                None => {
                    let compares = self.comparative.is_some() || self.superlative.is_some();
                    self.form = cues::without_count(&words, compares);
                    self.counted = None;
                }
            }
        }
        if spared.is_empty() {
            return;
        }
        for span in spared {
            self.cue[span].fill(false);
        }
        if self.form == Form::Choose {
            // "Is Ted Goodier male or female": nothing is compared after all.
            let words: Vec<&str> = self.tokens.iter().map(|t| t.text.as_str()).collect();
            let compares = self.comparative.is_some() || self.superlative.is_some();
            self.form = cues::without_count(&words, compares);
        }
    }

    /// Takes a superlative that belongs to the name of a predicate for no order: "how high is the | highest point". Another
    /// one may follow it.
    pub fn spare_degree(&mut self, predicate: &Range<usize>) {
        let within =
            |span: &Range<usize>| predicate.start <= span.start && span.end <= predicate.end;
        let Some(found) = self.superlative.take_if(|s| s.take == 1 && within(&s.span)) else {
            return;
        };
        self.cue[found.span].fill(false);
        let words: Vec<&str> = self.tokens.iter().map(|t| t.text.as_str()).collect();
        self.superlative = degree::superlative(&words, predicate.end);
        if let Some(next) = &self.superlative {
            self.cue[next.span.clone()].fill(true);
        }
        if self.asked.is_none() {
            self.asked = asked::find(&self.tokens, &self.cue, self.tokens.len());
        }
        if self.asked.is_none() && !(0..predicate.start).any(|at| self.is_content(at)) {
            // "Highest point of France".
            self.asked = Some(predicate.end - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::question::{Direction, Form, Question};

    #[test]
    fn names_take_back_what_was_read_into_their_words() {
        let mut question = Question::read("Who wrote The Count of Monte Cristo?");
        assert_eq!(question.form, Form::Count);
        question.spare(&(2..7));
        assert_eq!(question.form, Form::Select);
        assert!(question.is_content(3));
        let mut question = Question::read("what is the highest point in the smallest state");
        question.spare_degree(&(3..5));
        let degree = question.superlative.clone().unwrap();
        assert_eq!((degree.span, degree.direction), (7..8, Direction::Least));
        assert!(question.is_content(3));
        let mut question = Question::read("how high is the highest point");
        question.spare_degree(&(4..6));
        assert_eq!(question.superlative, None);
    }

    #[test]
    fn of_several_bounds_those_that_are_no_name_are_left() {
        let mut question =
            Question::read("Which films like Over 21 are longer than 90 minutes in 1999?");
        question.spare(&(3..5));
        let bound = question.threshold.clone().unwrap();
        assert_eq!(bound.number.value, 90.0);
        assert!(bound.unit.is_some());
        let further: Vec<f64> = question.further.iter().map(|b| b.number.value).collect();
        assert_eq!(further, [1999.0]);
    }

    #[test]
    fn what_holds_now_is_asked_for_unless_a_time_is_named() {
        let now = |text: &str| Question::read(text).now;
        assert_eq!(now("Who is the mayor of Lima?"), Some(1..2));
        assert_eq!(now("the current mayor of Lima"), Some(1..2));
        assert_eq!(now("who runs Lima right now"), Some(3..5));
        assert_eq!(now("Who is the mayor of Lima in 1999?"), None);
        assert_eq!(now("Who was the mayor of Lima?"), None);
        let mut question = Question::read("Who wrote Apocalypse Now?");
        question.spare(&(2..4));
        assert_eq!(question.now, None);
    }

    #[test]
    fn the_number_of_a_name_is_not_how_many_are_asked_for() {
        let mut question = Question::read("Who sells the Retro Toaster 4 cheapest?");
        assert_eq!(question.superlative.as_ref().unwrap().take, 4);
        question.spare(&(3..6));
        let order = question.superlative.unwrap();
        assert_eq!((order.take, order.span), (1, 6..7));
    }
}
