"""Legacy completions with the official SDK: every kind of prompt, echo, candidates, streams."""

import openai
import pytest

from conftest import rounded

MODEL = "gpt-3.5-turbo-instruct"
PROMPT = "Three ways in which a budget can fail are"


def cost(rates, usage, model=MODEL):
    total = usage.prompt_tokens * rates(model, "input")
    return rounded(total + usage.completion_tokens * rates(model, "output"))


@pytest.mark.parametrize(
    ("members", "choices", "most"),
    [
        ({}, 1, 16),
        ({"max_tokens": 40, "n": 3, "suffix": " and so on."}, 3, 120),
        ({"max_tokens": 10, "best_of": 4}, 1, 40),
        ({"max_tokens": 10, "n": 2, "best_of": 4}, 2, 40),
        ({"prompt": ["Once", "Twice"], "n": 2, "max_tokens": 5}, 4, 20),
        ({"prompt": [9906, 11, 1917], "max_tokens": 5}, 1, 5),
        ({"prompt": [[9906, 11], [1917]], "max_tokens": 5}, 2, 10),
    ],
)
def test_a_completion(client, charged, rates, members, choices, most):
    answer = client.completions.create(**{"model": MODEL, "prompt": PROMPT, **members})
    assert answer.object == "text_completion" and len(answer.choices) == choices
    assert 0 < answer.usage.completion_tokens <= most
    if "best_of" in members:
        assert answer.usage.completion_tokens == most, "all candidates are billed"
    assert charged(answer._request_id) == cost(rates, answer.usage)


@pytest.mark.parametrize("model", ["davinci-002", "babbage-002"])
def test_a_base_model_with_log_probabilities(client, charged, rates, model):
    answer = client.completions.create(model=model, prompt=PROMPT, max_tokens=12, logprobs=3)
    told = answer.choices[0].logprobs
    assert "".join(told.tokens) == answer.choices[0].text
    assert len(told.token_logprobs) == len(told.top_logprobs) == answer.usage.completion_tokens
    assert charged(answer._request_id) == cost(rates, answer.usage, model)


def test_how_likely_a_prompt_is_costs_no_output(gateway, client_for, charged, rates):
    """What evaluations ask for; the first token has no probability, whatever the types say."""
    client = client_for(gateway["api_key"], strict=False)
    answer = client.completions.create(
        model="davinci-002", prompt=PROMPT, max_tokens=0, echo=True, logprobs=1
    )
    assert answer.choices[0].text == PROMPT
    told = answer.choices[0].logprobs
    assert told.token_logprobs[0] is None and len(told.tokens) == answer.usage.prompt_tokens
    assert answer.usage.completion_tokens == 0
    assert charged(answer._request_id) == cost(rates, answer.usage, "davinci-002")


@pytest.mark.parametrize("include_usage", [None, False, True])
def test_a_streamed_completion(gateway, client_for, charged, rates, include_usage):
    asked = {"model": MODEL, "prompt": [PROMPT, "Once"], "n": 2, "max_tokens": 20}
    whole = client_for(gateway["api_key"]).completions.create(**asked)
    options = {} if include_usage is None else {"stream_options": {"include_usage": include_usage}}
    # Chunks before the last have no `finish_reason`, which the types have as one of three words.
    lenient = client_for(gateway["api_key"], strict=False)
    raw = lenient.completions.with_raw_response.create(**asked, **options, stream=True)
    chunks = list(raw.parse())
    said = {choice.index: "" for choice in whole.choices}
    for chunk in chunks:
        for choice in chunk.choices:
            said[choice.index] += choice.text
    assert said == {choice.index: choice.text for choice in whole.choices}
    usages = [chunk.usage for chunk in chunks if chunk.usage]
    assert usages == ([whole.usage] if include_usage else [])
    assert charged(raw.headers["x-request-id"]) == cost(rates, whole.usage)


def test_a_completion_that_does_not_fit_is_refused_once(gateway, client_for, counting):
    with pytest.raises(openai.RateLimitError) as refused:
        client_for(gateway["capped"]).completions.create(model=MODEL, prompt=PROMPT)
    assert refused.value.code == "project_spend_limit_exceeded" and counting.requests == 1


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"best_of": 2, "stream": True}, "best_of"),
        ({"best_of": 2, "n": 3}, "best_of"),
        ({"prompt": []}, "prompt"),
        ({"max_tokens": 100_000}, "max_tokens"),
        ({"extra_body": {"service_tier": "flex"}}, "service_tier"),
    ],
)
def test_completions_that_are_refused(client, counting, members, param):
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(**{"model": MODEL, "prompt": PROMPT, **members})
    assert refused.value.param == param and counting.requests == 1
