"""A demonstration for each test, and browsers over it."""

import shutil

import pytest
from support.browser import Browser, demonstration


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The folder of a demonstration whose world was made, and which has stopped."""
    folder = tmp_path_factory.mktemp("world") / "data"
    with demonstration(folder):
        pass
    return folder


@pytest.fixture
def demo(world, tmp_path):
    """A demonstration of the test's own: it begins where the world was left."""
    data = shutil.copytree(world, tmp_path / "data")
    with demonstration(data) as announced:
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
