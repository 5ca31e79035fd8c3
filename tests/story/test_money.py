"""Money for nine calls gives nine answers, whatever is tried at once and however it is killed."""

import concurrent.futures
import random
import threading
import time
from decimal import Decimal

import httpx2 as httpx
import openai

MODEL = "gpt-4.1-mini"
LIMIT = 16


def client(server, secret):
    limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
    http = httpx.Client(limits=limits, timeout=60, trust_env=False)
    return openai.OpenAI(base_url=server.base_url, api_key=secret, http_client=http)


def ask(api, stream=False):
    """One call that runs to its output limit; what it cost and its name."""
    with api.chat.completions.with_streaming_response.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Count as far as you can."}],
        max_completion_tokens=LIMIT,
        stream=stream,
    ) as answer:
        text = "".join(answer.iter_text())
        request = answer.headers["x-request-id"]
        if not stream:
            return Decimal(answer.headers["x-bursar-cost"]), request
    costs = [line for line in text.splitlines() if line.startswith(": bursar-cost ")]
    assert text.rstrip().endswith("data: [DONE]")
    return Decimal(costs[0].rsplit(" ", 1)[1]), request


def nine_of_two_hundred(server, stream):
    _, plenty = server.key("1")
    cost, _ = ask(client(server, plenty), stream)
    assert cost > 0
    grant, secret = server.key(format(cost * 9, "f"))
    api = client(server, secret)
    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        tries = [pool.submit(ask, api, stream) for _ in range(200)]
    refused = [one.exception() for one in tries if one.exception()]
    assert len(tries) - len(refused) == 9, refused[:3]
    for refusal in refused:
        assert isinstance(refusal, openai.RateLimitError), refusal
        assert refusal.type == "insufficient_quota"
    shown = server.run("grant", "show", grant)
    assert Decimal(shown["available"]) == 0
    assert Decimal(shown["spent"]) == cost * 9
    server.run("verify")


def test_two_hundred_at_once_on_money_for_nine(server):
    nine_of_two_hundred(server, stream=False)


def test_two_hundred_streams_at_once_on_money_for_nine(server):
    nine_of_two_hundred(server, stream=True)


def test_killed_five_times_and_nothing_answered_is_missing(server):
    _, secret = server.key("100")
    chance = random.Random(7)
    answered = {}
    for _ in range(5):
        api = client(server, secret).with_options(max_retries=0)
        over = threading.Event()

        def load(stream, api=api, over=over):
            while not over.is_set():
                try:
                    cost, request = ask(api, stream)
                except (openai.APIError, httpx.HTTPError, AssertionError, IndexError):
                    # Cut off by the kill: not an answer.
                    continue
                answered[request] = cost

        workers = [threading.Thread(target=load, args=(index % 2 == 0,)) for index in range(8)]
        for worker in workers:
            worker.start()
        time.sleep(chance.uniform(0.4, 1.2))
        server.kill()
        over.set()
        for worker in workers:
            worker.join()
        server.start()
        server.run("verify")
    assert len(answered) > 50, "the load was real"
    for request, cost in answered.items():
        assert Decimal(server.call_record(secret, request)["cost"]) == cost


def test_a_client_that_hangs_up_pays_for_what_was_produced_once(server):
    _, secret = server.key("1")
    for chunks in (1, 3, 7):
        with httpx.Client(timeout=60, trust_env=False) as http:
            with http.stream(
                "POST",
                f"{server.base_url}/chat/completions",
                headers={"Authorization": f"Bearer {secret}"},
                json={
                    "model": MODEL,
                    "messages": [{"role": "user", "content": f"Tell me about {chunks}."}],
                    "max_completion_tokens": 64,
                    "stream": True,
                },
            ) as answer:
                request = answer.headers["x-request-id"]
                lines = answer.iter_lines()
                for _ in range(chunks):
                    next(lines)
        record = settled(server, secret, request)
        assert Decimal(record["cost"]) > 0
        time.sleep(0.2)
        assert server.call_record(secret, request) == record, "never twice"
    server.run("verify")


def settled(server, secret, request):
    """The call's record, once it is settled."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return server.call_record(secret, request)
        except Exception as error:
            assert getattr(error, "code", None) == 404, error
            assert time.monotonic() < deadline, "the call was never settled"
            time.sleep(0.05)
