"""Each error is the SDK's right exception, after exactly as many requests as make sense."""

import time

import openai
import pytest

QUESTION = [{"role": "user", "content": "Hello."}]


def ask(client, **changes):
    arguments = {"model": "gpt-4o-mini", "messages": QUESTION, "max_completion_tokens": 20}
    return client.chat.completions.create(**(arguments | changes))


def test_an_unknown_key(client_for, counting):
    key = "sk-bursar-canary"
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(client_for(key))
    assert raised.value.code == "invalid_api_key"
    assert key not in str(raised.value)
    assert counting.requests == 1


@pytest.mark.parametrize(
    ("model", "says"),
    [("gpt-0", "GET /v1/models"), ("gpt-5", "limited access"), ("whisper-1", "whisper-1")],
)
def test_a_model_that_is_not_open(client, counting, model, says):
    with pytest.raises(openai.NotFoundError, match=says) as raised:
        ask(client, model=model)
    assert (raised.value.code, raised.value.param) == ("model_not_found", "model")
    assert counting.requests == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"max_completion_tokens": -1},
        {"max_completion_tokens": 10**9},
        {"n": 1000},
        {"messages": []},
        {"extra_body": {"free_lunch": True}},
    ],
)
def test_a_bad_request(client, counting, changes):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(client, **changes)
    assert raised.value.type == "invalid_request_error"
    assert raised.value.param
    assert counting.requests == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("empty", "credit_balance_exhausted"),
        ("capped", "project_spend_limit_exceeded"),
        ("expired", "credit_balance_exhausted"),
    ],
)
def test_money_that_is_gone_is_not_asked_for_twice(
    gateway, client_for, counting, key, code, stream
):
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client_for(gateway[key]), stream=stream)
    assert (raised.value.type, raised.value.code) == ("insufficient_quota", code)
    assert "You exceeded your current quota" in str(raised.value)
    assert counting.requests == 1


def test_moderation_is_free_without_credit(gateway, client_for):
    assert client_for(gateway["empty"]).moderations.create(input="Hello.").results


def test_an_endpoint_that_is_not_served(client, counting):
    with pytest.raises(openai.NotFoundError, match="Invalid URL") as raised:
        client.get("/wishes", cast_to=object)
    assert raised.value.code == "unknown_url"
    assert counting.requests == 1


def test_a_body_above_the_limit(client):
    with pytest.raises(openai.APIStatusError) as raised:
        ask(client, messages=[{"role": "user", "content": "x" * 17_000_000}])
    assert raised.value.status_code == 413
    assert raised.value.code == "request_too_large"


def test_a_call_of_somebody_else(gateway, client, client_for):
    name = ask(client)._request_id
    assert client.get(f"/bursar/calls/{name}", cast_to=object)["request_id"] == name
    with pytest.raises(openai.NotFoundError):
        client_for(gateway["empty"]).get(f"/bursar/calls/{name}", cast_to=object)


def test_leaving_a_stream_is_charged(client):
    stream = ask(client, stream=True, max_completion_tokens=400)
    request = stream.response.headers["x-request-id"]
    next(iter(stream))
    stream.close()
    deadline = time.monotonic() + 30
    while True:
        try:
            call = client.get(f"/bursar/calls/{request}", cast_to=object)
            break
        except openai.NotFoundError:
            assert time.monotonic() < deadline, "the call was never settled"
    assert float(call["cost"]) > 0


def test_a_call_that_fits_no_minute_is_not_asked_for_twice(gateway, client_for, counting):
    with pytest.raises(openai.RateLimitError, match="Request too large") as raised:
        ask(client_for(gateway["slow"]), max_completion_tokens=16_000, n=100)
    assert (raised.value.type, raised.value.code) == ("tokens", "rate_limit_exceeded")
    assert "retry-after" not in raised.value.response.headers
    assert counting.requests == 1


def test_a_limit_of_the_tier_raises_a_rate_limit_error_with_its_headers(gateway, client_for):
    client = client_for(gateway["slow"]).with_options(max_retries=0)
    ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
    for remaining in ("2", "1", "0"):
        answer = client.chat.completions.with_raw_response.create(**ask, max_tokens=16)
        assert answer.headers["x-ratelimit-limit-requests"] == "3"
        assert answer.headers["x-ratelimit-remaining-requests"] == remaining
        assert answer.headers["x-ratelimit-limit-tokens"] == "40000"
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**ask, max_tokens=16)
    assert caught.value.code == "rate_limit_exceeded"
    assert "Free (Explore)" in caught.value.message
    assert 0 < int(caught.value.response.headers["retry-after"]) <= 60
    with pytest.raises(openai.RateLimitError) as closed:
        client.chat.completions.create(**{**ask, "model": "gpt-4.1"})
    assert "payment method lifts" in closed.value.message
    assert closed.value.response.headers["x-should-retry"] == "false"
