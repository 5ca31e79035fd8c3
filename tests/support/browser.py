"""A demonstration of its own, and a browser that looks at every page it comes to."""

import base64
import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

BIN = os.environ.get("BURSAR_BIN", "target/release/bursar")
CHROMIUM = os.environ.get("BURSAR_CHROMIUM", "/usr/bin/chromium")
CHROMEDRIVER = os.environ.get("BURSAR_CHROMEDRIVER", "/usr/bin/chromedriver")
# Where to leave a picture of every page, if anybody wants to look.
PICTURES = os.environ.get("BURSAR_PICTURES")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]
HEIGHT = 900
# Credit of the demonstration's researcher that was brought in, beside their research grant.
BROUGHT_IN = ("Prepaid balance of the department", "Rest of the faculty's commitment")
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def demonstration(data: Path):
    """`bursar demo` over a folder, until the block ends; gives what it announced."""
    command = [BIN, "demo", "--json", "--listen", "127.0.0.1:0", "--data", str(data)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        assert line, "the demonstration stopped before it was ready"
        yield json.loads(line)
    finally:
        server.terminate()
        assert server.wait(timeout=60) == 0


class Browser:
    """Goes from page to page as a person does, and looks at each."""

    def __init__(self, portal: str, width: int, script: bool, name: str):
        self.portal, self.width, self.script, self.name = portal, width, script, name
        self.pictures = 0
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in FLAGS:
            options.add_argument(flag)
        if not script:
            off = {"profile.managed_default_content_settings.javascript": 2}
            options.add_experimental_option("prefs", off)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(executable_path=CHROMEDRIVER)
        self.driver = webdriver.Chrome(options=options, service=service)
        self.resize(width)

    def resize(self, width: int):
        """Gives the window a width: a telephone is narrower than any window may be."""
        self.width = width
        metrics = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def go(self, address: str):
        """Opens a page by its path or its whole address."""
        self.driver.get(address if address.startswith("http") else self.portal + address)
        self.look()

    def look(self):
        """What no page may do: be wider than the window, complain, or break."""
        path = self.driver.current_url
        assert "There is a problem with the service" not in self.text(), path
        if self.script:
            assert self.driver.execute_script(OVERFLOW) <= 0, f"{path} is too wide"
        errors = [line for line in self.driver.get_log("browser") if line["level"] == "SEVERE"]
        # A page under an error's status is one of our own, and told as an error all the same.
        errors = [line for line in errors if "status of 4" not in line["message"]]
        # A fade between two pages that the browser skips is nobody's fault.
        errors = [line for line in errors if "Transition was aborted" not in line["message"]]
        assert not errors, f"{path}: {errors}"
        if PICTURES:
            self.picture(Path(PICTURES))

    def picture(self, folder: Path, name: str | None = None):
        """Leaves a picture of the whole page, by a name or by its turn."""
        folder.mkdir(parents=True, exist_ok=True)
        self.pictures += 1
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": self.width, "height": min(size["height"], 4000), "scale": 1}
        shot = {"captureBeyondViewport": True, "clip": clip}
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", shot)["data"]
        name = name or f"{self.name}-{self.pictures:03}"
        (folder / f"{name}.png").write_bytes(base64.b64decode(data))

    def path(self) -> str:
        """Where it is, on this site."""
        return self.driver.current_url.removeprefix(self.portal)

    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def says(self, text: str) -> bool:
        return text in self.text()

    def fill(self, name: str, value: str):
        """Answers a question, whichever way it is asked."""
        fields = self.driver.find_elements(By.NAME, name)
        assert fields, f"no field `{name}` on {self.driver.current_url}"
        kind = fields[0].get_attribute("type")
        if kind == "radio":
            [field] = [field for field in fields if field.get_attribute("value") == value]
            self.press(field)
        elif kind == "checkbox":
            self.press(fields[0])
        elif fields[0].tag_name == "select":
            Select(fields[0]).select_by_value(value)
        else:
            fields[0].clear()
            fields[0].send_keys(value)

    def press(self, element):
        self.driver.execute_cdp_cmd("Page.bringToFront", {})
        element.click()

    def click(self, text: str):
        """Presses the button or follows the link that says so, and waits for the next page."""
        quoted = f'"{text}"'
        path = f"//main//*[self::button or self::a][contains(normalize-space(.), {quoted})]"
        found = self.driver.find_elements(By.XPATH, path)
        assert found, f"nothing says `{text}` on {self.driver.current_url}:\n{self.text()}"
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.press(found[0])
        WebDriverWait(self.driver, 30).until(lambda _: stale(before))
        self.look()

    def summary(self, text: str):
        """Opens what is folded up."""
        path = f"//summary[contains(normalize-space(.), '{text}')]"
        self.press(self.driver.find_element(By.XPATH, path))


def stale(element) -> bool:
    try:
        element.is_enabled()
        return False
    except Exception:  # noqa: BLE001 - the driver has several words for it
        return True
