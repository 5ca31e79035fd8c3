"""A demonstration for each test, and browsers over it."""

import pytest
from support.browser import Browser, demonstration


@pytest.fixture
def demo(tmp_path):
    with demonstration(tmp_path / "data") as announced:
        yield announced


@pytest.fixture
def browse(demo, request):
    """Makes a browser of a width; all are closed at the end."""
    browsers = []

    def make(width: int, script: bool = True) -> Browser:
        name = f"{width}{'' if script else '-plain'}"
        browser = Browser(demo["portal"], width, script, name)
        browsers.append(browser)
        return browser

    yield make
    for browser in browsers:
        browser.driver.quit()
