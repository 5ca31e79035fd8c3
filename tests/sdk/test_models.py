"""The models of the guide's table, each at its own endpoint: answered, and charged exactly."""

import base64
import io
import json
import struct
import wave
from decimal import Decimal

import openai
import pydantic
import pytest

from conftest import rounded

QUESTION = "Name three ways in which a budget can fail."
WEATHER = {
    "type": "function",
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Finding(pydantic.BaseModel):
    title: str
    severity: int


def of_response(rates, model, usage):
    cached = usage.input_tokens_details.cached_tokens
    plain = usage.input_tokens - cached
    total = plain * rates(model, "input") + usage.output_tokens * rates(model, "output")
    return rounded(total + (cached * rates(model, "cached") if cached else 0))


@pytest.mark.parametrize("model", ["o3-pro", "gpt-5-mini", "gpt-5-pro", "gpt-4.1", "o3"])
def test_a_response(client, charged, rates, model):
    answer = client.responses.create(model=model, input=QUESTION, max_output_tokens=4_000)
    assert answer.status == "completed" and answer.output_text and answer.store is False
    assert charged(answer._request_id) == of_response(rates, model, answer.usage)


def test_a_streamed_response(client, charged, rates):
    raw = client.responses.with_raw_response.create(
        model="o3-pro", input=QUESTION, instructions="Be brief.", stream=True
    )
    events = list(raw.parse())
    assert [event.sequence_number for event in events] == list(range(len(events)))
    words = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed" and words == last.response.output_text
    usage = last.response.usage
    assert usage.output_tokens_details.reasoning_tokens > 0
    assert charged(raw.headers["x-request-id"]) == of_response(rates, "o3-pro", usage)


def test_a_response_that_its_limit_cuts(client, charged, rates):
    answer = client.responses.create(model="gpt-4.1", input=QUESTION, max_output_tokens=16)
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert answer.usage.output_tokens == 16
    assert charged(answer._request_id) == of_response(rates, "gpt-4.1", answer.usage)


def test_a_conversation_with_a_function(client):
    question = {"role": "user", "content": "What is the weather in Bergen?"}
    arguments = {"model": "gpt-5-mini", "tools": [WEATHER]}
    first = client.responses.create(input=[question], **arguments, tool_choice="required")
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert set(json.loads(call.arguments)) == {"city"}
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "Rain."}
    earlier = [item.model_dump(exclude_none=True) for item in first.output]
    second = client.responses.create(input=[question, *earlier, output], **arguments)
    assert second.output_text


def test_a_structured_response_and_an_image_as_input(client):
    parsed = client.responses.parse(model="gpt-4.1", input=QUESTION, text_format=Finding)
    assert isinstance(parsed.output_parsed, Finding)
    pixel = "data:image/png;base64,iVBORw0KGgo="
    parts = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": pixel, "detail": "low"},
    ]
    answer = client.responses.create(model="gpt-4.1", input=[{"role": "user", "content": parts}])
    assert answer.usage.input_tokens > 85


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"conversation": "conv_1"}, "conversation"),
        *[({"tools": [{"type": kind}]}, "tools[0]") for kind in (
            "web_search", "file_search", "code_interpreter", "image_generation", "mcp",
            "computer_use_preview",
        )],
    ],
)
def test_what_is_kept_or_run_at_the_provider_is_refused(client, counting, more, param):
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="gpt-4.1", input=QUESTION, **more)
    assert refused.value.param == param and counting.requests == 1
    assert "not offered" in refused.value.message


@pytest.mark.parametrize("partial", [0, 3])
def test_a_streamed_image(client, charged, rates, partial):
    model = "gpt-image-1.5"
    raw = client.images.with_raw_response.generate(
        model=model, prompt="A lighthouse in the fog.", quality="low", size="1024x1024",
        stream=True, partial_images=partial,
    )
    *shown, done = list(raw.parse())
    assert [event.partial_image_index for event in shown] == list(range(partial))
    assert done.type == "image_generation.completed"
    assert base64.b64decode(done.b64_json).startswith(b"\x89PNG")
    assert done.usage.output_tokens == 272 + 100 * partial, "partial images are billed"
    total = done.usage.input_tokens * rates(model, "input")
    total += done.usage.output_tokens * rates(model, "image_out")
    assert charged(raw.headers["x-request-id"]) == rounded(total)


@pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-2"])
def test_an_image(client, charged, rates, model):
    answer = client.images.generate(
        model=model, prompt="A lighthouse in the fog, as a woodcut.", size="1024x1536", quality="low"
    )
    (image,) = answer.data
    png = base64.b64decode(image.b64_json)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1024, 1536)
    usage = answer.usage
    assert usage.input_tokens > 0 and usage.output_tokens > 0
    text = usage.input_tokens_details.text_tokens * rates(model, "input")
    cost = rounded(text + usage.output_tokens * rates(model, "image_out"))
    assert charged(answer._request_id) == cost


def test_a_stream_of_several_images_is_refused(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model="gpt-image-1", prompt="A harbour.", stream=True, n=2)
    assert refused.value.param == "n"


@pytest.mark.parametrize("model", ["tts-1", "tts-1-hd"])
def test_speech_by_the_character(client, charged, rates, model):
    text = "Ærlighet varer lengst, sier man i Bergen."
    answer = client.audio.speech.create(model=model, voice="alloy", input=text)
    assert answer.response.headers["content-type"] == "audio/mpeg"
    assert answer.content.startswith(b"\xff\xf3")
    cost = rounded(len(text) * rates(model, "character"))
    assert charged(answer.response.headers["x-request-id"]) == cost


def test_speech_as_events_is_charged_as_reported(client, charged, rates):
    model = "gpt-4o-mini-tts"
    with client.audio.speech.with_streaming_response.create(
        model=model, voice="coral", input=QUESTION, stream_format="sse", response_format="wav"
    ) as answer:
        lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
        request_id = answer.headers["x-request-id"]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    audio = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    with wave.open(io.BytesIO(audio)) as sound:
        assert sound.getnframes() / sound.getframerate() > 1
    assert events[-1]["type"] == "speech.audio.done"
    usage = events[-1]["usage"]
    total = usage["input_tokens"] * rates(model, "input")
    total += usage["output_tokens"] * rates(model, "audio_out")
    assert charged(request_id) == rounded(total)


@pytest.mark.parametrize("form", ["mp3", "wav"])
def test_speech_that_reports_nothing_is_charged_by_its_length(client, charged, rates, form):
    model = "gpt-4o-mini-tts"
    answer = client.audio.speech.create(
        model=model, voice="coral", input=QUESTION, instructions="Calmly.", response_format=form
    )
    cost = charged(answer.response.headers["x-request-id"], basis="counted")
    seconds = Decimal(len(QUESTION)) / 15
    about = rounded(seconds * 1250 / 60 * rates(model, "audio_out"))
    assert about <= cost <= about * Decimal("1.1")


@pytest.mark.parametrize("model", ["gpt-5", "gpt-5.1"])
def test_limited_models_say_where_to_ask(client, counting, model):
    with pytest.raises(openai.NotFoundError) as refused:
        client.responses.create(model=model, input=QUESTION)
    assert refused.value.code == "model_not_found"
    assert f"/models/{model}" in refused.value.message and "/grants/" in refused.value.message
    with pytest.raises(openai.NotFoundError) as chat:
        client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": QUESTION}]
        )
    assert chat.value.message == refused.value.message and counting.requests == 2


def test_a_model_that_ends_soon_says_so(client):
    raw = client.responses.with_raw_response.create(model="gpt-5-mini", input=QUESTION)
    assert raw.headers["x-bursar-model-shutdown"] == "2026-12-11; successor=gpt-6.1-terra"
    lasting = client.responses.with_raw_response.create(model="gpt-6-sol", input=QUESTION)
    assert "x-bursar-model-shutdown" not in lasting.headers


def test_the_list_says_what_each_model_is(client):
    models = {model.id: model for model in client.models.list()}
    assert "gpt-5" not in models
    about = models["o3-pro"].model_extra["bursar"]
    assert about == {
        "family": "o3",
        "endpoints": ["/v1/responses"],
        "limited": False,
        "open": True,
        "shutdown_date": "2026-12-11",
        "successor": "gpt-5.6-sol",
    }
    assert models["gpt-image-2"].model_extra["bursar"]["endpoints"] == [
        "/v1/images/generations",
        "/v1/images/edits",
    ]
