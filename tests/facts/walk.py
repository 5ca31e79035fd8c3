"""The walk through the story, in its order: each act is a person's, and says what it sees."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from datetime import date, datetime

import discover
import end
import market
import propose
import spend
from sightings import Sightings
from support.browser import BIN, Browser

# Weeks that any wait of the story takes at the most, with room to spare.
WEEKS_MAX = 24


@dataclass
class Walker:
    """Whoever walks, with what they have come by."""

    browser: Browser
    demo: dict
    email: str
    seen: Sightings
    application: str = ""
    grant: str = ""
    secret: str = ""
    for_sale: str = ""
    requests: dict = field(default_factory=dict)

    def enter(self, role: str, path: str = ""):
        """Goes in by the demonstration's door for a role."""
        self.browser.driver.delete_all_cookies()
        self.browser.go(self.demo["sign_in"][role])
        if path:
            self.browser.go(path)

    def sign_in(self, email: str = ""):
        """Signs the newcomer in, or somebody else, by the link in their mail."""
        self.browser.driver.delete_all_cookies()
        self.browser.go("/sign-in")
        self.browser.fill("email", email or self.email)
        self.browser.click("Mail me a link")
        self.browser.click("outbox")
        self.browser.click("Your sign-in link")
        self.browser.click("/sign-in/")
        self.browser.click("Sign in as")

    def turn(self, label: str):
        """Turns the clock by one of its buttons."""
        self.browser.go("/demonstration")
        self.browser.click(label)

    def wait_for(self, path: str, text: str):
        """Turns the clock week by week until a page of the newcomer's says so."""
        self.sign_in()
        for _ in range(WEEKS_MAX):
            self.turn("+1 week")
            self.browser.go(path)
            if self.browser.says(text):
                return
        raise AssertionError(f"{path} never says `{text}`")

    def command(self, *arguments: str) -> dict:
        """What one of the operator's commands answers."""
        command = [BIN, *arguments, "--json", "--data", self.demo["data"]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def today(self) -> date:
        """The day that the demonstration's clock shows."""
        shown = re.search(r"It is (\d+ \w+ \d{4})", self.browser.text())
        return datetime.strptime(shown[1], "%d %B %Y").date()

    def letter(self, subject: str):
        """Opens the newest letter of that subject to the newcomer."""
        self.browser.go("/operate/outbox")
        path = f"//tr[contains(., '{self.email}')]//a[contains(., '{subject}')]"
        found = self.browser.driver.find_elements("xpath", path)
        assert found, f"no letter `{subject}` to {self.email}"
        self.browser.go(found[0].get_attribute("href"))


def walk(browser: Browser, demo: dict, email: str, seen: Sightings):
    """The whole story, once."""
    walker = Walker(browser, demo, email, seen)
    acts = discover.ACTS + propose.ACTS + spend.ACTS + market.ACTS + end.ACTS
    for act in acts:
        seen.act(act, walker)
