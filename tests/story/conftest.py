"""A real server in a folder of its own, driven by its own command line."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

BIN = os.environ.get("BURSAR_BIN", "target/release/bursar")
PROGRAM = "openai-researcher-access"
READY_SECONDS = 20


class Server:
    """`bursar serve` over a data directory."""

    def __init__(self, data: Path, *arguments: str):
        self.data = data
        self.arguments = arguments
        self.process = None
        self.start()

    def start(self):
        place = self.data / "server.json"
        place.unlink(missing_ok=True)
        command = [BIN, "serve", "--listen", "127.0.0.1:0", "--data", str(self.data)]
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.log = open(self.data.parent / "server.log", "ab")
        self.process = subprocess.Popen([*command, *self.arguments], stderr=self.log)
        deadline = time.monotonic() + READY_SECONDS
        while not place.exists():
            assert self.process.poll() is None, "the server stopped before it was ready"
            assert time.monotonic() < deadline, "the server was not ready in time"
            time.sleep(0.02)
        self.url = json.loads(place.read_text())["url"]
        self.base_url = f"{self.url}/v1"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=60) == 0
        self.log.close()

    def run(self, *arguments: str, expect: int = 0):
        command = [BIN, *arguments, "--data", str(self.data), "--json"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert result.returncode == expect, result.stdout + result.stderr
        return json.loads(result.stdout) if expect == 0 else result.stderr

    def key(self, amount: str) -> tuple[str, str]:
        """A grant of so much, and a key to it."""
        grant = self.run(
            "grant", "issue", "--program", PROGRAM, "--holder", "ada@lab.example", "--amount", amount,
            "--tier", "tier-5",
        )["id"]
        return grant, self.run("key", "create", "--grant", grant)["secret"]

    def call_record(self, secret: str, request: str) -> dict:
        question = urllib.request.Request(
            f"{self.base_url}/bursar/calls/{request}",
            headers={"Authorization": f"Bearer {secret}"},
        )
        with urllib.request.urlopen(question, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    server.run("program", "fund", "--program", PROGRAM, "--amount", "10000")
    yield server
    server.stop()
