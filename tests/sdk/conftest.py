"""A running gateway: the binary that BURSAR_BIN names with its demonstration, else the example of
the gateway's crate. Both have the sandbox as their provider."""

import json
import os
import subprocess
import tomllib
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

import httpx2
import openai
import pytest

from support.demo import Demo

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--quiet", "-p", "bursar-gateway", "--example", "gateway"]
NANO = Decimal("0.000000001")


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """The gateway's address and its keys: `api_key`, `slow`, `empty`, `capped`, `expired`."""
    binary = os.environ.get("BURSAR_BIN")
    data = str(tmp_path_factory.mktemp("demo"))
    demonstration = [binary, "demo", "--json", "--listen", "127.0.0.1:0", "--data", data]
    server = subprocess.Popen(
        demonstration if binary else EXAMPLE, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        line = server.stdout.readline()
        assert line.startswith("{"), f"`{server.args}` printed {line!r}, not a line of JSON"
        keys = json.loads(line)
        if binary:
            demo = Demo(binary, keys)
            keys["expired"] = demo.expired()
            keys["api_key"] = demo.key("1000")
            keys["slow"] = demo.key("1000", holder="slow@example.org", tier="free")
            keys["empty"] = demo.key("0.000000001")
            keys["capped"] = demo.key("1000", cap="0.000000001")
        yield keys
    finally:
        server.terminate()
        server.wait()


class Counting(httpx2.BaseTransport):
    """Sends what the SDK sends, and counts it."""

    def __init__(self):
        self.requests, self.inner = 0, httpx2.HTTPTransport()

    def handle_request(self, request):
        self.requests += 1
        return self.inner.handle_request(request)


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture
def client_for(gateway, counting):
    """The official SDK with a key: unchanged but for base URL and key, its retries as they are."""

    def make(key, strict=True):
        return openai.OpenAI(
            base_url=gateway["openai_base_url"],
            api_key=key,
            http_client=openai.DefaultHttpxClient(transport=counting),
            _strict_response_validation=strict,
        )

    return make


@pytest.fixture
def client(gateway, client_for):
    return client_for(gateway["api_key"])


@pytest.fixture(scope="session")
def price():
    """The price table times a reported usage, summed exactly and rounded up once."""
    models = tomllib.loads((ROOT / "catalog/openai.toml").read_text(encoding="utf-8"))["model"]

    def cost(model, usage):
        card = models[model]["standard"]
        rate = lambda kind: Decimal(card.get(kind, card["input"]))
        details = getattr(usage, "prompt_tokens_details", None)
        cached = details.cached_tokens if details and details.cached_tokens else 0
        output = getattr(usage, "completion_tokens", 0)
        total = (usage.prompt_tokens - cached) * rate("input") + cached * rate("cached")
        total += output * rate("output") if output else 0
        return (total / 1_000_000).quantize(NANO, ROUND_CEILING)

    return cost


@pytest.fixture(scope="session")
def rates():
    """A model's standard prices in dollars for a million units."""
    models = tomllib.loads((ROOT / "catalog/openai.toml").read_text(encoding="utf-8"))["model"]
    return lambda model, kind: Decimal(models[model]["standard"][kind])


@pytest.fixture
def charged(gateway):
    """What a call cost by the gateway's own account of it, which must be no estimate."""

    def cost(request_id, basis="reported"):
        call = httpx2.get(
            f"{gateway['openai_base_url']}/bursar/calls/{request_id}",
            headers={"authorization": f"Bearer {gateway['api_key']}"},
        ).json()
        assert (call["outcome"], call["basis"]) == ("answered", basis), call
        assert Decimal(call["cost"]) <= Decimal(call["held"])
        return Decimal(call["cost"])

    return cost


def rounded(total):
    return (total / 1_000_000).quantize(NANO, ROUND_CEILING)
