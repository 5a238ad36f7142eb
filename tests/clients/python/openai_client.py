"""The official Python SDK against an Almanac server with the knowledge base `lanterns`."""

import json
import os
import typing

import openai
import pydantic

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


def choices(model):
    """Several choices, whole and streamed; the first of them is what one alone would be."""
    question = [{"role": "user", "content": "Name a colour."}]
    parameters = {"model": model, "messages": question, "max_tokens": 8, "temperature": 1.3, "seed": 5}
    alone = client.chat.completions.create(**parameters).choices[0].message.content
    whole = client.chat.completions.create(**parameters, n=3)
    texts = [choice.message.content for choice in whole.choices]
    assert [choice.index for choice in whole.choices] == [0, 1, 2]
    assert texts[0] == alone and len(set(texts)) > 1, (alone, texts)
    assert 3 <= whole.usage.completion_tokens <= 24
    streamed, reasons = ["", "", ""], {}
    for chunk in client.chat.completions.create(**parameters, n=3, stream=True):
        for choice in chunk.choices:
            streamed[choice.index] += choice.delta.content or ""
            if choice.finish_reason:
                reasons[choice.index] = choice.finish_reason
    assert streamed == texts and sorted(reasons) == [0, 1, 2], (streamed, texts)


def logprobs(model):
    question = [{"role": "user", "content": "Name a colour."}]
    parameters = {"model": model, "messages": question, "max_tokens": 8, "temperature": 0}
    choice = client.chat.completions.create(**parameters, logprobs=True, top_logprobs=3).choices[0]
    tokens = choice.logprobs.content
    assert b"".join(bytes(token.bytes) for token in tokens).decode() == choice.message.content
    for token in tokens:
        # Greedy decoding takes the likeliest.
        assert token.token == token.top_logprobs[0].token and len(token.top_logprobs) == 3, token
        assert token.logprob == token.top_logprobs[0].logprob <= 0
    stream = client.chat.completions.create(**parameters, logprobs=True, top_logprobs=3, stream=True)
    streamed = [
        token
        for chunk in stream
        if chunk.choices and chunk.choices[0].logprobs
        for token in chunk.choices[0].logprobs.content
    ]
    assert [token.token for token in streamed] == [token.token for token in tokens]
    bare = client.chat.completions.create(**parameters)
    assert bare.choices[0].logprobs is None and bare.choices[0].message.content == choice.message.content


def forms(model):
    question = [{"role": "user", "content": "Describe a lighthouse as JSON."}]
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 20},
            "height": {"type": "integer", "minimum": 1, "maximum": 100},
            "lit": {"type": "boolean"},
        },
        "required": ["name", "height", "lit"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "lighthouse", "strict": True, "schema": schema}}
    completion = client.chat.completions.create(
        model=model, messages=question, response_format=form, temperature=1.5, seed=3, n=2
    )
    for choice in completion.choices:
        assert choice.finish_reason == "stop", choice
        value = json.loads(choice.message.content)
        assert list(value) == ["name", "height", "lit"], value
        assert isinstance(value["lit"], bool) and 1 <= value["height"] <= 100 and len(value["name"]) <= 20
    completion = client.chat.completions.create(
        model=model, messages=question, response_format={"type": "json_object"}, max_tokens=64, temperature=0
    )
    choice = completion.choices[0]
    assert choice.message.content.startswith("{"), choice
    assert choice.finish_reason == "length" or isinstance(json.loads(choice.message.content), dict)

    class Lighthouse(pydantic.BaseModel):
        name: typing.Annotated[str, pydantic.Field(max_length=20)]
        keepers: typing.Annotated[int, pydantic.Field(ge=0, le=9)]

    parsed = client.chat.completions.parse(model=model, messages=question, response_format=Lighthouse, temperature=0)
    assert isinstance(parsed.choices[0].message.parsed, Lighthouse)

    schema["properties"]["lit"] = {"type": "array", "uniqueItems": True}
    error = fails(
        openai.BadRequestError,
        lambda: client.chat.completions.create(model=model, messages=question, response_format=form),
    )
    assert error.param == "response_format" and "#/properties/lit" in error.message, error


def extensions(model):
    """What clients of vLLM send beside OpenAI's parameters."""
    question = [{"role": "user", "content": "Name a colour."}]
    greedy = client.chat.completions.create(model=model, messages=question, max_tokens=8, temperature=0)
    for only_one in [{"top_k": 1}, {"min_p": 1}]:
        completion = client.chat.completions.create(
            model=model, messages=question, max_tokens=8, temperature=2, extra_body=only_one
        )
        assert completion.choices[0].message.content == greedy.choices[0].message.content, only_one
    client.chat.completions.create(
        model=model, messages=question, max_tokens=8, extra_body={"repetition_penalty": 1.1, "top_k": -1}
    )


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
    error = fails(openai.BadRequestError, lambda: chat(model="lanterns", messages=QUESTION, logprobs=True))
    assert error.param == "logprobs", error
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
        for check in [plain_chat, choices, logprobs, forms, extensions]:
            check(kinds["language_model"])
    errors()
    print("all is well")


if __name__ == "__main__":
    main()
