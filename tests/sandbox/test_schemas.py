"""Every answer and every chunk is what the provider's own OpenAPI document says it is."""

import json

import jsonschema
import pytest

CHAT = "/v1/chat/completions"
QUESTION = [{"role": "user", "content": "Say something about lots, then call get_weather."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "score": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "role": {"enum": ["reader", "writer", None]},
        "kind": {"const": "person"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 4},
        "friend": {"anyOf": [{"$ref": "#/$defs/friend"}, {"type": "null"}]},
        "maybe": {"type": ["boolean", "null"]},
    },
    "required": ["name", "age", "score", "role", "kind", "tags", "friend", "maybe"],
    "additionalProperties": False,
    "$defs": {
        "friend": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 30},
                "friend": {"anyOf": [{"$ref": "#/$defs/friend"}, {"type": "null"}]},
            },
            "required": ["name", "friend"],
            "additionalProperties": False,
        }
    },
}
REQUESTS = {
    "plain": {},
    "limited": {"max_tokens": 12},
    "choices": {"n": 3, "seed": 7},
    "logprobs": {"logprobs": True, "top_logprobs": 3, "max_tokens": 20},
    "no alternatives": {"logprobs": True, "max_tokens": 20},
    "stopped": {"stop": "."},
    "functions": {"tools": [WEATHER]},
    "named function": {
        "tools": [WEATHER],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    },
    "cut function": {"tools": [WEATHER], "tool_choice": "required", "max_tokens": 6},
    "schema": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "person", "strict": True, "schema": PERSON},
        }
    },
    "reasoning": {"model": "gpt-5-mini", "reasoning_effort": "low"},
    "reasoning alone": {"model": "gpt-5-mini", "max_completion_tokens": 16},
    "priority": {"service_tier": "priority"},
    "metadata": {"metadata": {"study": "a"}, "store": False, "user": "u", "temperature": 0},
}


def body(members):
    return {"model": "gpt-4o-mini", "messages": QUESTION, **members}


def chunks(text):
    events = text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    return [json.loads(event.removeprefix("data: ")) for event in events[:-2]]


@pytest.mark.parametrize("name", REQUESTS)
def test_a_chat_answer_is_valid(post, valid, name):
    valid("CreateChatCompletionRequest", body(REQUESTS[name]))
    status, text = post(CHAT, body(REQUESTS[name]))
    assert status == 200, text
    valid("CreateChatCompletionResponse", json.loads(text))


@pytest.mark.parametrize("usage", [True, False])
@pytest.mark.parametrize("name", REQUESTS)
def test_each_chunk_is_valid_and_they_add_up(post, valid, name, usage):
    plain = json.loads(post(CHAT, body(REQUESTS[name]))[1])
    options = {"stream": True, "stream_options": {"include_usage": usage}}
    status, text = post(CHAT, body({**REQUESTS[name], **options}))
    assert status == 200, text
    found = chunks(text)
    for chunk in found:
        valid("CreateChatCompletionStreamResponse", chunk)
        assert ("usage" in chunk) == usage
    if usage:
        last = found.pop()
        assert last["choices"] == []
        # Asked a second time, a long prompt may be cached; everything else is the same.
        assert last["usage"]["completion_tokens"] == plain["usage"]["completion_tokens"]
        assert last["usage"]["prompt_tokens"] == plain["usage"]["prompt_tokens"]
    for choice in plain["choices"]:
        deltas = [
            part
            for chunk in found
            for part in chunk["choices"]
            if part["index"] == choice["index"]
        ]
        assert deltas[0]["delta"]["role"] == "assistant"
        assert deltas[-1]["finish_reason"] == choice["finish_reason"]
        said = "".join(part["delta"].get("content") or "" for part in deltas)
        assert said == (choice["message"]["content"] or "")
        arguments = {}
        for part in deltas:
            for call in part["delta"].get("tool_calls", []):
                known = arguments.setdefault(call["index"], "")
                arguments[call["index"]] = known + call["function"]["arguments"]
        calls = choice["message"].get("tool_calls", [])
        assert list(arguments.values()) == [call["function"]["arguments"] for call in calls]


@pytest.mark.parametrize("seed", range(30))
def test_a_structured_answer_is_an_instance_of_its_schema(post, seed):
    _, text = post(CHAT, body({**REQUESTS["schema"], "seed": seed}))
    answer = json.loads(json.loads(text)["choices"][0]["message"]["content"])
    jsonschema.validate(answer, PERSON, cls=jsonschema.Draft202012Validator)
    _, text = post(CHAT, body({**REQUESTS["functions"], "seed": seed}))
    call = json.loads(text)["choices"][0]["message"]["tool_calls"][0]
    arguments = json.loads(call["function"]["arguments"])
    jsonschema.validate(arguments, WEATHER["function"]["parameters"])


COMPLETIONS = {
    "plain": {},
    "several": {"prompt": ["Once", "Twice"], "n": 2, "max_tokens": 5},
    "token ids": {"prompt": [[9906, 11], [1917]], "best_of": 3},
    "echoed": {"prompt": [9906, 11, 1917], "echo": True, "max_tokens": 9},
    "logprobs": {"logprobs": 2, "stop": ["."]},
    "suffix": {"model": "gpt-3.5-turbo-instruct", "suffix": " the end."},
}


@pytest.mark.parametrize("name", COMPLETIONS)
def test_a_completion_is_valid_in_one_piece_and_as_a_stream(post, valid, name):
    asked = {"model": "davinci-002", "prompt": "Once upon", **COMPLETIONS[name]}
    valid("CreateCompletionRequest", asked)
    status, text = post("/v1/completions", asked)
    assert status == 200, text
    whole = json.loads(text)
    valid("CreateCompletionResponse", whole)
    options = {"stream": True, "stream_options": {"include_usage": True}}
    status, text = post("/v1/completions", {**asked, **options})
    if "best_of" in asked:
        assert (status, json.loads(text)["error"]["param"]) == (400, "best_of")
        return
    found = chunks(text)
    assert found[-1]["choices"] == [] and found.pop()["usage"] == whole["usage"]
    for chunk in found:
        assert chunk.pop("usage") is None
        for part in chunk["choices"]:
            # The document asks for one of three words, and a chunk before the last has none.
            part["finish_reason"] = part["finish_reason"] or "stop"
        valid("CreateCompletionResponse", chunk)
    for choice in whole["choices"]:
        parts = [part for chunk in found for part in chunk["choices"]]
        parts = [part for part in parts if part["index"] == choice["index"]]
        assert "".join(part["text"] for part in parts) == choice["text"]
        for name in ("tokens", "text_offset", "top_logprobs"):
            told = [part["logprobs"][name] for part in parts if part["logprobs"]]
            assert sum(told, []) == (choice["logprobs"] or {}).get(name, [])


def test_a_streamed_image_is_valid(post, valid):
    asked = {"model": "gpt-image-1", "prompt": "A lot.", "stream": True, "partial_images": 2}
    status, text = post("/v1/images/generations", asked)
    assert status == 200, text
    events = [event.split("\n") for event in text.split("\n\n")[:-1]]
    found = [json.loads(data.removeprefix("data: ")) for _, data in events]
    assert [name.removeprefix("event: ") for name, _ in events] == [one["type"] for one in found]
    for event in found[:-1]:
        valid("ImageGenPartialImageEvent", event)
    valid("ImageGenCompletedEvent", found[-1])


@pytest.mark.parametrize(
    "members",
    [
        {"input": "hello world"},
        {"input": ["hello", "world"], "dimensions": 8},
        {"input": [15339, 1917], "model": "text-embedding-3-large"},
    ],
)
def test_an_embedding_is_valid(post, valid, members):
    status, text = post("/v1/embeddings", {"model": "text-embedding-3-small", **members})
    assert status == 200, text
    valid("CreateEmbeddingResponse", json.loads(text))


@pytest.mark.parametrize(
    "given",
    [
        "plain words",
        ["plain words", "violence and murder"],
        [
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        ],
    ],
)
def test_a_moderation_is_valid(post, valid, given):
    status, text = post("/v1/moderations", {"input": given})
    assert status == 200, text
    valid("CreateModerationResponse", json.loads(text))


def test_an_upload_is_valid(post, valid, client):
    asked = {"filename": "a.jsonl", "purpose": "batch", "bytes": 6, "mime_type": "application/jsonl"}
    status, text = post("/v1/uploads", asked)
    assert status == 200, text
    upload = json.loads(text)
    valid("Upload", upload)
    parts = [client.uploads.parts.create(upload["id"], data=data) for data in (b"def", b"abc")]
    for part in parts:
        valid("UploadPart", part.to_dict())
    path = f"/v1/uploads/{upload['id']}"
    status, text = post(f"{path}/complete", {"part_ids": [parts[1].id]})
    assert status == 400, "some of it is missing"
    _, text = post(f"{path}/complete", {"part_ids": [part.id for part in reversed(parts)]})
    done = json.loads(text)
    valid("Upload", done)
    assert client.files.content(done["file"]["id"]).read() == b"abcdef"
    status, text = post(f"{path}/cancel", {})
    assert status == 400, "it is a file"
    valid("ErrorResponse", json.loads(text))


def test_models_are_valid(post, valid):
    _, text = post("/v1/models", None, method="GET")
    listed = json.loads(text)
    valid("ListModelsResponse", listed)
    for model in listed["data"]:
        _, text = post(f"/v1/models/{model['id']}", None, method="GET")
        valid("Model", json.loads(text))
        assert json.loads(text) == model


@pytest.mark.parametrize(
    "status, path, members",
    [
        (404, CHAT, {"model": "gpt-9"}),
        (400, CHAT, {"temperature": 3}),
        (400, CHAT, {"max_tokens": 0}),
        (400, CHAT, {"messages": []}),
        (404, "/v1/wishes", {}),
        (400, "/v1/embeddings", {"model": "text-embedding-3-small"}),
        (400, "/v1/moderations", {}),
    ],
)
def test_an_error_is_valid(post, valid, status, path, members):
    found, text = post(path, body(members) if path == CHAT else members)
    assert found == status, text
    valid("ErrorResponse", json.loads(text))
