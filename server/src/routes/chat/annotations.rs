//! Citations that have a URL, in OpenAI's form.

use schemas::{
    chat::{Annotation, UrlCitation},
    grounding::Citation,
};

/// One annotation for each marker `[n]` in the text whose citation is a passage with a URL. Offsets count
/// Unicode code points.
pub(super) fn annotations(content: &str, citations: &[Citation]) -> Vec<Annotation> {
    let mut found = Vec::new();
    for citation in citations {
        let Citation::Passage {
            id,
            title,
            url: Some(url),
            document,
            ..
        } = citation
        else {
            continue;
        };
        let marker = format!("[{id}]");
        for (at, _) in content.match_indices(&marker) {
            let start_index = content[..at].chars().count();
            found.push(Annotation {
                kind: "url_citation".to_owned(),
                url_citation: UrlCitation {
                    start_index,
                    end_index: start_index + marker.chars().count(),
                    title: title.clone().unwrap_or_else(|| document.clone()),
                    url: url.clone(),
                },
            });
        }
    }
    found.sort_by_key(|a| a.url_citation.start_index);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_code_points() {
        let passage = Citation::Passage {
            id: 2,
            document: "d".to_owned(),
            title: None,
            url: Some("https://example.org/d".to_owned()),
            text: "t".to_owned(),
            start: 0,
            end: 1,
        };
        let found = annotations("Šéf [1] a [2].", &[passage]);
        assert_eq!(found.len(), 1);
        let citation = &found[0].url_citation;
        assert_eq!((citation.start_index, citation.end_index), (10, 13));
        assert_eq!(citation.title, "d");
    }
}
