//! What each signal of the ranking is worth: the same questions without it.

use serde::Serialize;

use super::bootstrap::{Figure, figure};

/// What is right with all signals, and without each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ablation {
    /// Share of questions whose first answer is right, with all signals.
    pub full: Figure,
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
    /// Questions that are right with it alone, and without it alone.
    pub lost: usize,
    /// See `lost`.
    pub won: usize,
}

impl Ablation {
    /// From what each question was worth with all signals; the seed is that of the intervals.
    pub fn of(full: &[f64], seed: u64) -> Self {
        Self {
            full: figure(full, seed),
            rows: Vec::new(),
        }
    }

    /// Adds a run without a signal, over the same questions in the same order.
    pub fn add(&mut self, without: &'static str, full: &[f64], hits: &[f64], seed: u64) {
        let differences: Vec<f64> = hits
            .iter()
            .zip(full)
            .map(|(hit, full)| hit - full)
            .collect();
        self.rows.push(Row {
            without,
            hits_at_1: figure(hits, seed),
            difference: figure(&differences, seed),
            lost: differences.iter().filter(|d| **d < 0.0).count(),
            won: differences.iter().filter(|d| **d > 0.0).count(),
        });
    }

    /// The rows as lines of the report.
    pub fn table(&self) -> String {
        let mut out = format!(
            "  {:<28} {:.3}  (hits@1, its difference and the interval of that)\n",
            "with all signals", self.full.value
        );
        for row in &self.rows {
            out.push_str(&format!(
                "  {:<28} {:.3}  {:+.3} [{:+.3}, {:+.3}], {} lost, {} won\n",
                format!("  without {}", row.without),
                row.hits_at_1.value,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_those_of_the_same_questions() {
        let full: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        let mut ablation = Ablation::of(&full, 1);
        ablation.add("nothing", &full, &full, 1);
        let turned: Vec<f64> = full.iter().map(|hit| 1.0 - hit).collect();
        ablation.add("sense", &full, &turned, 1);
        let worse: Vec<f64> = (0..100).map(|i| f64::from(i % 4 == 1)).collect();
        ablation.add("link", &full, &worse, 1);

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
        assert!(worse.difference.high < 0.0);
        let table = ablation.table();
        let line = table.lines().find(|line| line.contains("without link"));
        assert!(
            line.is_some_and(|l| l.contains("0.250  -0.250 [") && l.contains("25 lost, 0 won")),
            "{table}"
        );
    }
}
