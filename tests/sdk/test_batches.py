"""Files and batches with the official SDK, unchanged but for base URL and key."""

import json
import time
from decimal import Decimal

import httpx2
import openai
import pytest

MODEL = "gpt-4.1-mini"
ENDED_WITHIN_SECONDS = 30


def body(number):
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": f"What does study {number} need?"}],
        "max_completion_tokens": 40 + number,
    }


def lines(count):
    return "\n".join(
        json.dumps(
            {"custom_id": f"line-{number}", "method": "POST", "url": "/v1/chat/completions",
             "body": body(number)}
        )
        for number in range(count)
    ).encode()


def upload(client, count=3):
    return client.files.create(file=("lines.jsonl", lines(count)), purpose="batch")


def begin(client, file):
    return client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h",
        metadata={"study": "budgets"},
    )


def ended(client, batch):
    deadline = time.monotonic() + ENDED_WITHIN_SECONDS
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        assert time.monotonic() < deadline, batch
        time.sleep(0.2)
        batch = client.batches.retrieve(batch.id)
    return batch


def charged(gateway, key, request):
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


def test_files(client):
    file = upload(client)
    assert (file.object, file.purpose, file.filename) == ("file", "batch", "lines.jsonl")
    assert file.bytes == len(lines(3))
    assert client.files.retrieve(file.id) == file
    assert client.files.content(file.id).read() == lines(3)
    second = upload(client, 1)
    listed = [one.id for one in client.files.list(purpose="batch", limit=1)]
    assert listed[:2] == [second.id, file.id], "page by page, the latest first"
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)


def test_only_batches_can_be_made_of_files(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=("lines.jsonl", lines(1)), purpose="user_data")
    assert refused.value.param == "purpose"


def test_a_batch_costs_half_of_its_calls_and_is_charged_once(gateway, client):
    one_by_one = Decimal(0)
    for number in range(3):
        raw = client.chat.completions.with_raw_response.create(**body(number))
        one_by_one += Decimal(raw.headers["x-bursar-cost"])
    raw = client.batches.with_raw_response.create(
        input_file_id=upload(client).id, endpoint="/v1/chat/completions",
        completion_window="24h",
    )
    batch = raw.parse()
    hold, request = Decimal(raw.headers["x-bursar-hold"]), raw.headers["x-request-id"]
    batch = ended(client, batch)
    for _ in range(5):
        assert client.batches.retrieve(batch.id).status == "completed"
    call = charged(gateway, gateway["api_key"], request)
    assert Decimal(call["cost"]) * 2 == one_by_one
    assert Decimal(call["cost"]) <= hold == Decimal(call["held"])
    assert (call["service_tier"], call["model"], call["basis"]) == ("batch", MODEL, "reported")
    answers = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
    assert [answer["custom_id"] for answer in answers] == ["line-0", "line-1", "line-2"]
    used = sum(answer["response"]["body"]["usage"]["completion_tokens"] for answer in answers)
    assert call["usage"]["output"] == used == batch.usage.output_tokens
    assert client.batches.list(limit=1).data[0].id == batch.id
    assert any(file.id == batch.output_file_id for file in client.files.list())


def test_a_batch_can_be_cancelled(gateway, client):
    batch = begin(client, upload(client))
    assert batch.metadata == {"study": "budgets"}
    assert client.batches.cancel(batch.id).status in ("cancelling", "cancelled")
    assert ended(client, batch).status == "cancelled"


def test_nobody_else_sees_a_file_or_a_batch(gateway, client, client_for):
    other = client_for(gateway["slow"])
    file = upload(client)
    batch = begin(client, file)
    for ask in (
        lambda: other.files.retrieve(file.id),
        lambda: other.files.content(file.id),
        lambda: other.files.delete(file.id),
        lambda: other.batches.retrieve(batch.id),
        lambda: other.batches.cancel(batch.id),
        lambda: begin(other, file),
    ):
        with pytest.raises(openai.NotFoundError):
            ask()
    assert other.files.list().data == other.batches.list().data == []


def test_a_batch_that_does_not_fit_is_refused_at_once(gateway, client_for, counting):
    poor = client_for(gateway["capped"])
    file = upload(poor)
    before = counting.requests
    with pytest.raises(openai.RateLimitError) as refused:
        begin(poor, file)
    assert refused.value.code == "project_spend_limit_exceeded"
    assert "may cost up to $" in refused.value.message
    assert counting.requests == before + 1, "nobody tries again"


def test_a_line_that_is_no_call_is_named(client):
    file = client.files.create(file=("lines.jsonl", lines(1) + b"\nnonsense"), purpose="batch")
    with pytest.raises(openai.BadRequestError, match="^Error code: 400.*Line 2 of the batch"):
        begin(client, file)
