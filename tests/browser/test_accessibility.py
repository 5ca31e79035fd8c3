"""Every page and state of the gallery, held against WCAG 2.2 AA by axe-core: wide, and narrow in the dark."""

import subprocess
from pathlib import Path

import pytest
from selenium import webdriver
from support.browser import CHROMEDRIVER, CHROMIUM, FLAGS, HEIGHT

ROOT = Path(__file__).parents[2]
AXE = ROOT / "tests/clients/node/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """
const done = arguments[1];
axe.run(document, { runOnly: { type: "tag", values: arguments[0] } }).then((found) =>
  done(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`)));
"""
PAGES_AT_LEAST = 180


@pytest.fixture(scope="module")
def gallery(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("gallery")
    make = ["cargo", "run", "-q", "-p", "bursar-pages", "--example", "gallery", "--", str(folder)]
    subprocess.run(make, cwd=ROOT, check=True, timeout=900)
    # The list of what there is is none of our pages.
    return sorted(page for page in folder.glob("*.html") if page.name != "index.html")


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_axe_finds_nothing(gallery, width, scheme):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=CHROMEDRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_script_timeout(60)
        metrics = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        axe = AXE.read_text()
        found = {}
        for page in gallery:
            driver.get(page.as_uri())
            driver.execute_script(axe)
            if wrong := driver.execute_async_script(LOOK, TAGS):
                found[page.name] = wrong
        assert found == {}
        assert PAGES_AT_LEAST <= len(gallery)
    finally:
        driver.quit()
