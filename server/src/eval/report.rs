//! The figures of a run.

use serde::Serialize;

use super::{
    ablation::Ablation,
    bootstrap::{Figure, figure, percentile},
    breakdown::{self, Group},
    calibration::Calibration,
    density::Density,
    record::Record,
    score::Scored,
};

/// The figures of the answer path.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Macro F1 over sets of answers; names are labels, aliases and IRIs.
    pub f1: Figure,
    /// Exact denotation: share of questions whose set of answers is exactly the right one.
    pub exact: Figure,
    /// Share whose first answer is right.
    pub hits_at_1: Figure,
    /// Share that was withheld.
    pub abstained: Figure,
    /// Share that was answered with nothing right.
    pub wrong: Figure,
    /// Share whose request failed.
    pub errors: Figure,
    /// The same when only labels count.
    pub by_label: ByLabel,
}

/// Figures when only labels count, and F1 takes the better of the answers and all cells.
#[derive(Clone, Debug, Serialize)]
pub struct ByLabel {
    /// Macro F1.
    pub f1: Figure,
    /// Share whose first answer is right.
    pub hits_at_1: Figure,
    /// Share that was answered with nothing right.
    pub wrong: Figure,
}

impl Figures {
    /// Sums up scored questions; the seed is that of the intervals.
    pub fn of(scored: &[Scored], seed: u64) -> Self {
        let of = |pick: fn(&Scored) -> f64| {
            let values: Vec<f64> = scored.iter().map(pick).collect();
            figure(&values, seed)
        };
        Self {
            f1: of(|s| s.f1),
            exact: of(|s| s.exact),
            hits_at_1: of(|s| s.hit),
            abstained: of(|s| s.abstained),
            wrong: of(|s| s.wrong),
            errors: of(|s| s.error),
            by_label: ByLabel {
                f1: of(|s| s.f1_by_label),
                hits_at_1: of(|s| s.hit_by_label),
                wrong: of(|s| s.wrong_by_label),
            },
        }
    }
}

/// Times of a run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// Median time of an answer, milliseconds.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// CPU seconds of one answer, user and system, of the process that answers; none where it cannot be told.
    pub cpu_seconds: Option<f64>,
}

impl Cost {
    /// From the seconds of each answer and the CPU seconds of all.
    pub fn of(seconds: &[f64], cpu: Option<f64>) -> Self {
        Self {
            p50_ms: percentile(seconds, 0.5) * 1e3,
            p95_ms: percentile(seconds, 0.95) * 1e3,
            cpu_seconds: cpu.map(|c| c / seconds.len().max(1) as f64),
        }
    }
}

/// A baseline that speaks freely.
#[derive(Clone, Debug, Serialize)]
pub struct Spoken {
    /// Share of texts in which a right answer occurs.
    pub right: Figure,
    /// Its times.
    pub cost: Cost,
}

/// A question that was not answered rightly.
#[derive(Clone, Debug, Serialize)]
pub struct Mistake {
    /// The question's id.
    pub id: String,
    /// What was asked.
    pub question: String,
    /// What is right, at most five.
    pub gold: Vec<String>,
    /// What was answered, at most five.
    pub got: Vec<String>,
    /// The answer's status, or the error.
    pub status: String,
    /// The query behind it.
    pub sparql: Option<String>,
}

/// A run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The knowledge base.
    pub knowledge_base: String,
    /// The file of questions.
    pub questions: String,
    /// Questions asked.
    pub n: usize,
    /// The seed of the sample and the intervals.
    pub seed: u64,
    /// The answer path; absent when only baselines were run.
    pub answers: Option<Figures>,
    /// Its times.
    pub cost: Option<Cost>,
    /// An edge of the linked entity chosen blindly: the expected share of right ones.
    pub random_edge: Option<Figure>,
    /// The model without the knowledge base.
    pub closed_book: Option<Spoken>,
    /// The model with eight facts before its eyes.
    pub free_rag: Option<Spoken>,
    /// How far the confidence of an answer can be relied on.
    pub calibration: Option<Calibration>,
    /// The figures of questions of one form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breakdown: Vec<Group>,
    /// What is right, and what that takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub density: Option<Density>,
    /// What is right without each signal of the ranking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ablation: Option<Ablation>,
    /// Some of the questions that were not answered rightly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
    /// Each question, in the order in which they were asked. The table leaves them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<Record>,
}

fn row(name: &str, f: &Figure) -> String {
    format!(
        "  {name:<28} {:.3}  [{:.3}, {:.3}]\n",
        f.value, f.low, f.high
    )
}

impl Report {
    /// The report as a table for people.
    pub fn table(&self) -> String {
        let mut out = format!(
            "{}, {} (n = {}), 95 % intervals\n",
            self.knowledge_base, self.questions, self.n
        );
        if let Some(a) = &self.answers {
            for (name, figure) in [
                ("macro F1", &a.f1),
                ("exact denotation", &a.exact),
                ("hits@1", &a.hits_at_1),
                ("abstained", &a.abstained),
                ("wrong", &a.wrong),
                ("errors", &a.errors),
                ("macro F1, labels alone", &a.by_label.f1),
                ("hits@1, labels alone", &a.by_label.hits_at_1),
                ("wrong, labels alone", &a.by_label.wrong),
            ] {
                out.push_str(&row(name, figure));
            }
        }
        if let Some(figure) = &self.random_edge {
            out.push_str(&row("random edge (baseline)", figure));
        }
        for (name, spoken) in [
            ("closed book", &self.closed_book),
            ("free RAG", &self.free_rag),
        ] {
            if let Some(spoken) = spoken {
                out.push_str(&row(&format!("{name} (baseline)"), &spoken.right));
                out.push_str(&cost(&format!("{name}, time"), &spoken.cost));
            }
        }
        if let Some(c) = &self.cost {
            out.push_str(&cost("time of an answer", c));
        }
        if let Some(calibration) = &self.calibration {
            out.push_str(&calibration.table());
        }
        out.push_str(&breakdown::table(&self.breakdown));
        if let Some(density) = &self.density {
            out.push_str(&density.table());
        }
        if let Some(ablation) = &self.ablation {
            out.push_str(&ablation.table());
        }
        for m in &self.mistakes {
            out.push_str(&format!(
                "\n{} [{}] {}\n  right: {}\n  got:   {}\n",
                m.id,
                m.status,
                m.question,
                m.gold.join(" | "),
                m.got.join(" | ")
            ));
            if let Some(sparql) = &m.sparql {
                let flat: Vec<&str> = sparql.split_whitespace().collect();
                out.push_str(&format!("  {}\n", flat.join(" ")));
            }
        }
        out
    }
}

fn cost(name: &str, cost: &Cost) -> String {
    let cpu = cost
        .cpu_seconds
        .map_or_else(String::new, |c| format!(", {c:.4} CPU s each"));
    format!(
        "  {name:<28} p50 {:.1} ms, p95 {:.1} ms{cpu}\n",
        cost.p50_ms, cost.p95_ms
    )
}
