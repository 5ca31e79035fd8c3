"""What has been seen of the story: each fact at each place where a person meets it, with pictures."""

import os
import re
import traceback
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

STORY = Path(__file__).with_name("STORY.md")
FOLDER = Path(os.environ.get("BURSAR_STORY", "target/story"))
WIDE, PHONE = 1280, 390


class Fact(NamedTuple):
    """A row of the story."""

    name: str
    text: str
    places: tuple[str, ...]


def facts() -> list[Fact]:
    """The story's rows, in its order."""
    rows = re.findall(r"^\| (S\d+) \| (.+?) \| (.+?) \|$", STORY.read_text(), re.MULTILINE)
    return [Fact(name, text, tuple(places.split(", "))) for name, text, places in rows]


class Sightings:
    """Collects what was seen, and why something was not."""

    def __init__(self):
        self.facts = {fact.name: fact for fact in facts()}
        self.seen = defaultdict(dict)
        self.missed = defaultdict(list)
        self.pictures = defaultdict(list)

    def see(self, browser, row: str, place: str, *texts: str):
        """The page in the browser says each of these, and fits a window and a telephone."""
        self.check(row, place)
        page = " ".join(browser.text().split())
        lacking = [text for text in texts if " ".join(text.split()).lower() not in page.lower()]
        if lacking:
            self.miss(row, place, f"{browser.path()} does not say {lacking}")
            return
        self.picture(browser, row, place)
        self.seen[row][place] = f"{browser.path()} says “{texts[0]}”"

    def know(self, row: str, place: str, holds: bool, how: str):
        """Something that no page shows: an answer of the gateway, a figure of the books."""
        self.check(row, place)
        if holds:
            self.seen[row][place] = how
        else:
            self.miss(row, place, f"not so: {how}")

    def miss(self, row: str, place: str, why: str):
        self.missed[row].append(f"{place}: {why}")

    def check(self, row: str, place: str):
        places = self.facts[row].places
        assert place in places, f"{row} is met at {places}, not at `{place}`"

    def picture(self, browser, row: str, place: str):
        name = f"{row}-{re.sub('[^a-z0-9]+', '-', place.lower()).strip('-')}"
        for width, what in ((WIDE, "wide"), (PHONE, "phone")):
            browser.resize(width)
            browser.look()
            browser.picture(FOLDER, f"{name}-{what}")
            self.pictures[row].append(f"{name}-{what}.png")
        browser.resize(WIDE)

    def act(self, what: str, *arguments):
        """A step of the walk: should it break, the rest is walked all the same."""
        try:
            return what(*arguments)
        except Exception:  # noqa: BLE001 - whatever it was, the rows that need it are not seen
            self.missed["walk"].append(f"{what.__name__}:\n{traceback.format_exc(limit=-3)}")
            return None

    def lacking(self, row: str) -> list[str]:
        """The places at which a row has not been seen."""
        return [place for place in self.facts[row].places if place not in self.seen[row]]

    def table(self) -> str:
        """A row each: fact, seen or not, how."""
        lines = ["| # | fact | seen | how | pictures |", "| --- | --- | --- | --- | --- |"]
        for row, fact in self.facts.items():
            how = [f"{place}: {how}" for place, how in self.seen[row].items()]
            how += [f"NOT {place}" for place in self.lacking(row)] + self.missed[row]
            seen = "no" if self.lacking(row) or self.missed[row] else "yes"
            shown = dict.fromkeys(self.pictures[row])
            pictures = " ".join(f"[{name}]({name})" for name in shown)
            cells = (row, fact.text, seen, "; ".join(how).replace("|", "\\|"), pictures)
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"

    def write(self):
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "table.md").write_text(self.table())
