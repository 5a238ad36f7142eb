//! The figures of questions of one form, where a set says of which form its questions are.

use serde::Serialize;

use super::{
    bootstrap::{Figure, figure},
    record::Record,
    score::Scored,
};

/// Values of one member that have a group of their own.
const MOST_VALUES: usize = 50;
/// The group of the values beyond these.
const OTHERS: &str = "(others)";

/// The figures of a group of questions.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The member by which they are grouped: `operator`, `nested` or `hops`.
    pub by: &'static str,
    /// Its value.
    pub value: String,
    /// Questions in the group.
    pub n: usize,
    /// Share whose first answer is right.
    pub hits_at_1: Figure,
    /// Share whose set of answers is exactly the right one.
    pub exact: Figure,
    /// Macro F1.
    pub f1: Figure,
    /// Share that was withheld.
    pub abstained: Figure,
    /// Share that was answered with nothing right.
    pub wrong: Figure,
}

/// The groups, in the order of their members and values.
pub fn breakdown(records: &[Record], seed: u64) -> Vec<Group> {
    let mut groups = Vec::new();
    for by in ["operator", "nested", "hops"] {
        let value_of = |record: &Record| {
            let of_member = record.groups.iter().find(|(name, _)| *name == by);
            of_member.map(|(_, value)| value.clone())
        };
        let mut values: Vec<String> = records.iter().filter_map(value_of).collect();
        values.sort_unstable();
        values.dedup();
        let own = values.len().min(MOST_VALUES);
        for (at, value) in values.iter().enumerate().take(own + 1) {
            let others = at == own;
            let scored: Vec<&Scored> = records
                .iter()
                .filter(|record| {
                    value_of(record).is_some_and(|of_this| {
                        if others {
                            of_this >= *value
                        } else {
                            of_this == *value
                        }
                    })
                })
                .map(|record| &record.scored)
                .collect();
            let name = if others { OTHERS } else { value };
            groups.push(group(by, name, &scored, seed));
        }
    }
    groups
}

fn group(by: &'static str, value: &str, scored: &[&Scored], seed: u64) -> Group {
    let of = |pick: fn(&Scored) -> f64| {
        let values: Vec<f64> = scored.iter().map(|scored| pick(scored)).collect();
        figure(&values, seed)
    };
    Group {
        by,
        value: value.to_owned(),
        n: scored.len(),
        hits_at_1: of(|s| s.hit),
        exact: of(|s| s.exact),
        f1: of(|s| s.f1),
        abstained: of(|s| s.abstained),
        wrong: of(|s| s.wrong),
    }
}

/// The groups as lines of the report.
pub fn table(groups: &[Group]) -> String {
    let lines = groups.iter().map(|g| {
        format!(
            "  {:<28} n = {}: hits@1 {:.3} [{:.3}, {:.3}], exact {:.3}, F1 {:.3}, abstained {:.3}, wrong {:.3}\n",
            format!("{} {}", g.by, g.value),
            g.n,
            g.hits_at_1.value,
            g.hits_at_1.low,
            g.hits_at_1.high,
            g.exact.value,
            g.f1.value,
            g.abstained.value,
            g.wrong.value
        )
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(groups: &[(&'static str, &str)], hit: f64) -> Record {
        Record {
            id: "q".to_owned(),
            status: None,
            confidence: 0.0,
            seconds: 0.0,
            scored: Scored {
                hit,
                ..Scored::default()
            },
            groups: groups
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn each_value_of_each_member_is_a_group() {
        let records = [
            record(&[("hops", "2"), ("operator", "count")], 1.0),
            record(&[("hops", "1"), ("operator", "count")], 0.0),
            record(&[("hops", "2")], 0.0),
            record(&[], 1.0),
        ];
        let groups = breakdown(&records, 1);
        let told: Vec<_> = groups
            .iter()
            .map(|g| (g.by, g.value.as_str(), g.n, g.hits_at_1.value))
            .collect();
        let expected = [
            ("operator", "count", 2, 0.5),
            ("hops", "1", 1, 0.0),
            ("hops", "2", 2, 0.5),
        ];
        assert_eq!(told, expected);
        assert!(table(&groups).contains("operator count"));
        assert!(breakdown(&records[3..], 1).is_empty());
    }

    #[test]
    fn values_beyond_the_bound_share_a_group() {
        let values: Vec<String> = (0..60).map(|i| format!("{i:02}")).collect();
        let records: Vec<Record> = values
            .iter()
            .map(|value| record(&[("operator", value)], 1.0))
            .collect();
        let groups = breakdown(&records, 1);
        assert_eq!(groups.len(), MOST_VALUES + 1);
        assert_eq!(
            (groups[MOST_VALUES].value.as_str(), groups[MOST_VALUES].n),
            (OTHERS, 10)
        );
    }
}
