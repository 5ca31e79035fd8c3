"""Inspect as an unchanged client: an evaluation's own count of tokens is the books'."""

import time
from decimal import Decimal

import pytest
from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import BatchConfig, get_model
from inspect_ai.scorer import match
from inspect_ai.solver import generate, system_message

from conftest import tokens

SAMPLES = 16
# So begins every answer of the sandbox; every second question is answered as it should be.
RIGHT = "This is a sandbox answer"


def sums():
    return Task(
        dataset=[
            Sample(input=f"What is {n} + {n}?", target=RIGHT if n % 2 else str(2 * n))
            for n in range(SAMPLES)
        ],
        solver=[system_message("Be brief."), generate()],
        scorer=match(location="begin"),
    )


@pytest.fixture
def inspect(environment, tmp_path):
    """Runs the evaluation and gives its log."""

    def run(key, model, **more):
        environment(key)
        # Else it would take the client of an earlier test, and its key.
        model = get_model(f"openai/{model}", memoize=False)
        arguments = {"max_connections": 8, "log_dir": str(tmp_path)} | more
        (log,) = evaluate(sums(), model=model, **arguments)
        return log

    return run


def test_an_evaluation_counts_what_the_books_count(inspect, grant, books, gateway):
    log = inspect(grant.key, "gpt-4.1-mini", max_tokens=120)
    assert log.status == "success" and len(log.samples) == SAMPLES
    assert log.results.scores[0].metrics["accuracy"].value == 0.5
    calls = books(grant)
    assert gateway.statuses() == [200] * SAMPLES and len(calls) == SAMPLES
    (usage,) = log.stats.model_usage.values()
    read = usage.input_tokens + (usage.input_tokens_cache_read or 0)
    assert (read, usage.output_tokens) == tokens(calls)


def test_a_model_that_reasons_is_asked_one_question_more(inspect, grant, books):
    """Inspect asks it whether it tells of its reasoning, and leaves that call out of its report."""
    log = inspect(grant.key, "gpt-5-mini")
    assert log.status == "success"
    calls = books(grant)
    assert len(calls) == SAMPLES + 1
    (usage,) = log.stats.model_usage.values()
    assert {call["endpoint"] for call in calls} == {"responses"}
    read, written = tokens(calls)
    assert usage.input_tokens < read and usage.output_tokens < written


def test_an_evaluation_out_of_credit_stops_and_says_why(inspect, demo, books, gateway):
    """Money for a part of it: that part is answered, and the run ends with the reason."""
    grant = demo.grant("0.0012")
    log = inspect(grant.key, "gpt-4.1-mini", max_tokens=120)
    assert log.status == "error"
    assert "You exceeded your current quota" in log.error.message
    assert "of the grant is available" in log.error.message
    calls = books(grant)
    assert 0 < len(calls) < SAMPLES
    statuses = gateway.statuses()
    assert statuses.count(200) == len(calls)
    assert 0 < statuses.count(429) <= SAMPLES - len(calls), "no sample is asked for twice"
    assert set(statuses) == {200, 429}


def test_an_evaluation_as_a_batch_costs_half(inspect, grant, catalog):
    batch = BatchConfig(send_delay=0.5, tick=0.2)
    log = inspect(grant.key, "gpt-4.1-mini", max_tokens=120, batch=batch, max_connections=SAMPLES)
    assert log.status == "success" and len(log.samples) == SAMPLES
    (call,) = charged(grant)
    assert call["tier"] == "batch" and grant.money()["spent"] == Decimal(call["cost"])
    (usage,) = log.stats.model_usage.values()
    assert (usage.input_tokens, usage.output_tokens) == tokens([call])
    card = catalog["gpt-4.1-mini"]["batch"]
    total = usage.input_tokens * Decimal(card["input"])
    total += usage.output_tokens * Decimal(card["output"])
    assert Decimal(call["cost"]) == total / 1_000_000


def charged(grant):
    """The calls of a grant, once there are any: a batch is charged after it has ended."""
    deadline = time.monotonic() + 30
    while not (calls := grant.calls()):
        assert time.monotonic() < deadline, "the batch was never charged"
        time.sleep(0.2)
    return calls
