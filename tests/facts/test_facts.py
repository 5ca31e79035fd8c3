"""Every fact of the story, walked twice on one installation, with the clock turned by years."""

import subprocess

import pytest
import walk
from sightings import WIDE, Sightings, facts
from support.browser import BIN, Browser, demonstration

# Who comes first, and who walks the whole way once more in the same installation, years later.
NEWCOMERS = ("first.newcomer@university.example", "second.newcomer@university.example")


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """What was seen, by each newcomer's walk; the tables are written whatever happens."""
    data = tmp_path_factory.mktemp("story") / "data"
    sightings = []
    with demonstration(data) as demo:
        for newcomer in NEWCOMERS:
            browser = Browser(demo["portal"], WIDE, True, "story")
            seen = Sightings()
            sightings.append(seen)
            try:
                walk.walk(browser, demo, newcomer, seen)
            finally:
                browser.driver.quit()
                seen.write()
        command = [BIN, "verify", "--data", str(data)]
        verified = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return sightings, verified


@pytest.mark.parametrize("row", [fact.name for fact in facts()])
def test_a_fact_is_seen(walked, row):
    for seen in walked[0]:
        assert not seen.lacking(row) and not seen.missed[row], f"{row}: {seen.missed[row]}"


def test_no_step_of_the_walk_broke(walked):
    for seen in walked[0]:
        assert not seen.missed["walk"], "\n".join(seen.missed["walk"])


def test_the_books_balance_after_two_walks(walked):
    verified = walked[1]
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_list_is_whole():
    names = [fact.name for fact in facts()]
    assert names == [f"S{number}" for number in range(1, 58)]
