//! JSON of the wrong shape.

use serde_json::json;

use super::Untouched;

#[test]
fn json_of_the_wrong_shape_is_400() {
    let kb = Untouched::new();
    let post = |path: &str, body: &str| {
        kb.server
            .call("POST", path)
            .body("application/json", body.to_owned())
            .send()
    };
    for body in [
        "",
        "{",
        "[]",
        "null",
        "42",
        "\"text\"",
        "{}",
        "{\"model\": 1}",
        "{\"model\": \"lanterns\"}",
        "{\"model\": \"lanterns\", \"messages\": \"hello\"}",
        "{\"model\": \"lanterns\", \"messages\": [\"hello\"]}",
        "{\"model\": \"lanterns\", \"messages\": [{\"content\": \"hello\"}]}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": 7}]}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"stream\": \"yes\"}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"almanac\": {\"no\": 1}}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]} trailing",
    ] {
        let reply = post("/v1/chat/completions", body);
        assert_eq!(reply.status, 400, "{body}: {reply:?}");
        reply.openai_error(400);
    }
    // Nesting that would exhaust the stack of a careless parser.
    post("/v1/chat/completions", &"[".repeat(100_000)).openai_error(400);
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "{\"name\": 1}",
        "{\"name\": \"x\", \"colour\": \"red\"}",
    ] {
        let reply = post("/kb", body);
        assert_eq!(reply.status, 400, "{body}: {reply:?}");
        reply.problem(400);
    }
    kb.assert();
}

#[test]
fn an_array_in_place_of_an_object_is_400() {
    let kb = Untouched::new();
    kb.server.post("/kb", &json!(["x"])).problem(400);
    kb.server
        .post("/kb/lanterns/documents", &json!([["id", "title", "text"]]))
        .problem(400);
    for (path, body) in [
        ("/v1/embeddings", json!(["m", "x"])),
        ("/v1/chat/completions", json!(["lanterns", []])),
        (
            "/v1/chat/completions",
            json!({ "model": "lanterns", "messages": [["user", "hi"]] }),
        ),
    ] {
        let error = kb.server.post(path, &body).openai_error(400);
        let text = error.to_string();
        assert!(text.contains("expected an object"), "{text}");
        assert!(!text.contains("struct"), "{text}");
    }
    kb.assert();
}

#[test]
fn the_parameter_at_fault_is_named() {
    let kb = Untouched::new();
    let user = json!([{ "role": "user", "content": "hi" }]);
    for (body, param) in [
        (json!({ "model": "lanterns" }), "messages"),
        (
            json!({ "model": "lanterns", "messages": user, "almanac": { "explian": true } }),
            "almanac.explian",
        ),
    ] {
        let reply = kb.server.post("/v1/chat/completions", &body);
        reply.openai_error(400);
        assert_eq!(reply.json()["error"]["param"], param);
    }
    let problem = kb.server.get("/kb/lanterns/search").problem(400);
    assert_eq!(problem["detail"], "the parameter `q` is missing");
    kb.server
        .get("/kb/lanterns/sparql?query=ASK%7B%7D&limit=1")
        .problem(400);
    kb.server
        .get("/kb/lanterns/sparql?query=ASK%7B%7D&format=json")
        .expect(200);
    kb.assert();
}
