"""Stored responses with the official SDK, unchanged but for base URL and key."""

import time
from decimal import Decimal

import httpx2
import openai
import pytest

MODEL = "gpt-4.1-mini"
QUESTION = "Name a way in which a budget can fail."
ENDED_WITHIN_SECONDS = 30


def cost_of(gateway, key, request):
    """What the books say of a call, once it is charged."""
    headers = {"authorization": f"Bearer {key}"}
    deadline = time.monotonic() + ENDED_WITHIN_SECONDS
    with httpx2.Client(base_url=gateway["openai_base_url"], headers=headers) as http:
        while True:
            answer = http.get(f"/bursar/calls/{request}")
            if answer.status_code == 200:
                return answer.json()
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.2)


def ended(client, response):
    deadline = time.monotonic() + ENDED_WITHIN_SECONDS
    while response.status in ("queued", "in_progress"):
        assert time.monotonic() < deadline, response
        time.sleep(0.2)
        response = client.responses.retrieve(response.id)
    return response


def deleted(client, response):
    """Deletes what may still be about to be charged."""
    deadline = time.monotonic() + ENDED_WITHIN_SECONDS
    while True:
        try:
            return client.with_options(max_retries=0).responses.delete(response.id)
        except openai.ConflictError:
            assert time.monotonic() < deadline, response
            time.sleep(0.2)


def test_nothing_is_stored_that_nobody_asked_for(client):
    answer = client.responses.create(model=MODEL, input=QUESTION)
    assert answer.store is False
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model=MODEL, input="And another?", previous_response_id=answer.id)
    assert refused.value.code == "previous_response_not_found"
    assert refused.value.param == "previous_response_id"
    assert '"store": true' in refused.value.message


def test_a_stored_response(client):
    answer = client.responses.create(model=MODEL, input=QUESTION, store=True)
    assert client.responses.retrieve(answer.id) == answer
    listed = list(client.responses.input_items.list(answer.id))
    assert [item.content[0].text for item in listed] == [QUESTION]
    client.responses.delete(answer.id)
    for ask in (client.responses.retrieve, client.responses.delete, client.responses.input_items.list):
        with pytest.raises(openai.NotFoundError):
            ask(answer.id)


def test_a_conversation(client):
    answer = client.responses.create(model=MODEL, input=QUESTION, store=True)
    turns = [answer]
    for question in ("And another?", "And a third?"):
        raw = client.responses.with_raw_response.create(
            model=MODEL, input=question, previous_response_id=turns[-1].id
        )
        answer = raw.parse()
        assert answer.previous_response_id == turns[-1].id
        assert Decimal(raw.headers["x-bursar-cost"]) <= Decimal(raw.headers["x-bursar-hold"])
        assert turns[-1].usage.input_tokens < answer.usage.input_tokens, "earlier turns count"
        turns.append(answer)
    page = client.responses.input_items.list(turns[-1].id, limit=2, order="asc")
    said = [item.content[0].text for item in page]
    expected = [QUESTION, turns[0].output_text, "And another?", turns[1].output_text, "And a third?"]
    assert said == expected, "page by page, what was said before as well"


def test_a_streamed_response_is_stored(client):
    with client.responses.stream(model=MODEL, input=QUESTION, store=True) as stream:
        name = next(iter(stream)).response.id
        final = stream.get_final_response()
    assert final.id == name
    assert client.responses.retrieve(name).output_text == final.output_text
    answer = client.responses.create(model=MODEL, input="And why?", previous_response_id=name)
    assert final.usage.input_tokens < answer.usage.input_tokens


def test_a_response_in_the_background_is_charged_once(gateway, client):
    waited_for = client.responses.with_raw_response.create(model=MODEL, input=QUESTION)
    raw = client.responses.with_raw_response.create(model=MODEL, input=QUESTION, background=True)
    response = raw.parse()
    assert (response.status, response.background, response.usage) == ("queued", True, None)
    with pytest.raises(openai.ConflictError):
        client.with_options(max_retries=0).responses.delete(response.id)
    response = ended(client, response)
    assert response.output_text == waited_for.parse().output_text
    for _ in range(5):
        assert client.responses.retrieve(response.id) == response
    call = cost_of(gateway, gateway["api_key"], raw.headers["x-request-id"])
    # The second of two like prompts may read the first from the provider's cache.
    assert 0 < Decimal(call["cost"]) <= Decimal(waited_for.headers["x-bursar-cost"])
    assert Decimal(call["held"]) == Decimal(raw.headers["x-bursar-hold"])
    assert call["usage"]["output"] == response.usage.output_tokens
    assert (call["endpoint"], call["basis"]) == ("responses", "reported")
    answer = client.responses.create(model=MODEL, input="Why?", previous_response_id=response.id)
    assert response.usage.input_tokens < answer.usage.input_tokens
    deleted(client, response)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_a_response_in_the_background_is_cancelled(gateway, client):
    raw = client.responses.with_raw_response.create(model=MODEL, input=QUESTION, background=True)
    response = client.responses.cancel(raw.parse().id)
    assert response.status == "cancelled"
    assert client.responses.cancel(response.id).status == "cancelled"
    call = cost_of(gateway, gateway["api_key"], raw.headers["x-request-id"])
    assert (call["outcome"], call["usage"]["output"]) == ("abandoned", response.usage.output_tokens)
    waited_for = client.responses.create(model=MODEL, input=QUESTION, store=True)
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(waited_for.id)


def test_a_stream_in_the_background_is_taken_up_again(client):
    stream = client.responses.create(model=MODEL, input=QUESTION, background=True, stream=True)
    seen = []
    for event in stream:
        seen.append(event)
        if event.type == "response.output_text.delta":
            break
    stream.close()
    name, last = seen[0].response.id, seen[-1].sequence_number
    seen += client.responses.retrieve(name, stream=True, starting_after=last)
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    words = "".join(event.delta for event in seen if event.type == "response.output_text.delta")
    assert seen[-1].type == "response.completed" and words == seen[-1].response.output_text
    assert client.responses.retrieve(name).output_text == words


def test_nobody_else_sees_a_response(gateway, client, client_for):
    other = client_for(gateway["slow"])
    stored = client.responses.create(model=MODEL, input=QUESTION, store=True)
    background = client.responses.create(model=MODEL, input=QUESTION, background=True)
    for response in (stored, background):
        for ask in (
            other.responses.retrieve,
            other.responses.cancel,
            other.responses.delete,
            other.responses.input_items.list,
        ):
            with pytest.raises(openai.NotFoundError) as refused:
                ask(response.id)
            assert f"Response with id '{response.id}' not found." in refused.value.message
        with pytest.raises(openai.BadRequestError) as refused:
            other.responses.create(model=MODEL, input="And?", previous_response_id=response.id)
        assert refused.value.code == "previous_response_not_found"


def test_a_response_that_does_not_fit_is_refused_at_once(gateway, client_for, counting):
    poor = client_for(gateway["capped"])
    with pytest.raises(openai.RateLimitError) as refused:
        poor.responses.create(model=MODEL, input=QUESTION, background=True)
    assert refused.value.code == "project_spend_limit_exceeded"
    assert counting.requests == 1, "nobody tries again"
