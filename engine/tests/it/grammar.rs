//! Texts bound to grammars, on a tiny model that speaks nonsense within them, and on a real one.

use std::time::{Duration, Instant};

use engine::{
    Allowed, Constraint, END_OF_SEQUENCE, Engine, EngineError, EngineOptions, FinishReason,
    GenerateRequest, Grammar, LanguageModel, Phrases, Prompt,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::models;
use crate::tiny::Tiny;

fn tiny() -> Engine {
    Tiny::new().load(EngineOptions {
        threads: 1,
        ..EngineOptions::default()
    })
}

/// What the tiny model's tokens stand for.
fn bytes(token: u32) -> Vec<u8> {
    match token {
        0 | 1 => Vec::new(),
        258 => b"th".to_vec(),
        259 => b"the".to_vec(),
        260 => b" the".to_vec(),
        byte => vec![(byte - 2) as u8],
    }
}

fn allowed(constraint: &dyn Constraint) -> Vec<u32> {
    match constraint.allowed() {
        Allowed::Tokens(tokens) => tokens.to_vec(),
        Allowed::Mask(set) => set.iter().collect(),
        Allowed::End => vec![END_OF_SEQUENCE],
        other => panic!("{other:?}"),
    }
}

/// A text that a constraint allows, chosen by chance; whether it is complete.
fn walk(constraint: &mut dyn Constraint, choices: &[prop::sample::Index]) -> (String, bool) {
    let mut out = Vec::new();
    for choice in choices {
        let tokens = allowed(constraint);
        assert!(!tokens.is_empty());
        let token = tokens[choice.index(tokens.len())];
        if token == END_OF_SEQUENCE {
            return (String::from_utf8(out).unwrap(), true);
        }
        out.extend(bytes(token));
        constraint.accept(token);
    }
    (String::from_utf8_lossy(&out).into_owned(), false)
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "kind": { "enum": ["town", "the river", null, 7] },
            "size": { "type": "integer", "minimum": -20, "maximum": 300 },
            "names": { "type": "array", "items": { "type": "string", "maxLength": 3 }, "minItems": 1, "maxItems": 2 },
            "next": { "$ref": "#/$defs/place" },
            "code": { "type": "string", "pattern": "^[A-Z]{2}-[0-9]{1,3}$" },
        },
        "required": ["kind", "size", "names"],
        "additionalProperties": false,
        "$defs": { "place": { "anyOf": [{ "type": "boolean" }, { "const": { "a": [] } }] } },
    })
}

fn satisfies(value: &Value) -> bool {
    let object = value.as_object().unwrap();
    let known = ["kind", "size", "names", "next", "code"];
    let kinds = [json!("town"), json!("the river"), json!(null), json!(7)];
    let code = |code: &Value| {
        let (letters, digits) = code.as_str().unwrap().split_once('-').unwrap();
        letters.len() == 2
            && letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=3).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    object.keys().all(|key| known.contains(&key.as_str()))
        && kinds.contains(&object["kind"])
        && (-20.0..=300.0).contains(&object["size"].as_f64().unwrap())
        && object["names"].as_array().is_some_and(|names| {
            (1..=2).contains(&names.len())
                && names
                    .iter()
                    .all(|name| name.as_str().unwrap().chars().count() <= 3)
        })
        && object
            .get("next")
            .is_none_or(|next| next.is_boolean() || *next == json!({ "a": [] }))
        && object.get("code").is_none_or(code)
}

#[test]
fn what_ends_by_itself_satisfies_the_schema() {
    let engine = tiny();
    let mut whole = 0;
    for seed in 0..30 {
        let mut request = GenerateRequest::new(Prompt::Text("which? ".into()));
        request.max_tokens = 200;
        request.sampling.temperature = 1.5;
        request.sampling.seed = Some(seed);
        request.constraint = Some(engine.constrain(&Grammar::JsonSchema(schema())).unwrap());
        let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
        if completion.finish_reason == FinishReason::Stop {
            let value: Value = serde_json::from_str(&text).unwrap();
            assert!(satisfies(&value), "{text}");
            whole += 1;
        } else {
            assert_eq!(completion.finish_reason, FinishReason::Length);
        }
    }
    assert!(whole > 20, "{whole}");
}

#[test]
fn a_text_that_is_cut_off_ends_for_its_length() {
    let engine = tiny();
    for max_tokens in [0, 1, 9] {
        let mut request = GenerateRequest::new(Prompt::Text("x".into()));
        request.max_tokens = max_tokens;
        request.constraint = Some(engine.constrain(&Grammar::JsonSchema(schema())).unwrap());
        let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
        assert_eq!(completion.finish_reason, FinishReason::Length);
        assert!("{\"kind\": ".starts_with(&text[..text.len().min(9)]));
        assert_eq!(completion.completion_tokens, max_tokens);
    }
}

#[test]
fn members_come_in_the_order_of_the_schema() {
    let engine = tiny();
    let schema = json!({
        "properties": { "zebra": { "const": 1 }, "ant": { "const": 2 } },
        "type": "object", "required": ["zebra", "ant"], "additionalProperties": false,
    });
    let mut request = GenerateRequest::new(Prompt::Text("x".into()));
    request.constraint = Some(engine.constrain(&Grammar::JsonSchema(schema)).unwrap());
    let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
    assert_eq!(text, r#"{"zebra": 1, "ant": 2}"#);
    assert_eq!(completion.finish_reason, FinishReason::Stop);
}

#[test]
fn expressions_grammars_and_phrases_bind_too() {
    let engine = tiny();
    let lark = "start: \"(\" start? \")\" | \"the \" /[ab]{1,2}/";
    let phrases = Phrases {
        sources: vec!["the tide turns at 10:30, then the boat".into()],
        most_words: 2,
        or_nothing: false,
    };
    let phrase = |text: &str| {
        let trimmed = !text.is_empty() && text.trim() == text;
        trimmed
            && phrases.sources[0].contains(text)
            && !text.ends_with("10")
            && !text.starts_with("30")
    };
    let code = |text: &str| text.split('/').count() == 2 && text.starts_with("x/");
    let balanced = |text: &str| {
        let open = text.bytes().take_while(|byte| *byte == b'(').count();
        let middle = &text[open..text.len() - open];
        text.ends_with(&")".repeat(open))
            && (middle.is_empty() && open > 0 || middle.starts_with("the "))
    };
    type Holds<'a> = &'a dyn Fn(&str) -> bool;
    let languages: [(Grammar, Holds<'_>); 3] = [
        (Grammar::Regex("x/[0-9]{1,3}(?:é|y)".into()), &code),
        (Grammar::Lark(lark.into()), &balanced),
        (Grammar::Copy(phrases.clone()), &phrase),
    ];
    for (grammar, is_right) in &languages {
        let mut whole = 0;
        for seed in 0..10 {
            let mut request = GenerateRequest::new(Prompt::Text("x".into()));
            request.sampling.temperature = 2.0;
            request.sampling.seed = Some(seed);
            request.max_tokens = 100;
            request.constraint = Some(engine.constrain(grammar).unwrap());
            let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
            if completion.finish_reason == FinishReason::Stop {
                assert!(is_right(&text), "{grammar:?}: {text:?}");
                whole += 1;
            }
        }
        assert!(whole >= 5, "{grammar:?}: {whole}");
    }
}

#[test]
fn a_constraint_says_what_it_stands_for() {
    let engine = tiny();
    let grammar = Grammar::Regex("a+".into());
    let bound = engine.constrain(&grammar).unwrap();
    assert_eq!(bound.grammar(), Some(&grammar));
    let unchecked = grammar.clone().unchecked();
    assert_eq!(
        (unchecked.grammar(), unchecked.allowed()),
        (Some(&grammar), Allowed::Any)
    );
}

#[test]
fn what_cannot_be_kept_is_refused_with_its_place() {
    let engine = tiny();
    let refused = |grammar: Grammar| match engine.constrain(&grammar).err() {
        Some(EngineError::Invalid(message)) => message,
        other => panic!("{grammar:?}: {other:?}"),
    };
    let inner = json!({
        "type": "object",
        "properties": { "a/b": { "items": [{}, { "type": "array", "uniqueItems": true }], "type": "array" } },
    });
    let message = refused(Grammar::JsonSchema(inner));
    assert!(
        message.contains("uniqueItems") && message.contains("#/properties/a~1b/items/1"),
        "{message}"
    );
    let deep = (0..70).fold(json!({}), |inner, _| json!({ "items": inner }));
    assert!(refused(Grammar::JsonSchema(deep)).contains("deeper"));
    let long = json!({ "enum": vec!["x".repeat(100); 1000] });
    assert!(refused(Grammar::JsonSchema(long)).contains("bytes"));
    for schema in [
        json!(false),
        json!(7),
        json!({ "$ref": "#/$defs/none" }),
        json!({ "type": "king" }),
        json!({ "type": "integer", "minimum": 3, "maximum": 2 }),
        json!({ "$ref": "https://example.org/x" }),
    ] {
        refused(Grammar::JsonSchema(schema));
    }
    for text in ["(", "a{2,1}", "(?=a)b", "[z-a]"] {
        refused(Grammar::Regex(text.into()));
    }
    for text in ["", "start: other", "start: \"a"] {
        refused(Grammar::Lark(text.into()));
    }
    refused(Grammar::Regex("a".repeat(5_000)));
    let patterns =
        json!({ "patternProperties": { ("a".repeat(4_000)): { "pattern": "b".repeat(1_000) } } });
    assert!(refused(Grammar::JsonSchema(patterns)).contains("patterns"));
}

#[test]
fn a_schema_cannot_loosen_what_is_promised() {
    let engine = tiny();
    let schema = json!({ "type": "array", "uniqueItems": true, "x-guidance": { "lenient": true } });
    assert!(engine.constrain(&Grammar::JsonSchema(schema)).is_err());
}

/// What takes other implementations exponential time or memory.
#[test]
fn hostile_grammars_cost_little() {
    let engine = tiny();
    engine.constrain(&Grammar::JsonObject).unwrap();
    let many = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|at| json!({ "properties": { (format!("p{at}")): { "type": "string" } } }))
            .collect()
    };
    let wide: serde_json::Map<String, Value> = (0..2000)
        .map(|at| (format!("p{at}"), json!({ "type": ["string", "null"] })))
        .collect();
    let chain: serde_json::Map<String, Value> = (0..200)
        .map(|at| {
            let next = json!({ "$ref": format!("#/$defs/d{}", (at + 1) % 200) });
            (
                format!("d{at}"),
                json!({ "anyOf": [next.clone(), next, { "type": "null" }] }),
            )
        })
        .collect();
    // As long as the bounds allow.
    let definitions: serde_json::Map<String, Value> = (0..1900)
        .map(|at| {
            (
                format!("{at}"),
                json!({ "$ref": format!("#/$defs/{}", at + 1) }),
            )
        })
        .chain([("1900".to_owned(), json!({ "type": "null" }))])
        .collect();
    let rules: String = (0..5000)
        .map(|at| format!("r{at}: r{}\n", at + 1))
        .collect();
    let hostile = [
        Grammar::JsonSchema(json!({ "$defs": definitions, "$ref": "#/$defs/0" })),
        Grammar::Regex("(".repeat(2_000) + "a" + &")".repeat(2_000)),
        Grammar::Regex("(a|[b-d])".repeat(450)),
        Grammar::Regex("a?".repeat(2_000)),
        Grammar::Regex("(a?b?){1,900}".repeat(300)),
        Grammar::JsonSchema(json!({ "type": "string", "pattern": "a?".repeat(512) })),
        Grammar::JsonSchema(
            json!({ "enum": (0..6_000).map(|at| format!("{at}ab")).collect::<Vec<_>>() }),
        ),
        Grammar::Lark(format!(
            "start: {}\"a\"{}",
            "(".repeat(30_000),
            ")".repeat(30_000)
        )),
        Grammar::Lark(format!("start: r0\n{rules}r5000: \"a\"")),
        Grammar::JsonSchema(
            json!({ "allOf": [{ "anyOf": many(150) }, { "anyOf": many(150) }, { "anyOf": many(150) }] }),
        ),
        Grammar::JsonSchema(json!({ "properties": wide, "type": "object" })),
        Grammar::JsonSchema(json!({ "$defs": chain, "$ref": "#/$defs/d0" })),
        Grammar::JsonSchema(json!({ "$ref": "#" })),
        Grammar::JsonSchema(json!({ "type": "string", "pattern": "^(a|aa)*(b?){500}c{1,5000}$" })),
        Grammar::JsonSchema(
            json!({ "type": "string", "minLength": 1_000_000, "maxLength": 2_000_000 }),
        ),
        Grammar::JsonSchema(json!({ "type": "array", "minItems": 4_000_000_000u64 })),
        Grammar::JsonSchema(
            json!({ "type": "number", "multipleOf": 0.000_000_1, "minimum": 1e300 }),
        ),
        Grammar::Regex("((a{0,100}){0,100}){0,100}".into()),
        Grammar::Regex("(.*a.{50}|.*b.{60}|.*c.{70})".into()),
        Grammar::Regex("\\PN{3,3000}".into()),
        Grammar::Lark("start: start start | \"a\" | ".into()),
        Grammar::Lark("start: x{1000}\nx: y{1000}\ny: z{1000}\nz: \"a\"?".into()),
    ];
    for grammar in hostile {
        let began = Instant::now();
        if let Ok(mut constraint) = engine.constrain(&grammar) {
            for _ in 0..50 {
                match constraint.allowed() {
                    Allowed::End | Allowed::Fault(_) => break,
                    _ => {}
                }
                let tokens = allowed(&*constraint);
                constraint.accept(tokens[0]);
            }
        }
        let took = began.elapsed();
        println!("{took:?} {:.60}", format!("{grammar:?}"));
        assert!(
            took < Duration::from_secs(5),
            "{took:?}: {:.100}",
            format!("{grammar:?}")
        );
    }
}

#[test]
fn a_real_model_writes_json() {
    let Some(engine) = models::smollm() else {
        return;
    };
    let schema = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "maxLength": 40 },
            "capital": { "type": "string", "maxLength": 40 },
            "in_europe": { "type": "boolean" },
        },
        "required": ["name", "capital", "in_europe"],
        "additionalProperties": false,
    });
    let turn = engine::ChatTurn {
        role: "user".into(),
        content: "Describe France as JSON with name, capital and in_europe.".into(),
    };
    let mut request = GenerateRequest::new(Prompt::Chat(vec![turn]));
    request.constraint = Some(engine.constrain(&Grammar::JsonSchema(schema)).unwrap());
    let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Stop, "{text}");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["capital"], "Paris", "{text}");
    assert!(value["in_europe"].is_boolean());

    let phrases = Phrases {
        sources: vec!["The lighthouse of Brannoch was built in 1871 by Ada Quill.".into()],
        most_words: 3,
        or_nothing: false,
    };
    let turn = engine::ChatTurn {
        role: "user".into(),
        content: format!(
            "{} In which year was it built? Answer with the year only.",
            phrases.sources[0]
        ),
    };
    let mut request = GenerateRequest::new(Prompt::Chat(vec![turn]));
    request.constraint = Some(engine.constrain(&Grammar::Copy(phrases.clone())).unwrap());
    let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Stop);
    assert!(phrases.sources[0].contains(&text), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_walk_that_ends_is_in_the_language(
        choices in prop::collection::vec(any::<prop::sample::Index>(), 400),
    ) {
        let engine = tiny();
        let mut bound = engine.constrain(&Grammar::JsonSchema(schema())).unwrap();
        let (text, whole) = walk(&mut *bound, &choices);
        if whole {
            prop_assert!(satisfies(&serde_json::from_str(&text).unwrap()), "{}", text);
        }
        let mut object = engine.constrain(&Grammar::JsonObject).unwrap();
        let (text, whole) = walk(&mut *object, &choices);
        if whole {
            let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            prop_assert!(parsed.is_ok() && text.starts_with('{'), "{}", text);
        }
    }
}
