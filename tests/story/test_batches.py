"""A batch whose server is killed under way: the next one goes on asking, and charges it once."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path

import openai
import pytest
from conftest import PROGRAM, Server

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = ["cargo", "run", "--quiet", "-p", "bursar-sandbox", "--example", "sandbox"]
ENDED_WITHIN_SECONDS = 60
CHAT = "/v1/chat/completions"


@pytest.fixture
def upstream():
    """A provider that outlives the server: the sandbox, in a process of its own."""
    sandbox = subprocess.Popen(SANDBOX, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield sandbox.stdout.readline().strip()
    finally:
        sandbox.terminate()
        sandbox.wait()


def body(number):
    return {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": f"Say {number} in words."}],
        "max_completion_tokens": 60,
    }


def client_of(server, secret):
    return openai.OpenAI(base_url=server.base_url, api_key=secret, max_retries=0)


def takes(upstream, milliseconds):
    profile = json.dumps({"batch_ms": milliseconds}).encode()
    urllib.request.urlopen(f"{upstream}/sandbox/profile", data=profile, timeout=30).close()


def test_a_batch_outlives_a_killed_server_and_is_charged_once(tmp_path, upstream):
    config = tmp_path / "bursar.toml"
    config.write_text(
        f'[[upstream]]\nname = "apart"\ngroup = "openai"\nbase_url = "{upstream}/v1"\n'
        'api_key_env = "PATH"\n'
    )
    server = Server(tmp_path / "data", "--config", str(config))
    server.run("program", "fund", "--program", PROGRAM, "--amount", "100")
    _, secret = server.key("1")
    client = client_of(server, secret)
    one_by_one = sum(
        Decimal(client.chat.completions.with_raw_response.create(**body(number)).headers["x-bursar-cost"])
        for number in range(4)
    )
    takes(upstream, 4_000)
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
