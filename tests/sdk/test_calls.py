"""Calls with the official SDK, unchanged but for base URL and key."""

import base64
import json
import struct
from decimal import Decimal

import httpx2
import pydantic
import pytest

QUESTION = [{"role": "user", "content": "Name three ways in which a budget can fail."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}


@pytest.fixture
def lenient(gateway, client_for):
    """For embeddings: the SDK asks for base64 by itself and validates before it decodes."""
    return client_for(gateway["api_key"], strict=False)


class Finding(pydantic.BaseModel):
    title: str
    severity: int


def test_chat(client):
    answer = client.chat.completions.create(
        model="gpt-4o-mini", messages=QUESTION, max_completion_tokens=50
    )
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens <= 50
    assert answer._request_id.startswith("req_")


@pytest.mark.parametrize("usage", [None, False, True])
def test_stream(client, usage):
    options = {} if usage is None else {"stream_options": {"include_usage": usage}}
    stream = client.chat.completions.create(
        model="gpt-4.1-mini", messages=QUESTION, stream=True, **options
    )
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    reported = [chunk.usage for chunk in chunks if chunk.usage]
    assert len(reported) == (1 if usage else 0)


def test_stream_helper(client):
    with client.chat.completions.stream(model="gpt-4o-mini", messages=QUESTION) as stream:
        for _ in stream:
            pass
    assert stream.get_final_completion().choices[0].finish_reason == "stop"


@pytest.mark.parametrize("stream", [False, True])
def test_tools(client, stream):
    arguments = {"model": "gpt-4o-mini", "messages": QUESTION, "tools": [WEATHER]}
    choice = {"type": "function", "function": {"name": "weather"}}
    if stream:
        with client.chat.completions.stream(**arguments, tool_choice=choice) as events:
            answer = events.get_final_completion()
    else:
        answer = client.chat.completions.create(**arguments, tool_choice=choice)
    (call,) = answer.choices[0].message.tool_calls
    assert call.function.name == "weather"
    assert set(json.loads(call.function.arguments)) == {"city"}


def test_structured_output(client):
    answer = client.chat.completions.parse(
        model="gpt-4o-mini", messages=QUESTION, response_format=Finding
    )
    assert isinstance(answer.choices[0].message.parsed, Finding)


def test_logprobs(client):
    answer = client.chat.completions.create(
        model="gpt-4o-mini", messages=QUESTION, max_tokens=5, logprobs=True, top_logprobs=2
    )
    tokens = answer.choices[0].logprobs.content
    assert len(tokens) == answer.usage.completion_tokens
    assert all(len(token.top_logprobs) == 2 for token in tokens)


def test_several_choices(client):
    answer = client.chat.completions.create(
        model="gpt-4o-mini", messages=QUESTION, n=3, max_tokens=5
    )
    assert [choice.index for choice in answer.choices] == [0, 1, 2]


@pytest.mark.parametrize("text", ["words", ["some", "words"], [15339], [[15339], [1917, 11]]])
def test_embeddings(lenient, text):
    answer = lenient.embeddings.create(model="text-embedding-3-small", input=text)
    expected = len(text) if isinstance(text, list) and not isinstance(text[0], int) else 1
    assert len(answer.data) == expected
    assert len(answer.data[0].embedding) == 1536


def test_embeddings_as_base64(lenient):
    answer = lenient.embeddings.create(
        model="text-embedding-3-small", input="words", encoding_format="base64", dimensions=8
    )
    bytes_ = base64.b64decode(answer.data[0].embedding)
    assert len(struct.unpack("<8f", bytes_)) == 8


@pytest.mark.parametrize("text", ["words", ["some", "words"]])
def test_moderations(client, text):
    raw = client.moderations.with_raw_response.create(input=text)
    assert raw.headers["x-bursar-cost"] == "0.00"
    assert len(raw.parse().results) == (len(text) if isinstance(text, list) else 1)


def test_models(client):
    listed = {model.id: model for model in client.models.list()}
    assert {"gpt-4o-mini", "gpt-4.1-mini", "text-embedding-3-small"} <= set(listed)
    assert "gpt-5" not in listed, "limited access"
    assert "whisper-1" in listed
    assert "gpt-realtime" in listed
    assert not any(name.startswith("gpt-audio") for name in listed), "not served"
    model = client.models.retrieve("gpt-4o-mini")
    assert model.id == "gpt-4o-mini" and model.object == "model"
    assert str(model.shutdown_date) == "2027-01-14"
    assert client.models.retrieve("gpt-4o-mini-2024-07-18").id == "gpt-4o-mini-2024-07-18"


def test_a_last_day_warns_and_never_refuses_by_itself(client):
    """The provider shut o3-mini down on 2026-10-23; only an upstream may say so."""
    listed = {model.id: model for model in client.models.list()}
    assert str(listed["o3-mini"].shutdown_date) == "2026-10-23"
    assert str(client.models.retrieve("o3-mini").shutdown_date) == "2026-10-23"
    raw = client.chat.completions.with_raw_response.create(model="o3-mini", messages=QUESTION)
    assert raw.headers["x-bursar-cost"] != "0.00"


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-4.1-mini"])
def test_the_cost_is_the_price_table_times_the_usage(client, price, model):
    raw = client.chat.completions.with_raw_response.create(model=model, messages=QUESTION)
    cost = Decimal(raw.headers["x-bursar-cost"])
    assert cost == price(model, raw.parse().usage)
    assert cost <= Decimal(raw.headers["x-bursar-hold"])
    assert Decimal(raw.headers["x-bursar-balance"]) > 0


def test_the_cost_of_an_embedding_is_never_zero(lenient, price):
    raw = lenient.embeddings.with_raw_response.create(model="text-embedding-3-small", input="a")
    cost = Decimal(raw.headers["x-bursar-cost"])
    assert cost == price("text-embedding-3-small", raw.parse().usage) > 0


def test_a_stream_tells_its_cost_and_so_does_its_request_id(gateway, price):
    url, headers = gateway["openai_base_url"], {"authorization": f"Bearer {gateway['api_key']}"}
    body = {
        "model": "gpt-4o-mini", "messages": QUESTION, "stream": True,
        "stream_options": {"include_usage": True},
    }
    with httpx2.Client(base_url=url, headers=headers) as http:
        answer = http.post("/chat/completions", json=body)
        lines = answer.text.splitlines()
        comments = dict(line[2:].split(" ", 1) for line in lines if line.startswith(": bursar-"))
        events = [line[6:] for line in lines if line.startswith("data: ")]
        request = answer.headers["x-request-id"]
        call = http.get(f"/bursar/calls/{request}").json()
    assert events[-1] == "[DONE]"
    usage = pydantic.TypeAdapter(dict).validate_json(events[-2])["usage"]
    cost = price("gpt-4o-mini", Usage(usage))
    assert Decimal(comments["bursar-cost"]) == cost == Decimal(call["cost"])
    assert comments["bursar-request"] == request == call["request_id"]
    assert call["usage"]["output"] == usage["completion_tokens"]
    assert (call["basis"], call["estimated"], call["status"]) == ("reported", False, 200)


class Usage:
    """A usage object of raw JSON, as the SDK would show it."""

    def __init__(self, members):
        for name, value in members.items():
            setattr(self, name, Usage(value) if isinstance(value, dict) else value)
