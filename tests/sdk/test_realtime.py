"""Realtime sessions with the official SDK: text and audio, tools, and what is refused."""

import base64
from decimal import Decimal

import openai
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from conftest import rounded

MODEL = "gpt-realtime"
TEXT = {"type": "realtime", "output_modalities": ["text"]}
# Half a second of sound, and enough silence after it.
SPEECH = base64.b64encode(b"\x20" * 24_000 + bytes(48 * 700)).decode()


def user(text):
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content}


def until(connection, kind):
    """The next event of a type; an error on the way is one of the test."""
    while True:
        event = connection.recv()
        if event.type == kind:
            return event
        assert event.type != "error", event


@pytest.fixture
def priced(rates):
    """What a usage costs at the shipped prices."""

    def cost(usage, model=MODEL):
        read, made = usage.input_token_details, usage.output_token_details
        cached = read.cached_tokens_details
        rate = lambda kind: rates(model, kind)
        return rounded(
            (read.text_tokens - cached.text_tokens) * rate("input")
            + cached.text_tokens * rate("cached")
            + (read.audio_tokens - cached.audio_tokens) * rate("audio_in")
            + cached.audio_tokens * rate("audio_cached")
            + made.text_tokens * rate("output")
            + made.audio_tokens * rate("audio_out")
        )

    return cost


def test_a_session_of_text(client, priced, charged):
    with client.realtime.connect(model=MODEL) as connection:
        assert until(connection, "session.created").session.model == MODEL
        connection.session.update(session=TEXT)
        until(connection, "session.updated")
        for words in ["Name three ways in which a budget can fail.", "And one in which it holds."]:
            connection.conversation.item.create(item=user(words))
            connection.response.create()
            said = until(connection, "response.output_text.done").text
            done = until(connection, "response.done")
            assert said and done.response.status == "completed"
            receipt = done.bursar
            cost = priced(done.response.usage)
            assert Decimal(receipt["cost"]) == cost == charged(receipt["request_id"])


@pytest.mark.parametrize("model", [MODEL, "gpt-realtime-mini"])
def test_a_session_of_speech_is_answered_by_itself(client, priced, charged, model):
    with client.realtime.connect(model=model) as connection:
        turn = until(connection, "session.created").session.audio.input.turn_detection
        assert turn.create_response is True
        for _ in range(2):
            connection.input_audio_buffer.append(audio=SPEECH)
            until(connection, "input_audio_buffer.committed")
            assert base64.b64decode(until(connection, "response.output_audio.delta").delta)
            done = until(connection, "response.done")
            usage = done.response.usage
            assert usage.input_token_details.audio_tokens and usage.output_token_details.audio_tokens
            cost = priced(usage, model)
            assert Decimal(done.bursar["cost"]) == cost == charged(done.bursar["request_id"])


def test_what_was_said_is_written_down(client, rates, charged):
    writing = {"type": "realtime", "audio": {"input": {
        "transcription": {"model": "gpt-4o-mini-transcribe"}, "turn_detection": None}}}
    with client.realtime.connect(model=MODEL) as connection:
        connection.session.update(session=writing)
        until(connection, "session.updated")
        connection.input_audio_buffer.append(audio=SPEECH)
        connection.input_audio_buffer.commit()
        told = until(connection, "conversation.item.input_audio_transcription.completed")
        assert told.transcript
        model = "gpt-4o-mini-transcribe"
        audio = told.usage.input_tokens * rates(model, "audio_in")
        cost = rounded(audio + told.usage.output_tokens * rates(model, "output"))
        assert Decimal(told.bursar["cost"]) == cost == charged(told.bursar["request_id"])


def test_a_function_is_called_and_answered(client):
    tool = {"type": "function", "name": "weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
    with client.realtime.connect(model=MODEL) as connection:
        connection.session.update(session={**TEXT, "tools": [tool], "tool_choice": "required"})
        until(connection, "session.updated")
        connection.conversation.item.create(item=user("What is the weather?"))
        connection.response.create()
        call = until(connection, "response.function_call_arguments.done")
        until(connection, "response.done")
        output = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
        connection.conversation.item.create(item=output)
        connection.response.create(response={"tool_choice": "none"})
        assert until(connection, "response.output_text.done").text


def test_an_answer_can_be_stopped_and_asked_for_beside_the_conversation(client, charged):
    with client.realtime.connect(model=MODEL) as connection:
        connection.session.update(session=TEXT)
        until(connection, "session.updated")
        connection.conversation.item.create(item=user("Go on."))
        beside = {"conversation": "none", "metadata": {"of": "mine"}, "input": [user("Alone.")]}
        connection.response.create(response=beside)
        done = until(connection, "response.done")
        assert done.response.metadata == {"of": "mine"}
        assert charged(done.bursar["request_id"])
        connection.response.cancel()
        while True:
            event = connection.recv()
            if event.type == "error":
                assert event.error.code == "response_cancel_not_active"
                break


def test_what_is_not_known_is_refused_and_the_session_goes_on(client):
    with client.realtime.connect(model=MODEL) as connection:
        until(connection, "session.created")
        for event, code in [
            ({"type": "response.create", "response": {"prompt": {"id": "pmpt_1"}}}, "unsupported_value"),
            ({"type": "made.up", "event_id": "mine"}, "unknown_parameter"),
        ]:
            connection.send(event)
            error = connection.recv()
            assert (error.type, error.error.code) == ("error", code)
        connection.session.update(session=TEXT)
        until(connection, "session.updated")


def test_who_has_nothing_left_hears_so_inside_the_session(gateway, client_for):
    with client_for(gateway["empty"]).realtime.connect(model=MODEL) as connection:
        until(connection, "session.created")
        connection.response.create()
        error = connection.recv()
        assert error.error.type == "insufficient_quota"
        assert error.error.message.startswith("You exceeded your current quota")


@pytest.mark.parametrize("key,model,status", [
    ("sk-nobody", MODEL, 401),
    (None, "gpt-nothing", 404),
    (None, "gpt-4o-mini", 404),
])
def test_a_session_that_cannot_be_had_is_refused_before_it_begins(gateway, client_for, key, model, status):
    client = client_for(key or gateway["api_key"])
    with pytest.raises((InvalidStatus, openai.OpenAIError)) as refused:
        client.realtime.connect(model=model).enter()
    assert str(status) in str(refused.value)


def test_secrets_for_browsers_are_not_given_out(client):
    with pytest.raises(openai.APIStatusError) as refused:
        client.realtime.client_secrets.create()
    assert "/v1/realtime?model=" in refused.value.message


def test_a_session_that_its_client_ends_ends(client):
    connection = client.realtime.connect(model=MODEL).enter()
    until(connection, "session.created")
    connection.close()
    with pytest.raises(ConnectionClosed):
        connection.recv()
