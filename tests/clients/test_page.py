"""What `docs/CLIENTS.md` shows runs as it stands there, and is in the books."""

import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/CLIENTS.md").read_text(encoding="utf-8")
NODE = os.environ.get("BURSAR_NODE", "node")
PACKAGES = Path(__file__).resolve().parent / "node"


def programs():
    """Each section's programs, as its blocks that name a language have them."""
    sections = {}
    for section in PAGE.split("\n## ")[1:]:
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
        if blocks:
            sections[section.split("\n")[0]] = blocks
    return sections


PROGRAMS = programs()
# How many calls each makes.
CALLS = {
    "Python SDK": 1, "Node SDK": 1, "Realtime sessions": 1, "curl": 1,
    "LangChain and LangGraph": 2,
    "OpenAI Agents SDK": 2, "Inspect": 2,
}


def test_every_program_of_the_page_is_run():
    assert list(PROGRAMS) == list(CALLS)


@pytest.mark.parametrize("section", CALLS)
def test_the_page(run, grant, books, tmp_path, section):
    file = tmp_path / "study.py"
    for language, text in PROGRAMS[section]:
        if language == "python":
            file.write_text(text, encoding="utf-8")
            if section == "Inspect":
                continue
            command, folder = [sys.executable, file.name], tmp_path
        elif language == "js":
            command, folder = [NODE, "--input-type=module", "--eval", text], PACKAGES
        else:
            assert language == "sh", f"nobody runs `{language}`"
            command, folder = ["sh", "-c", text], tmp_path
        done = run(grant.key, *command, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    calls = books(grant)
    assert len(calls) == CALLS[section]
    if section in ("Python SDK", "Node SDK", "Realtime sessions", "curl"):
        assert "This is a sandbox answer" in done.stdout
        assert calls[0]["cost"] in done.stdout
    elif section != "Inspect":
        assert "This is a sandbox answer" in done.stdout
