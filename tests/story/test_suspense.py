"""What a server that was killed had not written is seen in question, and settled once, as somebody knows."""

import http.server
import threading
import time
from contextlib import contextmanager
from decimal import Decimal

import httpx2 as httpx
from conftest import PROGRAM, Server

WITHIN_SECONDS = 20
CALL = {
    "model": "gpt-4.1-mini",
    "messages": [{"role": "user", "content": "Say nothing."}],
    "max_completion_tokens": 4000,
}


@contextmanager
def silent_upstream():
    """Takes calls, and answers none until the block ends."""
    over = threading.Event()

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            over.wait()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as upstream:
        threading.Thread(target=upstream.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{upstream.server_port}/v1"
        finally:
            over.set()
            upstream.shutdown()


def ask(url: str, secret: str):
    try:
        httpx.post(
            f"{url}/chat/completions",
            headers={"Authorization": f"Bearer {secret}"},
            json=CALL,
            timeout=60,
            trust_env=False,
        )
    except httpx.HTTPError:
        pass  # The server is killed.


def test_a_killed_server_leaves_a_call_in_question_until_somebody_settles_it(tmp_path):
    with silent_upstream() as upstream:
        config = tmp_path / "bursar.toml"
        config.write_text(
            f'[[upstream]]\nname = "silent"\ngroup = "openai"\nbase_url = "{upstream}"\n'
            'api_key_env = "PATH"\n'
        )
        server = Server(tmp_path / "data", "--config", str(config))
        server.run("program", "fund", "--program", PROGRAM, "--amount", "10")
        grant, secret = server.key("1")
        call = threading.Thread(target=ask, args=(server.base_url, secret))
        call.start()
        deadline = time.monotonic() + WITHIN_SECONDS
        while Decimal(server.run("grant", "show", grant)["held"]) == 0:
            assert time.monotonic() < deadline, "the call was not written down in time"
        server.kill()
        call.join()
    server.start()
    try:
        lines = server.run("suspense", "list")["lines"]
        [known] = [line for line in lines if line["call"]]
        assert known["call"]["model"] == CALL["model"]
        told = server.run("grant", "show", grant)
        in_question = sum(Decimal(line["amount"]) for line in lines if not line["limit_of"])
        assert Decimal(told["in_question"]) == in_question > 0
        assert Decimal(told["available"]) + in_question == 1
        settled = ["suspense", "settle", known["id"], "--reason", "Its usage report"]
        assert server.run(*settled, "--cost", "0.001") == {"id": known["id"], "cost": "0.001"}
        assert "any more" in server.run(*settled, "--not-used", expect=1)
        for line in lines:
            if line is not known:
                server.run("suspense", "settle", line["id"], "--not-used", "--reason", "The same")
        assert server.run("suspense", "list")["lines"] == []
        told = server.run("grant", "show", grant)
        assert Decimal(told["in_question"]) == 0
        assert Decimal(told["available"]) == Decimal("0.999")
        assert server.call_record(secret, known["call"]["id"])["cost"] == "0.001"
        server.run("verify")
    finally:
        server.stop()
