//! What a measure is compared with where a question sets a bound.

use super::Gauge;
use crate::catalog::Predicate;
use crate::graph::{Bound, Measure};
use crate::question::{End, Threshold};
use crate::units::{Scale, is_money};

/// How far a unit is accounted for by values of which no unit is told.
const UNTOLD_UNIT: f64 = 0.9;

impl Gauge {
    /// What the measure is compared with where a question sets a bound: with dates, only a year can be. A number in another
    /// unit than the values is converted. None where the two are not to be compared.
    pub(in crate::propose) fn bound(
        &self,
        predicates: &[Predicate],
        threshold: &Threshold,
        end: End<'_>,
    ) -> Option<Bound> {
        let number = end.number;
        if matches!(self.measure, Measure::Number { .. }) {
            return Some(Bound::Number(number));
        }
        let last = &predicates[self.last];
        if let Some(date) = end.date {
            // No number of a year tells the day.
            let bound = match threshold.until {
                Some(_) => Bound::Day(date.to_owned()),
                None => Bound::Date(date.to_owned()),
            };
            return last.is_temporal().then_some(bound);
        }
        if last.is_numeric() {
            if last.tells_a_time()
                && threshold
                    .unit
                    .as_ref()
                    .is_some_and(|(_, unit)| !unit.is_of_time())
            {
                // No year is more than 190 cm.
                return None;
            }
            let unit = last.unit.as_ref();
            let unit = unit.or(predicates[self.first.0].unit.as_ref());
            let known = threshold.unit.as_ref().map(|(_, unit)| *unit);
            let factor = match (known, unit) {
                (Some(asked), Some(told)) if !is_money(told) => {
                    asked.in_terms_of(Scale::of(told)?)?
                }
                _ => 1.0,
            };
            return Some(Bound::Number(significant(number * factor)));
        }
        let is_year = number.fract() == 0.0 && number.abs() < 10_000.0;
        is_year.then_some(Bound::Year(number as i32))
    }

    /// Notes the words of a bound as accounted for: the number, and its unit where the values have one.
    pub(in crate::propose) fn account_for(
        &mut self,
        predicates: &[Predicate],
        threshold: &Threshold,
    ) {
        self.fit.explains[threshold.span.clone()].fill(1.0);
        let told = [self.last, self.first.0].map(|number| &predicates[number].unit);
        let told: Vec<&String> = told.into_iter().flatten().collect();
        if let Some((span, _)) = &threshold.unit {
            let fit = match told.is_empty() {
                // Where it stands nowhere what they are told in, they may be told in this.
                true => UNTOLD_UNIT,
                false if told.iter().any(|unit| Scale::of(unit).is_some()) => 1.0,
                false => return,
            };
            self.fit.explains[span.clone()].fill(fit);
        }
    }
}

/// A number without the last digits, which a conversion leaves behind.
fn significant(number: f64) -> f64 {
    format!("{number:.12e}").parse().unwrap_or(number)
}
