"""The official Node SDK, unchanged but for base URL and key: its tests are in `node/`."""

import os
import subprocess
from pathlib import Path

import pytest

NODE = os.environ.get("BURSAR_NODE", "node")
FOLDER = Path(__file__).resolve().parent / "node"
FILES = sorted(path.name for path in FOLDER.glob("*.test.mjs"))


def test_there_are_tests():
    names = ["errors", "kept", "media", "realtime", "stored", "text"]
    assert FILES == [f"{name}.test.mjs" for name in names]


@pytest.mark.parametrize("name", FILES)
def test_node(for_node, name):
    command = [NODE, "--test", "--test-reporter=spec", name]
    done = subprocess.run(
        command, cwd=FOLDER, env=for_node, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
