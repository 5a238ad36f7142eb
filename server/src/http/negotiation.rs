//! Content negotiation with q-values (RFC 9110, section 12.5.1).

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
};
use schemas::ErrorClass;

use crate::problem::ApiError;

/// One thing that a client accepts.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: u16,
}

/// Longest `Accept` header that is read: more would be no client's honest wish.
const MAX_LENGTH: usize = 4 << 10;

/// Chooses among the media types on offer, which are listed in the server's order of preference.
///
/// The index returned is that of the offer with the highest quality; among equals, the first. Without an
/// `Accept` header that is the first. `None` means that nothing on offer is acceptable.
pub fn choose(accept: Option<&str>, offers: &[&str]) -> Option<usize> {
    let Some(accept) = accept.filter(|a| !a.trim().is_empty() && a.len() <= MAX_LENGTH) else {
        return (!offers.is_empty()).then_some(0);
    };
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(parse).collect();
    let mut best: Option<(u16, usize)> = None;
    for (index, offer) in offers.iter().enumerate() {
        let quality = quality_of(&ranges, offer);
        if quality > 0 && best.is_none_or(|(q, _)| quality > q) {
            best = Some((quality, index));
        }
    }
    best.map(|(_, index)| index)
}

/// The quality of an offer is that of the most specific range that matches it.
fn quality_of(ranges: &[Range<'_>], offer: &str) -> u16 {
    let (kind, subtype) = offer.split_once('/').unwrap_or((offer, ""));
    ranges
        .iter()
        .filter_map(|range| {
            let same = range.kind.eq_ignore_ascii_case(kind);
            let specific = if same && range.subtype.eq_ignore_ascii_case(subtype) {
                2
            } else if same && range.subtype == "*" {
                1
            } else if range.kind == "*" && range.subtype == "*" {
                0
            } else {
                return None;
            };
            Some((specific, range.quality))
        })
        .max()
        .map_or(0, |(_, quality)| quality)
}

fn parse(item: &str) -> Option<Range<'_>> {
    let mut parts = item.split(';');
    let (kind, subtype) = parts.next()?.trim().split_once('/')?;
    let quality = parts
        .filter_map(|p| p.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Some(1000), |(_, value)| thousandths(value.trim()))?;
    Some(Range {
        kind: kind.trim(),
        subtype: subtype.trim(),
        quality,
    })
}

fn thousandths(text: &str) -> Option<u16> {
    let value: f32 = text.parse().ok()?;
    // The cast is exact enough: q-values have at most three decimals.
    (0.0..=1.0)
        .contains(&value)
        .then(|| (value * 1000.0).round() as u16)
}

/// The `Accept` header of a request; several are one list.
pub fn accept(request: &HttpRequest) -> Option<String> {
    let values: Vec<&str> = request
        .headers()
        .get_all(header::ACCEPT)
        .filter_map(|v| v.to_str().ok())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// 406 that lists what is on offer.
pub fn not_acceptable(offers: &[&str]) -> ApiError {
    ApiError::new(
        ErrorClass::Unsupported,
        format!(
            "nothing acceptable is on offer; there is {}",
            offers.join(", ")
        ),
    )
    .with_status(StatusCode::NOT_ACCEPTABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERS: [&str; 3] = ["application/sparql-results+json", "text/csv", "text/turtle"];

    #[test]
    fn quality_then_specificity_then_the_servers_order() {
        for (accept, expected) in [
            (None, Some(0)),
            (Some(""), Some(0)),
            (Some("*/*"), Some(0)),
            (Some("text/*"), Some(1)),
            (Some("text/csv;q=0.5, text/turtle"), Some(2)),
            (Some("text/*;q=0.9, text/csv;q=0.1"), Some(2)),
            (Some("TEXT/CSV"), Some(1)),
            (Some("*/*;q=0.1, text/csv; charset=utf-8; q=0.2"), Some(1)),
            (Some("text/html"), None),
            (Some("*/*;q=0"), None),
            (Some("text/csv;q=7"), None),
            (Some("nonsense"), None),
        ] {
            assert_eq!(choose(accept, &OFFERS), expected, "{accept:?}");
        }
    }
}
