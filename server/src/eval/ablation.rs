//! What each signal of the ranking is worth: the same questions without it.

use serde::Serialize;

use super::{
    bootstrap::{Figure, figure},
    score::Scored,
};

/// What is right with all signals, and without each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ablation {
    /// Share of questions whose first answer is right, with all signals.
    pub full: Figure,
    /// Share that is answered with nothing right, with all signals.
    pub wrong: Figure,
    /// The same without each signal.
    pub rows: Vec<Row>,
}

/// What is right without one signal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The signal.
    pub without: &'static str,
    /// Share of questions whose first answer is right.
    pub hits_at_1: Figure,
    /// What that is more than with all signals; the interval is that of the differences of the same questions.
    pub difference: Figure,
    /// Share that is answered with nothing right: a signal is also worth what it keeps from being answered.
    pub wrong: Figure,
    /// Questions that are right with the signal alone.
    pub lost: usize,
    /// Questions that are right without it alone.
    pub won: usize,
}

impl Ablation {
    /// From the answers with all signals; the seed is that of the intervals.
    pub fn of(full: &[Scored], seed: u64) -> Self {
        Self {
            full: share(full, |one| one.hit, seed),
            wrong: share(full, |one| one.wrong, seed),
            rows: Vec::new(),
        }
    }

    /// Adds a run without a signal, over the same questions in the same order.
    pub fn add(&mut self, without: &'static str, full: &[Scored], found: &[Scored], seed: u64) {
        let differences: Vec<f64> = found
            .iter()
            .zip(full)
            .map(|(found, full)| found.hit - full.hit)
            .collect();
        self.rows.push(Row {
            without,
            hits_at_1: share(found, |one| one.hit, seed),
            difference: figure(&differences, seed),
            wrong: share(found, |one| one.wrong, seed),
            lost: differences.iter().filter(|d| **d < 0.0).count(),
            won: differences.iter().filter(|d| **d > 0.0).count(),
        });
    }

    /// The rows as lines of the report.
    pub fn table(&self) -> String {
        let mut out = format!(
            "  {:<28} hits@1 {:.3}, wrong {:.3}\n",
            "with all signals", self.full.value, self.wrong.value
        );
        for row in &self.rows {
            out.push_str(&format!(
                "  {:<28} hits@1 {:.3}, wrong {:.3}; {:+.3} [{:+.3}, {:+.3}], {} lost, {} won\n",
                format!("  without {}", row.without),
                row.hits_at_1.value,
                row.wrong.value,
                row.difference.value,
                row.difference.low,
                row.difference.high,
                row.lost,
                row.won,
            ));
        }
        out
    }
}

fn share(scored: &[Scored], of: fn(&Scored) -> f64, seed: u64) -> Figure {
    let values: Vec<f64> = scored.iter().map(of).collect();
    figure(&values, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred questions that are answered rightly or wrongly.
    fn answered(right: impl Fn(u32) -> bool) -> Vec<Scored> {
        let one = |number| {
            let hit = f64::from(u8::from(right(number)));
            Scored {
                hit,
                wrong: 1.0 - hit,
                ..Scored::default()
            }
        };
        (0..100).map(one).collect()
    }

    #[test]
    fn differences_are_those_of_the_same_questions() {
        let full = answered(|i| i % 2 == 1);
        let mut ablation = Ablation::of(&full, 1);
        ablation.add("nothing", &full, &full, 1);
        ablation.add("sense", &full, &answered(|i| i % 2 == 0), 1);
        ablation.add("link", &full, &answered(|i| i % 4 == 1), 1);

        // The same answers differ by nothing for certain, however wide the interval of each figure is.
        let same = &ablation.rows[0];
        let nothing = (same.difference.low, same.difference.high);
        assert_eq!((nothing, same.lost, same.won), ((0.0, 0.0), 0, 0));
        assert!(same.hits_at_1.high > same.hits_at_1.low);

        let turned = &ablation.rows[1];
        assert_eq!((turned.lost, turned.won), (50, 50));
        assert!(turned.difference.low < 0.0 && turned.difference.high > 0.0);

        let worse = &ablation.rows[2];
        assert_eq!((worse.difference.value, worse.lost), (-0.25, 25));
        assert_eq!((ablation.wrong.value, worse.wrong.value), (0.5, 0.75));
        assert!(worse.difference.high < 0.0);
        let table = ablation.table();
        let line = table.lines().find(|line| line.contains("without link"));
        let told = ["hits@1 0.250, wrong 0.750; -0.250 [", "25 lost, 0 won"];
        assert!(
            line.is_some_and(|line| told.iter().all(|part| line.contains(part))),
            "{table}"
        );
    }
}
