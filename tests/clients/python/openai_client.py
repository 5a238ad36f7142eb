"""The official Python SDK against an Almanac server with the knowledge base `lanterns`."""

import os

import openai

client = openai.OpenAI(
    base_url=os.environ["ALMANAC_URL"] + "/v1",
    api_key=os.environ["ALMANAC_KEY"],
    max_retries=0,
)
QUESTION = [{"role": "user", "content": "Who is the keeper of Brannoch Light?"}]


def check_grounding(grounding):
    """Extra fields survive in the SDK's objects as plain dictionaries."""
    assert isinstance(grounding, dict), grounding
    assert grounding["status"] == "grounded", grounding
    assert grounding["knowledge_base"] == "lanterns"
    assert [a["label"] for a in grounding["answers"]] == ["Tobias Fenn"], grounding["answers"]
    assert grounding["rows"][0][0]["value"] == "http://lantern.example/tobias"
    assert [c["id"] for c in grounding["citations"]] == [1], grounding["citations"]
    citation = grounding["citations"][0]
    assert citation["kind"] == "fact" and citation["object"]["label"] == "Tobias Fenn", citation
    assert set(grounding["timings_ms"]) >= {"link", "plan", "query", "word"}


def create():
    completion = client.chat.completions.create(model="lanterns", messages=QUESTION)
    message = completion.choices[0].message
    assert "Tobias Fenn" in message.content and "[1]" in message.content, message.content
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    check_grounding(message.model_extra["grounding"])
    return message.content


def create_stream(expected):
    stream = client.chat.completions.create(
        model="lanterns", messages=QUESTION, stream=True, stream_options={"include_usage": True}
    )
    text, groundings, usage, reasons = "", [], None, []
    for chunk in stream:
        if not chunk.choices:
            usage = chunk.usage
            continue
        assert usage is None, "the usage comes last"
        choice = chunk.choices[0]
        text += choice.delta.content or ""
        if (choice.delta.model_extra or {}).get("grounding"):
            groundings.append(choice.delta.model_extra["grounding"])
        if choice.finish_reason:
            reasons.append(choice.finish_reason)
    assert text == expected, (text, expected)
    assert reasons == ["stop"] and usage is not None
    assert len(groundings) == 1
    check_grounding(groundings[0])


def stream_helper(expected):
    """The SDK's own accumulator, which merges the deltas into one message."""
    with client.chat.completions.stream(model="lanterns", messages=QUESTION) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert "".join(deltas) == expected
    message = final.choices[0].message
    assert message.content == expected
    check_grounding(message.model_extra["grounding"])


def options():
    """Almanac's own options travel in `extra_body`."""
    completion = client.chat.completions.create(
        model="lanterns", messages=QUESTION, extra_body={"almanac": {"explain": True}}
    )
    assert completion.choices[0].message.model_extra["grounding"]["explanation"]


def abstention():
    completion = client.chat.completions.create(
        model="lanterns", messages=[{"role": "user", "content": "Who is the keeper of Westmere Light?"}]
    )
    grounding = completion.choices[0].message.model_extra["grounding"]
    assert grounding["status"] == "abstained" and grounding["reason"], grounding
    assert completion.choices[0].message.content


def models():
    listed = {model.id: model for model in client.models.list()}
    assert listed["lanterns"].owned_by == "almanac" and listed["lanterns"].object == "model"
    assert client.models.retrieve("lanterns").id == "lanterns"
    return {model.model_extra["kind"]: model.id for model in listed.values()}


def embeddings(model):
    texts = ["a lighthouse", "a beacon", "tax return"]
    # The SDK asks for base64 and decodes it, unless told otherwise.
    decoded = client.embeddings.create(model=model, input=texts)
    plain = client.embeddings.create(model=model, input=texts, encoding_format="float")
    assert [e.index for e in decoded.data] == [0, 1, 2]
    for a, b in zip(decoded.data, plain.data):
        assert len(a.embedding) == 384
        assert all(abs(x - y) < 1e-6 for x, y in zip(a.embedding, b.embedding))
    assert decoded.usage.total_tokens > 0


def plain_chat(model):
    completion = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Say hello."}], max_tokens=8, temperature=0
    )
    assert completion.choices[0].message.content
    assert 0 < completion.usage.completion_tokens <= 8


def fails(expected, call):
    try:
        call()
    except expected as error:
        return error
    raise AssertionError(f"{expected.__name__} was expected")


def errors():
    chat = client.chat.completions.create
    error = fails(openai.NotFoundError, lambda: chat(model="atlantis", messages=QUESTION))
    assert error.code == "model_not_found" and error.status_code == 404, error
    error = fails(openai.BadRequestError, lambda: chat(model="lanterns", messages=QUESTION, n=2))
    assert error.param == "n", error
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    error = fails(openai.BadRequestError, lambda: chat(model="lanterns", messages=QUESTION, tools=tools))
    assert error.param == "tools", error
    fails(openai.BadRequestError, lambda: chat(model="lanterns", messages=[]))
    fails(openai.NotFoundError, lambda: client.models.retrieve("atlantis"))
    fails(openai.NotFoundError, lambda: chat(model="atlantis", messages=QUESTION, stream=True))
    if client.api_key.startswith("alm_"):
        stranger = client.with_options(api_key="alm_wrong_key")
        error = fails(openai.AuthenticationError, lambda: stranger.models.list())
        assert error.code == "invalid_api_key", error


def main():
    content = create()
    create_stream(content)
    stream_helper(content)
    options()
    abstention()
    kinds = models()
    if "embedder" in kinds:
        embeddings(kinds["embedder"])
    if "language_model" in kinds:
        plain_chat(kinds["language_model"])
    errors()
    print("all is well")


if __name__ == "__main__":
    main()
