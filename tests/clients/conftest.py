"""Unchanged clients against a demonstration: the binary that BURSAR_BIN names.

What clients would tell their makers is switched off as the makers say. A guard lets no process
reach another machine, and each test fails that tried.
"""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import tomllib
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

import pytest

from support.demo import demonstration
from support.relay import relay

ROOT = Path(__file__).resolve().parents[2]
BIN = os.environ.get("BURSAR_BIN", str(ROOT / "target/release/bursar"))
GUARD = Path(__file__).resolve().parent / "guard"
REACHED = Path(tempfile.mkdtemp(prefix="bursar-clients-")) / "reached"
NANO = Decimal("0.000000001")

# Before any client is imported.
os.environ |= {
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "LANGSMITH_TRACING": "false",
    "INSPECT_DISPLAY": "none",
    "BURSAR_REACHED": str(REACHED),
}
runpy.run_path(str(GUARD / "sitecustomize.py"))


@pytest.fixture(autouse=True)
def nothing_else_is_reached():
    """Fails a test whose client tried to reach anything but this machine."""
    REACHED.unlink(missing_ok=True)
    yield
    assert not REACHED.exists(), f"tried to reach {REACHED.read_text().split()}"


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    with demonstration(BIN, tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def grant(demo):
    """A grant of its own with more than a test spends."""
    return demo.grant("20")


@pytest.fixture
def gateway(demo):
    """The way to the gateway, which remembers what went along."""
    with relay(demo.line["openai_base_url"]) as seen:
        yield seen


@pytest.fixture
def environment(gateway, monkeypatch):
    """Points every client that reads the usual two variables at the gateway."""

    def point(key):
        variables = {"OPENAI_BASE_URL": gateway.base_url, "OPENAI_API_KEY": key}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return os.environ | variables

    return point


@pytest.fixture(scope="session")
def catalog():
    return tomllib.loads((ROOT / "catalog/openai.toml").read_text(encoding="utf-8"))["model"]


@pytest.fixture(scope="session")
def price(catalog):
    """The price table times what a call used, rounded up once for each call."""

    def cost(model, usage):
        card = catalog[model]["standard"]
        kinds = [kind for kind in ("input", "cached", "output") if usage[kind]]
        total = sum(usage[kind] * Decimal(card[kind]) for kind in kinds)
        return (total / 1_000_000).quantize(NANO, ROUND_CEILING)

    return cost


@pytest.fixture
def books(price):
    """A grant's calls, each held against the price table and all against its money."""

    def read(grant):
        calls = grant.calls()
        for call in calls:
            assert (call["outcome"], call["basis"]) == ("answered", "reported"), call
            assert Decimal(call["cost"]) == price(call["model"], call["usage"])
        money = grant.money()
        assert money["spent"] == sum(Decimal(call["cost"]) for call in calls)
        assert money["spent"] + money["available"] == money["amount"] and money["held"] == 0
        return calls

    return read


def tokens(calls):
    """What calls used by the books: input, of which some was cached, and output."""
    usages = [call["usage"] for call in calls]
    read = sum(usage["input"] + usage["cached"] for usage in usages)
    return read, sum(usage["output"] for usage in usages)


@pytest.fixture
def run(environment):
    """Runs a program as a person does who has set the two variables, and gives what it said."""

    def run(key, *command, **more):
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        variables = environment(key) | {"PYTHONPATH": str(GUARD), "PATH": programs}
        return subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=60, **more
        )

    return run


@pytest.fixture(scope="session")
def for_node(demo, catalog):
    """What the tests in JavaScript are told: where, with which keys, and the price table."""
    expired = demo.expired()
    prices = {
        name: {tier: model[tier] for tier in ("standard", "batch") if tier in model}
        for name, model in catalog.items()
    }
    keys = {
        "rich": demo.key("1000"),
        "slow": demo.key("10", holder="slow@example.org", tier="free"),
        "empty": demo.key("0.000000001"),
        "capped": demo.key("10", cap="0.000000001"),
        "expired": expired,
    }
    told = {
        "base_url": demo.line["openai_base_url"], "keys": keys, "prices": prices,
        "binary": demo.binary, "data": demo.line["data"],
    }
    return os.environ | {"BURSAR_CLIENT": json.dumps(told)}
