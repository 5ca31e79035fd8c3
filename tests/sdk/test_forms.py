"""Calls whose bodies are forms: recordings that are written down, and images made from others."""

import base64
import io
import struct
import wave
import zlib

import httpx2
import openai
import pytest

from conftest import rounded


def recording(seconds, rate=16_000):
    """A WAV file of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(2 * int(seconds * rate)))
    return file.getvalue()


def png(size=1):
    """A black square."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    lines = zlib.compress(b"".join(b"\0" + bytes(3 * size) for _ in range(size)))
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", lines), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def request_id(answer):
    return answer.headers["x-request-id"]


def test_a_recording_by_the_second(client, charged, rates):
    answer = client.audio.transcriptions.with_raw_response.create(
        model="whisper-1", file=("talk.wav", recording(8.4)), language="en", prompt="A budget."
    )
    heard = answer.parse()
    assert heard.text and heard.usage.type == "duration" and heard.usage.seconds == 9
    assert charged(request_id(answer)) == rounded(9 * rates("whisper-1", "second"))


@pytest.mark.parametrize("model", ["gpt-4o-transcribe", "gpt-4o-mini-transcribe"])
def test_a_recording_by_the_token(client, charged, rates, model):
    answer = client.audio.transcriptions.with_raw_response.create(
        model=model, file=("talk.wav", recording(30)), include=["logprobs"]
    )
    usage = answer.parse().usage
    assert usage.type == "tokens" and usage.input_token_details.audio_tokens > 0
    total = usage.input_tokens * rates(model, "audio_in") + usage.output_tokens * rates(model, "output")
    assert charged(request_id(answer)) == rounded(total)


def test_a_streamed_transcription_is_charged_as_reported(client, charged, rates):
    model = "gpt-4o-transcribe"
    with client.audio.transcriptions.with_streaming_response.create(
        model=model, file=("talk.mp3", b"\xff\xfb" + bytes(50_000)), stream=True
    ) as answer:
        events = list(answer.parse())
        name = request_id(answer)
    assert "".join(event.delta for event in events[:-1]) == events[-1].text
    usage = events[-1].usage
    total = usage.input_tokens * rates(model, "audio_in") + usage.output_tokens * rates(model, "output")
    assert charged(name) == rounded(total)


@pytest.mark.parametrize("form", ["text", "srt", "vtt"])
def test_an_answer_that_reports_nothing_is_charged_by_the_recording(client, charged, rates, form):
    answer = client.audio.transcriptions.with_raw_response.create(
        model="whisper-1", file=("talk.wav", recording(3.5)), response_format=form
    )
    assert answer.headers["content-type"].startswith("text/plain")
    cost = charged(request_id(answer), basis="counted")
    assert cost == rounded(4 * rates("whisper-1", "second"))


def test_a_recording_of_unknown_length_needs_an_answer_that_reports_it(client, charged, rates):
    unknown = ("talk.ogg", b"OggS" + bytes(40_000))
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.transcriptions.create(model="whisper-1", file=unknown, response_format="srt")
    assert refused.value.param == "response_format" and "verbose_json" in refused.value.message
    answer = client.audio.transcriptions.with_raw_response.create(
        model="whisper-1", file=unknown, response_format="verbose_json"
    )
    assert charged(request_id(answer)) == rounded(3 * rates("whisper-1", "second"))


def test_a_translation(client, charged, rates):
    answer = client.audio.translations.with_raw_response.create(
        model="whisper-1", file=("rede.wav", recording(2)), response_format="verbose_json"
    )
    assert answer.parse().duration
    assert charged(request_id(answer)) == rounded(2 * rates("whisper-1", "second"))
    plain = client.audio.translations.with_raw_response.create(
        model="whisper-1", file=("rede.wav", recording(2))
    )
    assert charged(request_id(plain), basis="counted") == rounded(2 * rates("whisper-1", "second"))


@pytest.mark.parametrize("images", [1, 3])
def test_an_image_made_from_others(client, charged, rates, images):
    model = "gpt-image-2"
    files = [(f"{n}.png", png(), "image/png") for n in range(images)]
    answer = client.images.with_raw_response.edit(
        model=model,
        image=files if 1 < images else files[0],
        mask=("mask.png", png(), "image/png"),
        prompt="The same harbour at night.",
        size="1024x1024",
        n=2,
    )
    made = answer.parse()
    assert len(made.data) == 2 and base64.b64decode(made.data[0].b64_json).startswith(b"\x89PNG")
    usage = made.usage
    assert usage.input_tokens_details.image_tokens > 0
    total = usage.input_tokens_details.text_tokens * rates(model, "input")
    total += usage.input_tokens_details.image_tokens * rates(model, "image_in")
    total += usage.output_tokens * rates(model, "image_out")
    assert charged(request_id(answer)) == rounded(total)


def test_a_streamed_edit_with_partial_images(client, charged, rates):
    model = "gpt-image-2"
    raw = client.images.with_raw_response.edit(
        model=model, image=("a.png", png(), "image/png"), prompt="At night.", size="1024x1024",
        stream=True, partial_images=1,
    )
    partial, done = list(raw.parse())
    assert (partial.type, done.type) == ("image_edit.partial_image", "image_edit.completed")
    details = done.usage.input_tokens_details
    total = details.text_tokens * rates(model, "input")
    total += details.image_tokens * rates(model, "image_in")
    total += done.usage.output_tokens * rates(model, "image_out")
    assert charged(request_id(raw)) == rounded(total)


@pytest.mark.parametrize(
    "path, fields, files, param",
    [
        ("audio/transcriptions", {"model": "whisper-1"}, {}, "file"),
        ("audio/transcriptions", {}, {"file": recording(1)}, "model"),
        ("audio/transcriptions", {"model": "whisper-1"}, {"file": b""}, "file"),
        ("audio/transcriptions", {"model": "whisper-1", "speed": "2"}, {"file": recording(1)}, "speed"),
        (
            "audio/transcriptions",
            {"model": "whisper-1", "response_format": "docx"},
            {"file": recording(1)},
            "response_format",
        ),
        (
            "audio/transcriptions",
            {"model": "gpt-4o-transcribe", "known_speaker_names[]": ["ada"]},
            {"file": recording(1)},
            "known_speaker_names[]",
        ),
        ("audio/translations", {"model": "whisper-1", "language": "de"}, {"file": recording(1)}, "language"),
        ("images/edits", {"model": "gpt-image-2", "prompt": "A harbour."}, {}, "image"),
        ("images/edits", {"model": "gpt-image-2", "prompt": "A harbour.", "n": "x"}, {"image": png()}, "n"),
        ("images/edits", {"model": "gpt-image-2", "prompt": "A harbour."}, {"image": png(), "model2": b"x"}, "model2"),
    ],
)
def test_forms_that_are_refused(gateway, path, fields, files, param):
    answer = httpx2.post(
        f"{gateway['openai_base_url']}/{path}",
        headers={"authorization": f"Bearer {gateway['api_key']}"},
        data=fields,
        files={name: ("file.bin", body) for name, body in files.items()} or {"none": (None, "x")},
    )
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["type"] == "invalid_request_error", error
    assert error["param"] in (param, "none"), error


def test_what_is_no_form_is_refused(gateway):
    for kind, body in [
        ("application/json", b'{"model": "whisper-1"}'),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx"),
    ]:
        answer = httpx2.post(
            f"{gateway['openai_base_url']}/audio/transcriptions",
            headers={"authorization": f"Bearer {gateway['api_key']}", "content-type": kind},
            content=body,
        )
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["code"] == "invalid_form", answer.text
