"""A running demonstration, and its command line: grants, keys, and what the books say."""

import json
import subprocess
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

PROGRAM = "openai-researcher-access"
CALLS_MAX = "1000"


class Demo:
    """Makes grants and keys through the command line of a running demonstration."""

    def __init__(self, binary, line):
        self.binary, self.line = binary, line

    def run(self, *arguments):
        command = [self.binary, *arguments, "--json", "--data", self.line["data"]]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def expired(self):
        """A key whose grant has expired: an hour's credit, and then the clock is turned."""
        now = datetime.fromisoformat(self.run("clock", "show")["now"])
        key = self.key("1000", "--expires", (now + timedelta(hours=1)).isoformat())
        self.run("clock", "advance", "2h")
        return key

    def key(self, amount, *arguments, cap=None, tier="tier-5", holder="sdk@example.org"):
        return self.grant(amount, *arguments, cap=cap, tier=tier, holder=holder).key

    def grant(self, amount, *arguments, cap=None, tier="tier-5", holder="sdk@example.org"):
        grant = self.run(
            "grant", "issue", "--program", PROGRAM, "--holder", holder,
            "--amount", amount, "--tier", tier, *arguments,
        )["id"]
        limit = ["--cap", cap] if cap else []
        return Grant(self, grant, self.run("key", "create", "--grant", grant, *limit)["secret"])


class Grant:
    """A grant with one key, and what the books say of it."""

    def __init__(self, demo, name, key):
        self.demo, self.name, self.key = demo, name, key

    def calls(self):
        """Every call that was charged, oldest first."""
        listed = self.demo.run("grant", "calls", self.name, "--limit", CALLS_MAX)["calls"]
        return listed[::-1]

    def money(self):
        """What it was given, what is left, what is held, and what was spent, in dollars."""
        shown = self.demo.run("grant", "show", self.name)
        return {name: Decimal(shown[name]) for name in ("amount", "available", "held", "spent")}


@contextmanager
def demonstration(binary, data):
    """`bursar demo` over a folder, until the block ends."""
    command = [binary, "demo", "--json", "--listen", "127.0.0.1:0", "--data", str(data)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        assert line, "the demonstration stopped before it was ready"
        yield Demo(binary, json.loads(line))
    finally:
        server.terminate()
        assert server.wait(timeout=60) == 0
