//! What is right, and what that takes: parameters, bytes and time, side by side.

use serde::Serialize;

use super::{bootstrap::Figure, report::Cost};

/// What a way of answering rests on; none where it cannot be told, as of a model on another server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// Weights of all models that take part.
    pub parameters: Option<u64>,
    /// Bytes of their files.
    pub model_bytes: Option<u64>,
    /// Bytes of the knowledge base's folder, where it takes part.
    pub knowledge_bytes: Option<u64>,
}

impl Resources {
    /// What two take together.
    pub fn with(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
        Self {
            parameters: sum(self.parameters, other.parameters),
            model_bytes: sum(self.model_bytes, other.model_bytes),
            knowledge_bytes: sum(self.knowledge_bytes, other.knowledge_bytes),
        }
    }

    /// Nothing.
    pub const NONE: Self = Self {
        parameters: Some(0),
        model_bytes: Some(0),
        knowledge_bytes: Some(0),
    };
}

/// One way of answering the questions.
#[derive(Clone, Debug, Serialize)]
pub struct Way {
    /// What it is called.
    pub name: &'static str,
    /// Share of questions that it answers rightly.
    pub right: Figure,
    /// What it rests on.
    #[serde(flatten)]
    pub resources: Resources,
    /// Its times.
    pub cost: Cost,
}

/// The ways side by side.
#[derive(Clone, Debug, Serialize)]
pub struct Density {
    /// Each way.
    pub ways: Vec<Way>,
}

impl Density {
    /// The comparison as a table for people.
    pub fn table(&self) -> String {
        let mut rows = vec![
            [
                "way",
                "right [95 %]",
                "parameters",
                "model",
                "knowledge",
                "p50",
                "p95",
                "CPU s",
            ]
            .map(str::to_owned),
        ];
        rows.extend(self.ways.iter().map(|way| {
            let r = &way.right;
            let unknown = || "unknown".to_owned();
            let bytes = |bytes: Option<u64>| bytes.map_or_else(unknown, megabytes);
            [
                way.name.to_owned(),
                format!("{:.3} [{:.3}, {:.3}]", r.value, r.low, r.high),
                way.resources.parameters.map_or_else(unknown, millions),
                bytes(way.resources.model_bytes),
                bytes(way.resources.knowledge_bytes),
                format!("{:.1} ms", way.cost.p50_ms),
                format!("{:.1} ms", way.cost.p95_ms),
                way.cost
                    .cpu_seconds
                    .map_or_else(unknown, |seconds| format!("{seconds:.4}")),
            ]
        }));
        let mut widths = [0; 8];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut out = String::from("\n");
        for row in &rows {
            let mut line = format!("  {:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(widths).skip(1) {
                line.push_str(&format!("  {cell:>width$}"));
            }
            out.push_str(&line);
            out.push('\n');
        }
        out
    }
}

fn millions(count: u64) -> String {
    format!("{:.1} M", count as f64 / 1e6)
}

fn megabytes(count: u64) -> String {
    format!("{:.1} MB", count as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_what_is_not_known_is_said() {
        let cost = Cost::of(&[0.001, 0.002], Some(0.5));
        let way = |name, resources| Way {
            name,
            right: Figure::default(),
            resources,
            cost,
        };
        let density = Density {
            ways: vec![
                way("closed book", Resources::default()),
                way("grounded", Resources::NONE),
            ],
        };
        let table = density.table();
        let lines: Vec<&str> = table.trim_start_matches('\n').lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines.windows(2).all(|pair| pair[0].len() == pair[1].len()),
            "{table}"
        );
        assert!(
            lines[1].contains("unknown") && lines[2].contains("0.0 MB"),
            "{table}"
        );
    }

    #[test]
    fn what_one_does_not_tell_both_do_not() {
        let some = Resources {
            parameters: Some(5),
            model_bytes: Some(7),
            knowledge_bytes: None,
        };
        assert_eq!(some.with(Resources::NONE), some);
        assert_eq!(some.with(Resources::default()), Resources::default());
        assert_eq!(some.with(some).parameters, Some(10));
    }
}
