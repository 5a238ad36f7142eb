//! The form in which the store gives typed values back.
//!
//! Oxigraph keeps numbers, dates and the like by value, so that `4.0` comes back as `4` and every kind of
//! integer as `xsd:integer`. The journal keeps what was written; to compare the two, both are brought into
//! the store's form.

use std::str::FromStr;

use oxigraph::model::{Literal, LiteralRef, NamedNodeRef, vocab::xsd};
use oxsdatatypes::{
    Boolean, Date, DateTime, DayTimeDuration, Decimal, Double, Duration, Float, GDay, GMonth,
    GMonthDay, GYear, GYearMonth, Integer, Time, YearMonthDuration,
};

/// The literal as the store gives it back; none where that is how it is written.
pub(crate) fn canonical(literal: LiteralRef<'_>) -> Option<Literal> {
    let value = literal.value();
    let name = literal
        .datatype()
        .as_str()
        .strip_prefix("http://www.w3.org/2001/XMLSchema#")?;
    let (lexical, datatype) = match name {
        "boolean" => of::<Boolean>(value, xsd::BOOLEAN),
        "float" => of::<Float>(value, xsd::FLOAT),
        "double" => of::<Double>(value, xsd::DOUBLE),
        "decimal" => of::<Decimal>(value, xsd::DECIMAL),
        "integer" | "byte" | "short" | "int" | "long" | "unsignedByte" | "unsignedShort"
        | "unsignedInt" | "unsignedLong" | "positiveInteger" | "negativeInteger"
        | "nonPositiveInteger" | "nonNegativeInteger" => of::<Integer>(value, xsd::INTEGER),
        "dateTime" | "dateTimeStamp" => of::<DateTime>(value, xsd::DATE_TIME),
        "time" => of::<Time>(value, xsd::TIME),
        "date" => of::<Date>(value, xsd::DATE),
        "gYearMonth" => of::<GYearMonth>(value, xsd::G_YEAR_MONTH),
        "gYear" => of::<GYear>(value, xsd::G_YEAR),
        "gMonthDay" => of::<GMonthDay>(value, xsd::G_MONTH_DAY),
        "gDay" => of::<GDay>(value, xsd::G_DAY),
        "gMonth" => of::<GMonth>(value, xsd::G_MONTH),
        "duration" => of::<Duration>(value, xsd::DURATION),
        "yearMonthDuration" => of::<YearMonthDuration>(value, xsd::YEAR_MONTH_DURATION),
        "dayTimeDuration" => of::<DayTimeDuration>(value, xsd::DAY_TIME_DURATION),
        _ => None,
    }?;
    let same = lexical == value && datatype == literal.datatype();
    (!same).then(|| Literal::new_typed_literal(lexical, datatype))
}

/// None where the text is no value of the type: the store then keeps the text.
fn of<T: FromStr + ToString>(
    value: &str,
    datatype: NamedNodeRef<'static>,
) -> Option<(String, NamedNodeRef<'static>)> {
    Some((value.parse::<T>().ok()?.to_string(), datatype))
}

#[cfg(test)]
mod tests {
    use oxigraph::{
        model::{GraphName, NamedNode, Quad, Term},
        store::Store,
    };

    use super::*;

    #[test]
    fn the_store_is_the_oracle() {
        let store = Store::new().unwrap();
        let node = NamedNode::new_unchecked("http://example.org/x");
        let values = [
            ("4.0", xsd::DECIMAL),
            ("007", xsd::INTEGER),
            ("5", xsd::POSITIVE_INTEGER),
            ("1", xsd::BOOLEAN),
            ("1.0e3", xsd::DOUBLE),
            ("1.50", xsd::FLOAT),
            ("2020-01-02T03:04:05.000Z", xsd::DATE_TIME),
            ("2020-01-02", xsd::DATE),
            ("2020", xsd::G_YEAR),
            ("P1Y2M", xsd::DURATION),
            ("four", xsd::DECIMAL),
        ];
        for (value, datatype) in values {
            let literal = Literal::new_typed_literal(value, datatype);
            store.clear().unwrap();
            let quad = Quad::new(
                node.clone(),
                node.clone(),
                literal.clone(),
                GraphName::DefaultGraph,
            );
            store.insert(&quad).unwrap();
            let kept = store.iter().next().unwrap().unwrap().object;
            let ours = canonical(literal.as_ref()).unwrap_or(literal);
            assert_eq!(kept, Term::from(ours), "{value}");
        }
    }
}
