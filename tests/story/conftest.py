"""A real server in a folder of its own, driven by its own command line."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import openai
import pytest

BIN = os.environ.get("BURSAR_BIN", "target/release/bursar")
PROGRAM = "openai-researcher-access"
READY_SECONDS = 20
ROOT = Path(__file__).resolve().parents[2]
SANDBOX = ["cargo", "run", "--quiet", "-p", "bursar-sandbox", "--example", "sandbox"]


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


@pytest.fixture
def upstream():
    """A provider that outlives the server: the sandbox, in a process of its own."""
    sandbox = subprocess.Popen(SANDBOX, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield sandbox.stdout.readline().strip()
    finally:
        sandbox.terminate()
        sandbox.wait()


def before(upstream, folder):
    """A configuration file for a server in front of that provider."""
    config = folder / "bursar.toml"
    config.write_text(
        f'[[upstream]]\nname = "apart"\ngroup = "openai"\nbase_url = "{upstream}/v1"\n'
        'api_key_env = "PATH"\n'
    )
    return str(config)


def client_of(server, secret):
    return openai.OpenAI(base_url=server.base_url, api_key=secret, max_retries=0)


def set_profile(upstream, **members):
    profile = json.dumps(members).encode()
    urllib.request.urlopen(f"{upstream}/sandbox/profile", data=profile, timeout=30).close()
