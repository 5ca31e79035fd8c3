"""A batch whose server is killed under way: the next one goes on asking, and charges it once."""

import json
import time
import urllib.error
from decimal import Decimal

from conftest import PROGRAM, Server, before, client_of, set_profile

ENDED_WITHIN_SECONDS = 60
CHAT = "/v1/chat/completions"


def body(number):
    return {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": f"Say {number} in words."}],
        "max_completion_tokens": 60,
    }


def test_a_batch_outlives_a_killed_server_and_is_charged_once(tmp_path, upstream):
    server = Server(tmp_path / "data", "--config", before(upstream, tmp_path))
    server.run("program", "fund", "--program", PROGRAM, "--amount", "100")
    _, secret = server.key("1")
    client = client_of(server, secret)
    one_by_one = sum(
        Decimal(client.chat.completions.with_raw_response.create(**body(number)).headers["x-bursar-cost"])
        for number in range(4)
    )
    set_profile(upstream, batch_ms=4_000)
    lines = "\n".join(
        json.dumps({"custom_id": str(number), "method": "POST", "url": CHAT, "body": body(number)})
        for number in range(4)
    )
    file = client.files.create(file=("lines.jsonl", lines.encode()), purpose="batch")
    raw = client.batches.with_raw_response.create(
        input_file_id=file.id, endpoint=CHAT, completion_window="24h"
    )
    batch, request = raw.parse(), raw.headers["x-request-id"]
    server.kill()
    server.start()
    client = client_of(server, secret)
    deadline = time.monotonic() + ENDED_WITHIN_SECONDS
    while True:
        seen = client.batches.retrieve(batch.id)
        try:
            call = server.call_record(secret, request)
            break
        except urllib.error.HTTPError as error:
            assert error.code == 404, "it is not charged yet"
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    for _ in range(3):
        assert client.batches.retrieve(batch.id).status == "completed"
    assert Decimal(call["cost"]) * 2 == one_by_one
    assert len(client.files.content(client.batches.retrieve(batch.id).output_file_id).text.splitlines()) == 4
    raw = client.chat.completions.with_raw_response.create(**body(9))
    spent = one_by_one + Decimal(call["cost"]) + Decimal(raw.headers["x-bursar-cost"])
    # What the killed server had borrowed for calls is in question, and nothing of the batch is.
    lines = server.run("suspense", "list")["lines"]
    assert not any(line["call"] for line in lines)
    in_question = sum(Decimal(line["amount"]) for line in lines)
    assert Decimal(raw.headers["x-bursar-balance"]) == 1 - spent - in_question, "charged once"
    server.run("verify")
    server.stop()
    server.run("verify")
