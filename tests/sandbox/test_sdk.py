"""The official SDK reads every answer into its typed models, and every error as the right class."""

import math

import openai
import pytest
from pydantic import BaseModel

MODEL = "gpt-4o-mini"
HELLO = [{"role": "user", "content": "hello"}]


def test_chat(client):
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)
    assert raw.headers["x-bursar-sandbox"] == "true"
    answer = raw.parse()
    assert answer._request_id == raw.headers["x-request-id"]
    assert answer.choices[0].message.content.startswith("This is a sandbox answer")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.service_tier == "default"


def test_streaming_chat(client):
    plain = client.chat.completions.create(model=MODEL, messages=HELLO)
    stream = client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
    chunks = list(stream)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert said == plain.choices[0].message.content
    assert all(chunk.usage is None for chunk in chunks)


def test_streaming_chat_with_usage(client):
    with client.chat.completions.stream(
        model=MODEL, messages=HELLO, stream_options={"include_usage": True}
    ) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= set(events)
    assert final.usage.completion_tokens > 0
    assert final.choices[0].finish_reason == "stop"


def test_functions(client):
    tool = {
        "type": "function",
        "function": {
            "name": "look_up",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"term": {"type": "string"}},
                "required": ["term"],
                "additionalProperties": False,
            },
        },
    }
    asked = [{"role": "user", "content": "look_up the word lot"}]
    answer = client.chat.completions.parse(model=MODEL, messages=asked, tools=[tool])
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert isinstance(call.function.parsed_arguments["term"], str)
    # With the function's result in hand it answers in words.
    asked.append(answer.choices[0].message.model_dump(exclude_none=True))
    asked.append({"role": "tool", "tool_call_id": call.id, "content": "a unit of credit"})
    asked[1]["tool_calls"][0]["function"].pop("parsed_arguments", None)
    asked[1].pop("parsed", None)
    answer = client.chat.completions.create(model=MODEL, messages=asked, tools=[tool])
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.content


class Step(BaseModel):
    explanation: str
    output: float


class Reasoning(BaseModel):
    steps: list[Step]
    answer: int
    certain: bool | None


def test_structured_output_is_parsed(client):
    answer = client.chat.completions.parse(model=MODEL, messages=HELLO, response_format=Reasoning)
    assert isinstance(answer.choices[0].message.parsed, Reasoning)


def test_log_probabilities(client):
    answer = client.chat.completions.create(
        model=MODEL, messages=HELLO, logprobs=True, top_logprobs=4, max_tokens=25
    )
    choice = answer.choices[0]
    tokens = choice.logprobs.content
    assert len(tokens) == answer.usage.completion_tokens == 25
    assert "".join(token.token for token in tokens) == choice.message.content
    assert b"".join(bytes(token.bytes) for token in tokens).decode() == choice.message.content
    for token in tokens:
        assert token.top_logprobs[0].token == token.token and len(token.top_logprobs) == 4
        assert sum(math.exp(one.logprob) for one in token.top_logprobs) > 0.5
        ranked = [one.logprob for one in token.top_logprobs]
        assert ranked == sorted(ranked, reverse=True) and ranked[0] <= 0


def test_reasoning(client):
    answer = client.chat.completions.create(
        model="gpt-5-mini", messages=HELLO, reasoning_effort="high", max_completion_tokens=4000
    )
    details = answer.usage.completion_tokens_details
    assert 0 < details.reasoning_tokens < answer.usage.completion_tokens <= 4000


def test_embeddings_are_the_same_in_both_encodings(client):
    asked = {"model": "text-embedding-3-small", "input": ["hello", "world"]}
    # The SDK asks for base64 and unpacks it itself, which its strict mode does not foresee.
    lenient = client.copy(_extra_kwargs={"_strict_response_validation": False})
    packed = lenient.embeddings.create(**asked)
    plain = client.embeddings.create(**asked, encoding_format="float")
    for a, b in zip(packed.data, plain.data, strict=True):
        assert a.embedding == pytest.approx(b.embedding, abs=1e-7)
        assert len(a.embedding) == 1536
        assert math.fsum(x * x for x in a.embedding) == pytest.approx(1, abs=1e-5)
    assert packed.usage.total_tokens == 2


def test_moderations(client):
    answer = client.moderations.create(input=["kind words", "plain violence"])
    assert [result.flagged for result in answer.results] == [False, True]
    assert answer.results[1].categories.violence
    assert answer.results[1].category_scores.violence > 0.5
    assert answer.results[1].category_applied_input_types.violence == ["text"]


def test_models(client):
    listed = {model.id: model for model in client.models.list()}
    assert listed[MODEL].owned_by == "bursar-sandbox"
    assert client.models.retrieve(MODEL) == listed[MODEL]


@pytest.mark.parametrize(
    "error, members, code, param",
    [
        (openai.NotFoundError, {"model": "gpt-9"}, "model_not_found", "model"),
        (openai.BadRequestError, {"temperature": 3}, "invalid_value", "temperature"),
        (openai.BadRequestError, {"n": 0}, "invalid_value", "n"),
        (openai.BadRequestError, {"messages": []}, "invalid_value", "messages"),
    ],
)
def test_refusals(client, error, members, code, param):
    with pytest.raises(error) as raised:
        client.chat.completions.create(**{"model": MODEL, "messages": HELLO, **members})
    assert (raised.value.code, raised.value.param) == (code, param)
    assert raised.value.request_id.startswith("req_")


@pytest.mark.parametrize(
    "status, kind, code, error",
    [
        (401, "invalid_request_error", "invalid_api_key", openai.AuthenticationError),
        (403, "invalid_request_error", None, openai.PermissionDeniedError),
        (429, "requests", "rate_limit_exceeded", openai.RateLimitError),
        (429, "insufficient_quota", "insufficient_quota", openai.RateLimitError),
        (500, "server_error", None, openai.InternalServerError),
        (503, "service_unavailable_error", "server_is_overloaded", openai.InternalServerError),
    ],
)
def test_failures_to_order(client, profile, status, kind, code, error):
    profile(fail={"status": status, "type": kind, "code": code, "retry_after_s": 1})
    with pytest.raises(error) as raised:
        client.chat.completions.create(model=MODEL, messages=HELLO)
    assert (raised.value.status_code, raised.value.type) == (status, kind)
    assert raised.value.code == code
    assert raised.value.response.headers["retry-after"] == "1"


def test_an_error_inside_a_stream(client, profile):
    profile(stream_error={"after_chunks": 2, "type": "server_error"})
    with pytest.raises(openai.APIError) as raised:
        list(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
    assert raised.value.type == "server_error"


def test_a_cut_connection(client, profile):
    profile(cut={"after_chunks": 2, "mid_chunk": True})
    with pytest.raises(openai.APIConnectionError):
        list(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
