//! Base forms of English words: WordNet's rules of detachment, and the irregular forms of common words.

/// Whether a word is an irregular form of another one.
pub(super) fn is_irregular(word: &str) -> bool {
    IRREGULAR.iter().any(|(form, _)| *form == word)
}

/// Whether a word is an irregular form of a verb: "wrote", but neither "women" nor "best".
pub(super) fn is_irregular_verb(word: &str) -> bool {
    let degree = |base: &str| matches!(base, "old" | "bad" | "good" | "far");
    IRREGULAR
        .iter()
        .any(|(form, base)| *form == word && !PLURALS.contains(form) && !degree(base))
}

/// Whether a word is an irregular form of a noun for several things: "people".
pub(super) fn is_irregular_plural(word: &str) -> bool {
    PLURALS.contains(&word)
}

/// The irregular forms that are plurals.
const PLURALS: &[&str] = &[
    "children",
    "crises",
    "criteria",
    "feet",
    "geese",
    "halves",
    "indices",
    "knives",
    "leaves",
    "lives",
    "men",
    "mice",
    "people",
    "phenomena",
    "teeth",
    "wives",
    "wolves",
    "women",
];

/// Common irregular forms with their base forms.
const IRREGULAR: &[(&str, &str)] = &[
    ("arose", "arise"),
    ("arisen", "arise"),
    ("ate", "eat"),
    ("eaten", "eat"),
    ("awoke", "awake"),
    ("beat", "beat"),
    ("beaten", "beat"),
    ("became", "become"),
    ("began", "begin"),
    ("begun", "begin"),
    ("bent", "bend"),
    ("bit", "bite"),
    ("bitten", "bite"),
    ("bled", "bleed"),
    ("blew", "blow"),
    ("blown", "blow"),
    ("bore", "bear"),
    ("born", "bear"),
    ("borne", "bear"),
    ("bought", "buy"),
    ("bound", "bind"),
    ("broke", "break"),
    ("broken", "break"),
    ("brought", "bring"),
    ("built", "build"),
    ("burnt", "burn"),
    ("came", "come"),
    ("caught", "catch"),
    ("children", "child"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("clung", "cling"),
    ("crises", "crisis"),
    ("criteria", "criterion"),
    ("dealt", "deal"),
    ("did", "do"),
    ("done", "do"),
    ("drank", "drink"),
    ("drunk", "drink"),
    ("drawn", "draw"),
    ("drew", "draw"),
    ("driven", "drive"),
    ("drove", "drive"),
    ("dug", "dig"),
    ("fallen", "fall"),
    ("fed", "feed"),
    ("feet", "foot"),
    ("fell", "fall"),
    ("felt", "feel"),
    ("fled", "flee"),
    ("flew", "fly"),
    ("flown", "fly"),
    ("flung", "fling"),
    ("forgot", "forget"),
    ("forgotten", "forget"),
    ("fought", "fight"),
    ("found", "find"),
    ("froze", "freeze"),
    ("frozen", "freeze"),
    ("gave", "give"),
    ("geese", "goose"),
    ("given", "give"),
    ("gone", "go"),
    ("got", "get"),
    ("gotten", "get"),
    ("grew", "grow"),
    ("grown", "grow"),
    ("had", "have"),
    ("has", "have"),
    ("heard", "hear"),
    ("held", "hold"),
    ("hid", "hide"),
    ("hidden", "hide"),
    ("hung", "hang"),
    ("indices", "index"),
    ("kept", "keep"),
    ("knew", "know"),
    ("known", "know"),
    ("laid", "lay"),
    ("lain", "lie"),
    ("laying", "lay"),
    ("led", "lead"),
    ("left", "leave"),
    ("lent", "lend"),
    ("lit", "light"),
    ("lives", "life"),
    ("lost", "lose"),
    ("made", "make"),
    ("men", "man"),
    ("meant", "mean"),
    ("met", "meet"),
    ("mice", "mouse"),
    ("paid", "pay"),
    ("people", "person"),
    ("phenomena", "phenomenon"),
    ("ran", "run"),
    ("rang", "ring"),
    ("rode", "ride"),
    ("ridden", "ride"),
    ("risen", "rise"),
    ("rose", "rise"),
    ("rung", "ring"),
    ("said", "say"),
    ("sang", "sing"),
    ("sank", "sink"),
    ("sat", "sit"),
    ("saw", "see"),
    ("seen", "see"),
    ("sent", "send"),
    ("shaken", "shake"),
    ("shone", "shine"),
    ("shook", "shake"),
    ("shot", "shoot"),
    ("shown", "show"),
    ("slept", "sleep"),
    ("slid", "slide"),
    ("sold", "sell"),
    ("sought", "seek"),
    ("spent", "spend"),
    ("spoke", "speak"),
    ("spoken", "speak"),
    ("sprang", "spring"),
    ("stole", "steal"),
    ("stolen", "steal"),
    ("stood", "stand"),
    ("struck", "strike"),
    ("stuck", "stick"),
    ("sung", "sing"),
    ("sunk", "sink"),
    ("swam", "swim"),
    ("swore", "swear"),
    ("sworn", "swear"),
    ("taken", "take"),
    ("taught", "teach"),
    ("teeth", "tooth"),
    ("thought", "think"),
    ("threw", "throw"),
    ("thrown", "throw"),
    ("told", "tell"),
    ("took", "take"),
    ("torn", "tear"),
    ("understood", "understand"),
    ("went", "go"),
    ("wives", "wife"),
    ("woke", "wake"),
    ("won", "win"),
    ("women", "woman"),
    ("wore", "wear"),
    ("worn", "wear"),
    ("written", "write"),
    ("wrote", "write"),
    ("older", "old"),
    ("oldest", "old"),
    ("elder", "old"),
    ("eldest", "old"),
    ("worse", "bad"),
    ("worst", "bad"),
    ("better", "good"),
    ("best", "good"),
    ("further", "far"),
    ("furthest", "far"),
    ("farthest", "far"),
];

/// Endings with what stands in their place in the base form, the longest first.
const ENDINGS: &[(&str, &str)] = &[
    ("ies", "y"),
    ("ied", "y"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("sses", "ss"),
    ("xes", "x"),
    ("zes", "z"),
    ("ves", "f"),
    ("iest", "y"),
    ("ier", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("est", ""),
    ("est", "e"),
    ("es", ""),
    ("ed", ""),
    ("ed", "e"),
    ("er", ""),
    ("er", "e"),
    ("s", ""),
];

/// Forms that a folded word may have in a dictionary, itself first; most of them are no words.
pub(super) fn lemmas(word: &str) -> Vec<String> {
    let mut found = vec![word.to_owned()];
    let mut add = |form: String| {
        if form.len() >= 2 && !found.contains(&form) {
            found.push(form);
        }
    };
    for (form, base) in IRREGULAR {
        if *form == word {
            add((*base).to_owned());
        }
    }
    for (ending, base) in ENDINGS {
        if let Some(root) = word.strip_suffix(ending).filter(|root| root.len() >= 2) {
            // "er" and "est" belong to short adjectives; "director" and "forest" are words of their own.
            if matches!(*ending, "er" | "est") && root.len() > 6 {
                continue;
            }
            add(format!("{root}{base}"));
            let doubled = root.as_bytes();
            let twice =
                doubled.len() >= 3 && doubled[doubled.len() - 1] == doubled[doubled.len() - 2];
            if twice && base.is_empty() && matches!(*ending, "ing" | "ed" | "er" | "est") {
                add(root[..root.len() - 1].to_owned());
            }
        }
    }
    found
}
