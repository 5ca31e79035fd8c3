"""A response in the background whose server is killed: the next one asks after it, and charges it once."""

import time
import urllib.error
from decimal import Decimal

import openai
import pytest
from conftest import PROGRAM, Server, before, client_of, set_profile

MODEL = "gpt-4o-mini"
QUESTION = "Name a way in which a budget can fail."
ENDED_WITHIN_SECONDS = 60


@pytest.fixture
def server(tmp_path, upstream):
    server = Server(tmp_path / "data", "--config", before(upstream, tmp_path))
    server.run("program", "fund", "--program", PROGRAM, "--amount", "100")
    yield server
    server.stop()
    server.run("verify")


def charged(server, secret, request):
    """The call of the books, once it is charged, though nobody looks at the response."""
    deadline = time.monotonic() + ENDED_WITHIN_SECONDS
    while True:
        try:
            return server.call_record(secret, request)
        except urllib.error.HTTPError as error:
            assert error.code == 404, "it is not charged yet"
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_response_outlives_a_killed_server_and_is_charged_once(server, upstream):
    _, secret = server.key("1")
    client = client_of(server, secret)
    raw = client.responses.with_raw_response.create(model=MODEL, input=QUESTION)
    price, spent = Decimal(raw.headers["x-bursar-cost"]), Decimal(raw.headers["x-bursar-cost"])
    set_profile(upstream, background_ms=4_000)
    raw = client.responses.with_raw_response.create(model=MODEL, input=QUESTION, background=True)
    response, request = raw.parse(), raw.headers["x-request-id"]
    server.kill()
    server.start()
    call = charged(server, secret, request)
    assert 0 < Decimal(call["cost"]) <= price and call["basis"] == "reported"
    client = client_of(server, secret)
    for _ in range(3):
        assert client.responses.retrieve(response.id).status == "completed"
    raw = client.responses.with_raw_response.create(
        model=MODEL, input="And another?", previous_response_id=response.id
    )
    spent += Decimal(call["cost"]) + Decimal(raw.headers["x-bursar-cost"])
    # What the killed server had borrowed for calls is in question, and nothing of the response is.
    lines = server.run("suspense", "list")["lines"]
    assert not any(line["call"] for line in lines)
    in_question = sum(Decimal(line["amount"]) for line in lines)
    assert Decimal(raw.headers["x-bursar-balance"]) == 1 - spent - in_question, "charged once"
    server.run("verify")
    client.responses.delete(response.id)


def test_whoever_heard_a_name_finds_the_response_after_a_kill(server, upstream):
    _, secret = server.key("1")
    set_profile(upstream, chunk_delay_ms=50, tokens_per_chunk=2)
    stream = client_of(server, secret).responses.create(
        model=MODEL, input=QUESTION, store=True, stream=True
    )
    name = next(iter(stream)).response.id
    server.kill()
    stream.close()
    set_profile(upstream)
    server.start()
    client = client_of(server, secret)
    assert client.responses.retrieve(name).id == name
    answer = client.responses.create(model=MODEL, input="And another?", previous_response_id=name)
    assert answer.previous_response_id == name
    _, other = server.key("1")
    with pytest.raises(openai.NotFoundError):
        client_of(server, other).responses.retrieve(name)
