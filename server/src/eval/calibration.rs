//! How far the confidence of an answer can be relied on. Only what was answered counts; an abstention claims nothing.

use serde::Serialize;

/// Bins of the expected calibration error.
const BINS: usize = 10;
/// Points of the curve that are kept.
const MOST_POINTS: usize = 100;
/// Shares of all questions for which the table says what answering them would cost.
const COVERAGES: [f64; 6] = [1.0, 0.9, 0.85, 0.8, 0.7, 0.5];

/// Figures over the answered questions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Questions that were answered.
    pub answered: usize,
    /// The probability that a right answer is surer than a wrong one; none where all are right or all are wrong.
    pub auroc: Option<f64>,
    /// The expected calibration error: the mean distance between confidence and rightness over bins that hold
    /// equally many answers.
    pub ece: f64,
    /// The area under the curve, by mean risk over the answered questions.
    pub aurc: f64,
    /// What would be wrong if only surer answers were given.
    pub curve: Vec<Point>,
    /// Points that cover certain shares of all questions, each with as little beyond as there is; where not so many
    /// were answered, the last point of the curve.
    pub covering: Vec<Point>,
    /// The bins, from the least sure to the surest.
    pub bins: Vec<Bin>,
}

/// A point of the risk-coverage curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Answers at least this sure are given.
    pub confidence: f64,
    /// Their share of all questions.
    pub coverage: f64,
    /// The share of them that is wrong.
    pub risk: f64,
}

/// A bin of answers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Answers in it.
    pub n: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share that is right.
    pub right: f64,
}

impl Calibration {
    /// From the confidence of each answer and whether it is right; `asked` counts the questions that were not
    /// answered as well. None where nothing was answered.
    pub fn of(judged: &[(f64, bool)], asked: usize) -> Option<Self> {
        if judged.is_empty() {
            return None;
        }
        let mut sorted = judged.to_vec();
        // Stable: answers that are as sure stay in the questions' order, and the bins are the same each time.
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let bins = bins(&sorted);
        let weight = |bin: &Bin| bin.n as f64 / sorted.len() as f64;
        let curve = curve(&sorted, asked.max(sorted.len()));
        let mut before = 0.0;
        let area: f64 = curve
            .iter()
            .map(|point| {
                let width = point.coverage - before;
                before = point.coverage;
                width * point.risk
            })
            .sum();
        Some(Self {
            answered: sorted.len(),
            auroc: auroc(&sorted),
            ece: bins
                .iter()
                .map(|bin| weight(bin) * (bin.confidence - bin.right).abs())
                .sum(),
            aurc: if before > 0.0 { area / before } else { 0.0 },
            covering: covering(&curve),
            curve: thinned(&curve, MOST_POINTS),
            bins,
        })
    }

    /// The figures as lines of the report.
    pub fn table(&self) -> String {
        let auroc = self
            .auroc
            .map_or_else(|| "none".to_owned(), |auroc| format!("{auroc:.3}"));
        let mut out = format!(
            "  {:<28} AUROC {auroc}, ECE {:.3}, area under risk-coverage {:.3} (answered: {})\n",
            "confidence", self.ece, self.aurc, self.answered
        );
        for point in &self.covering {
            out.push_str(&format!(
                "  {:<28} risk {:.3}, confidence >= {:.3}\n",
                format!("  coverage {:.3}", point.coverage),
                point.risk,
                point.confidence
            ));
        }
        out
    }
}

/// By the ranks of the right answers (Mann and Whitney); ties count half.
fn auroc(sorted: &[(f64, bool)]) -> Option<f64> {
    let right = sorted.iter().filter(|(_, right)| *right).count() as f64;
    let wrong = sorted.len() as f64 - right;
    if right == 0.0 || wrong == 0.0 {
        return None;
    }
    let (mut sum, mut at) = (0.0, 0);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        // Ranks count from 1; those that are as sure share their mean.
        let rank = at as f64 + (tied.len() as f64 + 1.0) / 2.0;
        sum += rank * tied.iter().filter(|(_, right)| *right).count() as f64;
        at += tied.len();
    }
    Some((sum - right * (right + 1.0) / 2.0) / (right * wrong))
}

fn bins(sorted: &[(f64, bool)]) -> Vec<Bin> {
    (0..BINS)
        .map(|bin| &sorted[sorted.len() * bin / BINS..sorted.len() * (bin + 1) / BINS])
        .filter(|bin| !bin.is_empty())
        .map(|bin| {
            let n = bin.len() as f64;
            Bin {
                n: bin.len(),
                confidence: bin.iter().map(|(confidence, _)| confidence).sum::<f64>() / n,
                right: bin.iter().filter(|(_, right)| *right).count() as f64 / n,
            }
        })
        .collect()
}

/// One point for each confidence that occurs, the surest first.
fn curve(sorted: &[(f64, bool)], asked: usize) -> Vec<Point> {
    let (mut given, mut wrong) = (0, 0);
    let mut points = Vec::new();
    for tied in sorted.chunk_by(|a, b| a.0 == b.0).rev() {
        given += tied.len();
        wrong += tied.iter().filter(|(_, right)| !right).count();
        points.push(Point {
            confidence: tied[0].0,
            coverage: given as f64 / asked as f64,
            risk: wrong as f64 / given as f64,
        });
    }
    points
}

/// The points that just cover certain shares of all questions, each once.
fn covering(curve: &[Point]) -> Vec<Point> {
    let mut found: Vec<Point> = COVERAGES
        .iter()
        // What is a share of a whole number may have been rounded.
        .filter_map(|share| {
            let covers = |point: &&Point| point.coverage + 1e-9 >= *share;
            curve.iter().find(covers).or(curve.last()).copied()
        })
        .collect();
    found.dedup();
    found
}

/// At most so many points, evenly among those there are, and the last one in any case.
fn thinned(points: &[Point], most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points.to_vec();
    }
    (1..=most)
        .map(|i| points[points.len() * i / most - 1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_that_tells_right_from_wrong_is_worth_one() {
        let judged = [(0.9, true), (0.8, true), (0.3, false), (0.2, false)];
        let found = Calibration::of(&judged, 8).unwrap();
        assert_eq!((found.answered, found.auroc), (4, Some(1.0)));
        let last = found.curve[found.curve.len() - 1];
        assert_eq!((last.confidence, last.coverage, last.risk), (0.2, 0.5, 0.5));
        assert_eq!(found.curve[1].risk, 0.0);
        assert!((found.aurc - (1.0 / 3.0 + 0.5) / 4.0).abs() < 1e-12);
        let table = found.table();
        assert!(
            table.contains("AUROC 1.000") && table.contains("risk 0.500, confidence >= 0.200"),
            "{table}"
        );
    }

    #[test]
    fn ties_are_worth_a_half_and_one_kind_alone_nothing() {
        let auroc = |judged: &[(f64, bool)]| Calibration::of(judged, 10).unwrap().auroc;
        assert_eq!(auroc(&[(0.5, true), (0.5, false)]), Some(0.5));
        assert_eq!(auroc(&[(0.1, true), (0.9, false)]), Some(0.0));
        // Right at 0.4 and 0.8, wrong at 0.2 and 0.6: three of four pairs are in order.
        let mixed = [(0.2, false), (0.4, true), (0.6, false), (0.8, true)];
        assert_eq!(auroc(&mixed), Some(0.75));
        assert_eq!(auroc(&[(0.5, true)]), None);
        assert_eq!(Calibration::of(&[], 10), None);
    }

    #[test]
    fn the_error_is_that_of_bins_of_equal_mass() {
        let sure: Vec<(f64, bool)> = (0..100).map(|i| (1.0, i % 2 == 0)).collect();
        let found = Calibration::of(&sure, 100).unwrap();
        assert!((found.ece - 0.5).abs() < 1e-12);
        assert_eq!(found.bins.len(), 10);
        assert!(found.bins.iter().all(|bin| bin.n == 10 && bin.right == 0.5));
        assert_eq!(found.curve.len(), 1);
        let few = Calibration::of(&[(0.25, false), (0.75, true)], 2).unwrap();
        assert!((few.ece - 0.25).abs() < 1e-12);
    }

    #[test]
    fn the_table_says_what_each_coverage_costs() {
        // Of 100 questions 80 are answered; the least sure ten of these wrongly.
        let judged: Vec<(f64, bool)> = (0..80).map(|i| (f64::from(i) / 100.0, i >= 10)).collect();
        let found = Calibration::of(&judged, 100).unwrap();
        let told: Vec<(f64, f64, f64)> = found
            .covering
            .iter()
            .map(|p| (p.coverage, p.risk, p.confidence))
            .collect();
        assert_eq!(told, [(0.8, 0.125, 0.0), (0.7, 0.0, 0.1), (0.5, 0.0, 0.3)]);
        assert_eq!(found.table().lines().count(), 1 + told.len());
        // Answers that are as sure are given together.
        let tied: Vec<(f64, bool)> = (0..90).map(|i| (f64::from(i / 60), i >= 9)).collect();
        let found = Calibration::of(&tied, 100).unwrap();
        let coverages: Vec<f64> = found.covering.iter().map(|p| p.coverage).collect();
        assert_eq!(coverages, [0.9]);
        assert!((found.covering[0].risk - 0.1).abs() < 1e-12);
    }

    #[test]
    fn a_long_curve_is_thinned_and_keeps_its_end() {
        let judged: Vec<(f64, bool)> = (0..1_000).map(|i| (f64::from(i) / 1e3, i > 200)).collect();
        let found = Calibration::of(&judged, 1_000).unwrap();
        assert_eq!(found.curve.len(), MOST_POINTS);
        assert_eq!(found.curve[MOST_POINTS - 1].coverage, 1.0);
        assert_eq!(found.table().lines().count(), 1 + COVERAGES.len());
    }
}
