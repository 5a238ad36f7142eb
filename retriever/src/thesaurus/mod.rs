//! Which English words may stand for which, after WordNet 3.1.
//!
//! General language, not knowledge: `data/wordnet.tsv.gz` is made by `scripts/wordnet.py`, which says what the weights
//! mean. Words are compared in their base forms; those of irregular words come from a table of their own, since
//! WordNet's package lacks it.

mod forms;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;
use std::sync::LazyLock;

/// The table, unpacked; and where each of its lines begins. They are in the order of their words.
struct Table {
    text: String,
    lines: Vec<u32>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut text = String::new();
    let packed: &[u8] = include_bytes!("../../data/wordnet.tsv.gz");
    // The table is a part of the program: were it damaged, words would simply have no neighbours.
    let read = flate2::read::GzDecoder::new(packed).read_to_string(&mut text);
    debug_assert!(read.is_ok());
    let ends = text.match_indices('\n').map(|(at, _)| at as u32 + 1);
    let lines = std::iter::once(0)
        .chain(ends)
        .filter(|at| (*at as usize) < text.len())
        .collect();
    Table { text, lines }
});

/// What the table tells of a word: the parts of speech that it may be, its categories, and what may stand for it.
#[derive(Clone, Copy)]
struct Entry {
    parts: &'static str,
    categories: &'static str,
    near: &'static str,
}

impl Table {
    fn entry(&'static self, word: &str) -> Option<Entry> {
        let found = self.lines.binary_search_by(|at| {
            let rest = &self.text[*at as usize..];
            let key = rest.split_once('\t').map_or(rest, |(key, _)| key);
            key.cmp(word)
        });
        let rest = &self.text[self.lines[found.ok()?] as usize..];
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let mut columns = line.split('\t').skip(1);
        Some(Entry {
            parts: columns.next()?,
            categories: columns.next()?,
            near: columns.next()?,
        })
    }
}

/// The words of a line with their weights, from 0 to 1.
fn weighted(near: &'static str) -> impl Iterator<Item = (f64, &'static str)> {
    near.split_whitespace().filter_map(|entry| {
        let (weight, other) = entry.split_once(':')?;
        Some((weight.parse::<f64>().ok()? / 100.0, other))
    })
}

/// Words this close stand for one another in their first senses.
const CLOSEST: f64 = 0.88;

/// What stands for a verb of two words stands for what is this close to it as well: "take part", "participate", "participant".
const NEXT: f64 = 0.8;

/// The category of what is the name of one thing.
const NAME: &str = "name";

/// Words this close are derived from one another, or from what stands for the other.
const DERIVED: f64 = 0.7;

/// What the senses that a plural has of its own count, beside those of the noun that it is the plural of.
const PLURAL: f64 = 0.7;

/// What is known of a word.
#[derive(Debug, Default)]
pub struct Word {
    /// Its base forms that are English words, itself first.
    pub lemmas: Vec<String>,
    /// What a noun denotes first of all: `person`, `location`, `time` and so on.
    pub categories: Vec<&'static str>,
    /// Words that may stand for it, from 0 to 1.
    near: HashMap<&'static str, f64>,
    /// Whether it is a form of a verb.
    verb: bool,
}

impl Word {
    /// What is known of a folded word.
    pub fn of(word: &str) -> Rc<Self> {
        thread_local! {
            static KNOWN: RefCell<HashMap<String, Rc<Word>>> = RefCell::new(HashMap::new());
        }
        KNOWN.with_borrow_mut(|known| {
            if let Some(found) = known.get(word) {
                return Rc::clone(found);
            }
            if known.len() > 20_000 {
                known.clear();
            }
            let found = Rc::new(Self::read(word));
            known.insert(word.to_owned(), Rc::clone(&found));
            found
        })
    }

    fn read(word: &str) -> Self {
        let mut found = Self::default();
        let forms = forms::lemmas(word);
        // WordNet has these as the hypernyms of each other's neighbours; people use them for one another.
        let kind = forms
            .iter()
            .any(|f| matches!(f.as_str(), "kind" | "type" | "sort"));
        let kinds = ["kind", "type", "sort", "category"].map(str::to_owned);
        let others = kinds
            .into_iter()
            .filter(|other| kind && !forms.contains(other));
        for lemma in forms.iter().cloned().chain(others) {
            let Some(entry) = TABLE.entry(&lemma) else {
                continue;
            };
            found.verb |= entry.parts.contains('v');
            for category in entry.categories.split_whitespace() {
                if !found.categories.contains(&category) {
                    found.categories.push(category);
                }
            }
            // "Words" are the text of a song as well, but mostly they are what "word" stands for.
            let plural = lemma == word
                && forms[1..].iter().any(|one| {
                    word == format!("{one}s")
                        && TABLE
                            .entry(one)
                            .is_some_and(|entry| !entry.categories.is_empty())
                });
            let share = if plural { PLURAL } else { 1.0 };
            for (weight, other) in weighted(entry.near) {
                let known = found.near.entry(other).or_default();
                *known = known.max(share * weight);
            }
            if matches!(lemma.as_str(), "person" | "human" | "individual")
                && !found.categories.contains(&"person")
            {
                // WordNet has these above its categories, or among the animals.
                found.categories.push("person");
            }
            found.lemmas.push(lemma);
        }
        found.step_further(CLOSEST);
        found
    }

    /// Adds what the closest neighbours are this close to: "death", "die", "pass".
    fn step_further(&mut self, least: f64) {
        let closest: Vec<(&'static str, f64)> = self
            .near
            .iter()
            .filter(|(_, weight)| **weight >= CLOSEST)
            .map(|(word, weight)| (*word, *weight))
            .collect();
        for (word, weight) in closest {
            let Some(entry) = TABLE.entry(word) else {
                continue;
            };
            for (next, other) in weighted(entry.near).filter(|(next, _)| *next >= least) {
                let further = 0.9 * weight * next;
                let known = self.near.entry(other).or_default();
                *known = known.max(further);
            }
        }
    }

    /// How many words may stand for it: the commoner a word is, the more, as a rule.
    pub fn company(&self) -> usize {
        self.near.len()
    }

    /// Whether it is an English word at all.
    pub fn is_known(&self) -> bool {
        !self.lemmas.is_empty()
    }

    /// Whether it is the form of a verb that a noun can be followed by: "written", "directed".
    pub fn is_participle(&self, word: &str) -> bool {
        let inflected = self.lemmas.iter().any(|lemma| lemma != word);
        inflected && (word.ends_with("ed") || forms::is_irregular(word))
    }

    /// Whether it is the past form of a verb: "wrote", "directed".
    pub fn is_past(&self, word: &str) -> bool {
        let inflected = self.lemmas.iter().any(|lemma| lemma != word);
        (inflected && word.ends_with("ed")) || forms::is_irregular_verb(word)
    }

    /// Whether a word, of which this is known, is a noun for several things.
    pub fn is_plural(&self, word: &str) -> bool {
        if !self.is_known() {
            // What the table does not have is taken by its form.
            return word.len() > 4 && word.ends_with('s') && !word.ends_with("ss");
        }
        // "Papers" and "works" are words of their own as well.
        let one = |lemma: &String| lemma != word && Self::of(lemma).is_noun();
        let regular = word.ends_with('s') && self.lemmas.iter().any(one);
        self.is_noun() && (regular || forms::is_irregular_plural(word))
    }

    /// Whether it is a noun.
    pub fn is_noun(&self) -> bool {
        !self.categories.is_empty()
    }

    /// Whether it is a form of a verb, in whichever of its senses.
    pub fn is_verb(&self) -> bool {
        self.verb
    }

    /// Whether it is no word of common language but the name of something, or comes from one, or is no English word.
    pub fn is_name(&self) -> bool {
        // "Born" is a physicist as well, but hardly ever meant as one.
        let form = self
            .lemmas
            .first()
            .is_some_and(|own| forms::is_irregular(own));
        !self.is_known() || (self.denotes(NAME) && !form) || self.is_of_place()
    }

    /// Whether it comes from the name of a place and is written like it: "French", "African".
    fn is_of_place(&self) -> bool {
        let own = self.lemmas.first().map_or("", String::as_str);
        let alike = |place: &str| own.get(..2).is_some_and(|start| place.starts_with(start));
        let near = self
            .lemmas
            .iter()
            .take(1)
            .filter_map(|lemma| TABLE.entry(lemma));
        let mut near = near.flat_map(|entry| weighted(entry.near));
        near.any(|(weight, place)| weight >= DERIVED && alike(place) && is_place(place))
    }

    /// Whether a noun's first senses denote this.
    pub fn denotes(&self, category: &str) -> bool {
        self.categories.contains(&category)
    }

    /// Whether it is a noun, and neither for people nor for groups of them.
    pub fn is_nobody(&self) -> bool {
        self.is_noun() && !self.denotes("person") && !self.denotes("group")
    }

    /// Whether it is a noun, and neither for places nor for groups, which are where something else is.
    pub fn is_nowhere(&self) -> bool {
        self.is_noun() && !self.denotes("location") && !self.denotes("group")
    }

    /// The places that a word for their people, or for what is theirs, comes from: "French" leads to "france".
    pub fn places(&self) -> Vec<&'static str> {
        if self.denotes("location") {
            return Vec::new();
        }
        let near = self.near.iter().filter(|(_, weight)| **weight >= DERIVED);
        let mut found: Vec<&'static str> = near
            .map(|(word, _)| *word)
            .filter(|word| is_place(word))
            .collect();
        found.sort_unstable();
        found
    }

    /// The faiths that a word for those who share them comes from: "Muslim" leads to "islam".
    pub(crate) fn faiths(&self) -> Vec<&'static str> {
        let near = self.near.iter().filter(|(_, weight)| **weight >= DERIVED);
        let mut found: Vec<&'static str> = near
            .map(|(word, _)| *word)
            .filter(|word| is_faith(word))
            .collect();
        found.sort_unstable();
        found
    }

    /// The same with what it means together with the word behind it: "put | out" is to publish.
    pub fn with_next(word: &str, next: &str) -> Option<Rc<Self>> {
        let mut phrases = forms::lemmas(word)
            .into_iter()
            .map(|verb| format!("{verb}_{next}"));
        let entry = phrases.find_map(|phrase| TABLE.entry(&phrase))?;
        let own = Self::of(word);
        let mut found = Self {
            lemmas: own.lemmas.clone(),
            categories: own.categories.clone(),
            verb: true,
            near: weighted(entry.near)
                .map(|(weight, other)| (other, weight))
                .collect(),
        };
        found.step_further(NEXT);
        for (other, weight) in &own.near {
            let known = found.near.entry(other).or_default();
            *known = known.max(*weight);
        }
        Some(Rc::new(found))
    }

    /// How far one word may stand for the other, from 0 to 1.
    pub fn likeness(&self, other: &Self) -> f64 {
        if self.lemmas.iter().any(|l| other.lemmas.contains(l)) {
            return 0.97;
        }
        let of = |near: &HashMap<&str, f64>, lemmas: &[String]| {
            lemmas
                .iter()
                .filter_map(|lemma| near.get(lemma.as_str()))
                .copied()
                .fold(0.0, f64::max)
        };
        of(&self.near, &other.lemmas).max(of(&other.near, &self.lemmas))
    }
}

/// What faiths are called.
const FAITHS: [&str; 3] = ["religion", "faith", "monotheism"];

/// Whether a word is the name of a faith, which is what some believe, and they themselves.
fn is_faith(word: &str) -> bool {
    TABLE.entry(word).is_some_and(|entry| {
        let all: Vec<&str> = entry.categories.split_whitespace().collect();
        let mut near = weighted(entry.near);
        all.contains(&"cognition")
            && all.contains(&"group")
            && !FAITHS.contains(&word)
            && near.any(|(_, kind)| FAITHS.contains(&kind))
    })
}

/// Whether a word is the name of a place.
fn is_place(word: &str) -> bool {
    TABLE.entry(word).is_some_and(|entry| {
        let mut all = entry.categories.split_whitespace();
        // Continents and seas are objects there.
        let place = matches!(all.next(), Some("location" | "object"));
        place && all.any(|category| category == NAME)
    })
}

/// How far two folded words may stand for each other by what they are composed of: "screenwriter" and "written",
/// "birthplace" and "birth".
pub fn compound(a: &str, b: &str) -> f64 {
    // Of a compound, the last part says what it is, and the first one what it has to do with.
    let of = |whole: &str, other: &str| {
        let kin = |word: &&str| matches!(*word, "grand" | "great" | "step" | "half" | "foster");
        if parts(whole).first().is_some_and(kin) {
            // A grandchild is no child.
            return 0.0;
        }
        let other = Word::of(other);
        let each = parts(whole).into_iter().zip([0.6, 0.8]);
        each.map(|(part, weight)| weight * Word::of(part).likeness(&other))
            .fold(0.0, f64::max)
    };
    of(a, b).max(of(b, a))
}

/// Whether one of two folded words is composed of the other, or of a form of it, and something else: "filmmaker", "films".
pub fn is_composed(a: &str, b: &str) -> bool {
    let of = |whole: &str, other: &str| {
        let other = Word::of(other);
        let mut each = parts(whole).into_iter().map(Word::of);
        each.any(|part| part.lemmas.iter().any(|lemma| other.lemmas.contains(lemma)))
    };
    of(a, b) || of(b, a)
}

/// Whether a folded word is composed of another, or of a form of it, and a chief word: "filmmaker", "films".
pub fn begins_with(whole: &str, first: &str) -> bool {
    let first = Word::of(first);
    let part = parts(whole).first().map(|part| Word::of(part));
    part.is_some_and(|part| part.lemmas.iter().any(|lemma| first.lemmas.contains(lemma)))
}

/// The two words of which a longer one is composed.
fn parts(whole: &str) -> Vec<&str> {
    if !whole.is_ascii() || whole.len() < 8 {
        return Vec::new();
    }
    let known = |at: &usize| {
        let (first, second) = whole.split_at(*at);
        Word::of(first).is_known() && Word::of(second).is_known()
    };
    match (4..=whole.len() - 4).find(known) {
        Some(at) => vec![&whole[..at], &whole[at..]],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_common_words() {
        let name = |word: &str| Word::of(word).is_name();
        assert!(name("africa") && name("japan") && name("mozart") && name("tahoe"));
        assert!(name("french") && name("english") && name("african"));
        assert!(
            !name("nation")
                && !name("ghost")
                && !name("drama")
                && !name("countries")
                && !name("written")
        );
    }

    #[test]
    fn words_stand_for_others() {
        let like = |a: &str, b: &str| Word::of(a).likeness(&Word::of(b));
        assert!(like("wrote", "written") > 0.9);
        assert!(like("penned", "written") > 0.8);
        assert!(like("writers", "wrote") > 0.8);
        assert!(like("acted", "actors") > 0.7);
        assert!(like("profession", "occupation") > 0.4);
        assert!(like("kinds", "genre") > 0.5);
        assert!(like("died", "death") > 0.8);
        assert!(like("film", "movies") > 0.8);
        assert_eq!(like("capital", "river"), 0.0);
        assert_eq!(like("qwxz", "qwxz"), 0.0);
        assert!(Word::of("directors").denotes("person"));
        assert!(Word::of("country").denotes("location"));
    }

    #[test]
    fn verbs_of_two_words_mean_what_a_single_one_does() {
        let means = |word: &str, next: &str, other: &str| {
            let phrase = Word::with_next(word, next);
            phrase.map_or(0.0, |phrase| phrase.likeness(&Word::of(other)))
        };
        assert!(means("setting", "up", "founded") > 0.8);
        assert!(means("took", "part", "participant") > 0.6);
        assert!(means("passed", "away", "founded") < 0.5);
        assert!(Word::with_next("sing", "loudly").is_none());
    }

    #[test]
    fn people_come_from_places() {
        let places = |word: &str| Word::of(word).places();
        assert_eq!(places("french"), ["france"]);
        assert!(places("panamanians").contains(&"panama"));
        assert!(places("american").contains(&"usa"));
        assert!(places("france").is_empty());
        assert!(places("teacher").is_empty());
    }

    #[test]
    fn believers_share_a_faith() {
        let faiths = |word: &str| Word::of(word).faiths();
        assert!(faiths("muslim").contains(&"islam"));
        assert!(faiths("jewish").contains(&"judaism"));
        assert!(faiths("painter").is_empty());
        assert!(faiths("religious").is_empty());
    }

    #[test]
    fn compounds_share_a_word() {
        assert!(compound("screenwriter", "writer") > 0.0);
        assert!(compound("birth", "birthplace") > 0.0);
        assert!(compound("screenwriter", "written") > 0.0);
        assert_eq!(compound("capital", "cap"), 0.0);
    }
}
