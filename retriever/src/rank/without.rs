//! Signals of the ranking that are switched off, to see what each is worth.

use super::{COVERAGE, Features, LINK, PREDICATE, PRIOR};

/// Something by which readings are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// See [`Features::link`].
    Link,
    /// See [`Features::prior`].
    Prior,
    /// See [`Features::predicate`].
    Predicate,
    /// See [`Features::coverage`].
    Coverage,
    /// See [`Features::kind`].
    Kind,
    /// See [`Features::missed`].
    Missed,
    /// The likeness of words that are not spelt alike, after WordNet.
    Thesaurus,
    /// The likeness of meanings, by a model that turns texts into vectors.
    Embeddings,
    /// What kind of thing a fact leads to, told by what else is said of such things.
    Kinds,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Link,
        Self::Prior,
        Self::Predicate,
        Self::Coverage,
        Self::Kind,
        Self::Missed,
        Self::Thesaurus,
        Self::Embeddings,
        Self::Kinds,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Prior => "prior",
            Self::Predicate => "predicate",
            Self::Coverage => "coverage",
            Self::Kind => "kind",
            Self::Missed => "missed",
            Self::Thesaurus => "thesaurus",
            Self::Embeddings => "embeddings",
            Self::Kinds => "kinds",
        }
    }
}

/// The signals that are switched off: none, unless an experiment says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without(u16);

impl Without {
    /// Without this signal as well.
    #[must_use]
    pub fn and(self, signal: Signal) -> Self {
        Self(self.0 | 1 << signal as u16)
    }

    /// Whether a signal is switched off.
    pub fn has(self, signal: Signal) -> bool {
        self.0 & 1 << signal as u16 != 0
    }

    /// The features of a reading as they count without these signals.
    ///
    /// Those that make up a score share it anew, in the proportions of their weights, so that a reading of which all
    /// the others speak well is as good as before: a bound on the score is none on how many signals there are.
    pub(crate) fn apply(self, features: &mut Features) {
        if self == Self::default() {
            return;
        }
        let mut shares = [
            (Signal::Link, LINK, &mut features.link),
            (Signal::Prior, PRIOR, &mut features.prior),
            (Signal::Predicate, PREDICATE, &mut features.predicate),
            (Signal::Coverage, COVERAGE, &mut features.coverage),
        ];
        let (mut sum, mut weights) = (0.0, 0.0);
        for (_, weight, feature) in shares.iter().filter(|share| !self.has(share.0)) {
            sum += weight * **feature;
            weights += weight;
        }
        let mean = if weights > 0.0 { sum / weights } else { 0.0 };
        for (_, _, feature) in shares.iter_mut().filter(|share| self.has(share.0)) {
            **feature = mean;
        }
        // These only add to a score and take from it.
        if self.has(Signal::Kind) {
            features.kind = 0.0;
        }
        if self.has(Signal::Missed) {
            features.missed = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FITTING: Features = Features {
        link: 1.0,
        prior: 0.5,
        predicate: 0.8,
        coverage: 0.6,
        kind: 1.0,
        missed: 0.5,
    };

    fn score(without: Without, mut features: Features) -> f64 {
        without.apply(&mut features);
        features.score()
    }

    #[test]
    fn nothing_is_switched_off_unless_it_is_named() {
        let none = Without::default();
        assert!(Signal::ALL.iter().all(|signal| !none.has(*signal)));
        assert_eq!(score(none, FITTING), FITTING.score());
        for signal in Signal::ALL {
            let without = none.and(signal);
            let off: Vec<Signal> = Signal::ALL
                .into_iter()
                .filter(|signal| without.has(*signal))
                .collect();
            assert_eq!(off, [signal]);
        }
    }

    #[test]
    fn a_signal_that_is_switched_off_tells_nothing_and_the_others_share_its_weight() {
        for signal in [
            Signal::Link,
            Signal::Prior,
            Signal::Predicate,
            Signal::Coverage,
        ] {
            let without = Without::default().and(signal);
            let all = |value: f64| Features {
                link: value,
                prior: value,
                predicate: value,
                coverage: value,
                ..Features::default()
            };
            assert!((score(without, all(0.7)) - 0.7).abs() < 1e-12);
            for told in [-1.0, 0.0, 1.0] {
                let mut features = FITTING;
                match signal {
                    Signal::Link => features.link = told,
                    Signal::Prior => features.prior = told,
                    Signal::Predicate => features.predicate = told,
                    _ => features.coverage = told,
                }
                assert!((score(without, features) - score(without, FITTING)).abs() < 1e-12);
            }
        }
        let link = Without::default().and(Signal::Link);
        let others = 0.06 * 0.5 + 0.38 * 0.8 + 0.28 * 0.6;
        let rest = FITTING.score() - 0.28 - others;
        assert!((score(link, FITTING) - others / 0.72 - rest).abs() < 1e-12);
    }

    #[test]
    fn what_adds_and_takes_away_is_left_out() {
        let kind = Without::default().and(Signal::Kind);
        assert!((FITTING.score() - score(kind, FITTING) - 0.12).abs() < 1e-12);
        let missed = Without::default().and(Signal::Missed);
        assert!((score(missed, FITTING) - FITTING.score() - 0.04).abs() < 1e-12);
        let everything = Signal::ALL
            .into_iter()
            .fold(Without::default(), Without::and);
        assert_eq!(score(everything, FITTING), 0.0);
    }
}
