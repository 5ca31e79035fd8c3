"""What the sandbox says in a realtime session is what the provider's own document says it is."""

import base64
import json
import os

import pytest
from websockets.sync.client import connect

SPEECH = base64.b64encode(b"\x20" * 24_000 + bytes(48 * 700)).decode()
TOOL = {"type": "function", "name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
# The event of each type; the document gives a type to a few of them only by its words.
SCHEMAS = {
    "session.created": "SessionCreated",
    "session.updated": "SessionUpdated",
    "input_audio_buffer.speech_started": "InputAudioBufferSpeechStarted",
    "input_audio_buffer.speech_stopped": "InputAudioBufferSpeechStopped",
    "input_audio_buffer.committed": "InputAudioBufferCommitted",
    "input_audio_buffer.cleared": "InputAudioBufferCleared",
    "conversation.item.added": "ConversationItemAdded",
    "conversation.item.done": "ConversationItemDone",
    "conversation.item.deleted": "ConversationItemDeleted",
    "conversation.item.retrieved": "ConversationItemRetrieved",
    "conversation.item.truncated": "ConversationItemTruncated",
    "conversation.item.input_audio_transcription.delta":
        "ConversationItemInputAudioTranscriptionDelta",
    "conversation.item.input_audio_transcription.completed":
        "ConversationItemInputAudioTranscriptionCompleted",
    "response.created": "ResponseCreated",
    "response.done": "ResponseDone",
    "response.output_item.added": "ResponseOutputItemAdded",
    "response.output_item.done": "ResponseOutputItemDone",
    "response.content_part.added": "ResponseContentPartAdded",
    "response.content_part.done": "ResponseContentPartDone",
    "response.output_text.delta": "ResponseTextDelta",
    "response.output_text.done": "ResponseTextDone",
    "response.output_audio.delta": "ResponseAudioDelta",
    "response.output_audio.done": "ResponseAudioDone",
    "response.output_audio_transcript.delta": "ResponseAudioTranscriptDelta",
    "response.output_audio_transcript.done": "ResponseAudioTranscriptDone",
    "response.function_call_arguments.delta": "ResponseFunctionCallArgumentsDelta",
    "response.function_call_arguments.done": "ResponseFunctionCallArgumentsDone",
    "rate_limits.updated": "RateLimitsUpdated",
    "error": "Error",
}


class Session:
    """A session in which each event is held against its schema."""

    def __init__(self, url, valid):
        key = os.environ.get("BURSAR_SANDBOX_KEY", "sk-sandbox")
        address = url.replace("http://", "ws://") + "/v1/realtime?model=gpt-realtime"
        headers = {"authorization": f"Bearer {key}"}
        self.socket = connect(address, additional_headers=headers, max_size=None)
        self.valid, self.heard = valid, []

    def say(self, kind, **members):
        self.socket.send(json.dumps({"type": kind, **members}))

    def until(self, kind):
        while True:
            event = json.loads(self.socket.recv(timeout=20))
            self.valid(f"RealtimeServerEvent{SCHEMAS[event['type']]}", event)
            self.heard.append(event)
            if event["type"] == kind:
                return event

    def user(self, text):
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        self.say("conversation.item.create", item=item)
        return self.until("conversation.item.done")["item"]["id"]


@pytest.fixture
def session(url, valid):
    session = Session(url, valid)
    yield session
    session.socket.close()


def adds_up(usage):
    read, made = usage["input_token_details"], usage["output_token_details"]
    kinds = ("text_tokens", "audio_tokens", "image_tokens")
    assert usage["input_tokens"] == sum(read[kind] for kind in kinds)
    assert usage["output_tokens"] == made["text_tokens"] + made["audio_tokens"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    cached = read["cached_tokens_details"]
    assert read["cached_tokens"] == sum(cached[kind] for kind in kinds)
    assert all(cached[kind] <= read[kind] for kind in kinds)


def test_everything_that_is_said_is_valid(session):
    session.until("session.created")
    transcription = {"input": {"transcription": {"model": "whisper-1"}}}
    session.say("session.update", session={"type": "realtime", "audio": transcription})
    session.until("session.updated")
    for _ in range(3):
        session.say("input_audio_buffer.append", audio=SPEECH)
        done = session.until("response.done")
        assert done["response"]["status"] == "completed"
        adds_up(done["response"]["usage"])
    assert done["response"]["usage"]["input_token_details"]["cached_tokens"]
    spoken = done["response"]["output"][0]["id"]
    session.say("conversation.item.truncate", item_id=spoken, content_index=0, audio_end_ms=100)
    session.until("conversation.item.truncated")
    item = session.user("Hello.")
    session.say("conversation.item.retrieve", item_id=item)
    session.until("conversation.item.retrieved")
    session.say("conversation.item.delete", item_id=item)
    session.until("conversation.item.deleted")
    session.say("input_audio_buffer.clear")
    session.until("input_audio_buffer.cleared")
    session.say("response.create", response={"output_modalities": ["text"]})
    adds_up(session.until("response.done")["response"]["usage"])
    session.say("response.create", response={"tools": [TOOL], "tool_choice": "required"})
    call = session.until("response.done")["response"]["output"][0]
    assert call["type"] == "function_call" and "city" in json.loads(call["arguments"])
    session.say("made.up", event_id="mine")
    assert session.until("error")["error"]["event_id"] == "mine"
    assert {event["type"] for event in session.heard} >= SCHEMAS.keys() - {"rate_limits.updated"}


def test_an_answer_is_limited_and_can_be_stopped(session, profile):
    session.until("session.created")
    session.say("response.create", response={"max_output_tokens": 40})
    done = session.until("response.done")["response"]
    assert done["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert done["usage"]["output_tokens"] <= 40
    session.say("response.cancel")
    assert session.until("error")["error"]["code"] == "response_cancel_not_active"


def test_the_same_session_is_answered_with_the_same_words(url, valid):
    said = []
    for _ in range(2):
        session = Session(url, valid)
        session.until("session.created")
        session.user("Hello.")
        session.say("response.create", response={"output_modalities": ["text"], "max_output_tokens": 20})
        said.append(session.until("response.output_text.done")["text"])
        session.socket.close()
    assert said[0] == said[1]
