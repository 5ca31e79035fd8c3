"""Passkeys in a real browser, with Chromium's virtual authenticator: a device of a test's own."""

import re
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.virtual_authenticator import (
    Credential,
    Protocol,
    Transport,
    VirtualAuthenticatorOptions,
)
from selenium.webdriver.support.ui import WebDriverWait
from support.browser import BIN, Browser, stale

READY_SECONDS = 30
ADD = "Add a passkey"
SIGN_IN = "Sign in with a passkey"


@contextmanager
def site(folder, host):
    """`bursar serve` under a name that browsers keep passkeys for, or under a number."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url = f"http://{host}:{port}"
    config, data = folder / "bursar.toml", folder / "data"
    config.write_text(f'public_url = "{url}"\nlisten = "127.0.0.1:{port}"\n')
    with open(folder / "server.log", "wb") as log:
        command = [BIN, "serve", "--data", str(data), "--config", str(config)]
        server = subprocess.Popen(command, stderr=log)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not (data / "server.json").exists():
            assert server.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < deadline, "the server was not ready in time"
            time.sleep(0.05)
        [link] = re.findall(r"administrator: (http\S+)", (folder / "server.log").read_text())
        yield url, link
    finally:
        server.terminate()
        assert server.wait(timeout=60) == 0


def device(browser, checks=True):
    """A device that keeps passkeys, and whose user is asked for a PIN, or has none."""
    options = VirtualAuthenticatorOptions()
    options.protocol, options.transport = Protocol.CTAP2, Transport.INTERNAL
    options.has_resident_key = options.has_user_verification = True
    options.is_user_verified = checks
    browser.driver.add_virtual_authenticator(options)


def ask(browser, text):
    """Presses a button whose form the script sends once the device has answered."""
    path = f"//main//button[normalize-space(.)='{text}']"
    button = browser.driver.find_element("xpath", path)
    assert button.is_displayed(), browser.text()
    before = browser.driver.find_element("tag name", "html")
    browser.press(button)
    WebDriverWait(browser.driver, 30).until(lambda _: stale(before))
    browser.look()


def waits_for(browser, text):
    waiting = WebDriverWait(browser.driver, 30, ignored_exceptions=[WebDriverException])
    waiting.until(lambda _: browser.says(text))
    browser.look()


def sign_out(browser):
    browser.go("/account")
    browser.press(browser.driver.find_element("css selector", ".site-header form button"))
    waits_for(browser, "You are signed out")


def without_autofill(browser):
    """A virtual device answers what a browser only offers at a field: here it is not offered."""
    source = "delete PublicKeyCredential.isConditionalMediationAvailable"
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})


@pytest.fixture
def place(tmp_path):
    with site(tmp_path, "localhost") as found:
        yield found


@pytest.fixture
def browse():
    browsers = []

    def make(url, width, script=True):
        browsers.append(Browser(url, width, script, f"passkey-{width}"))
        return browsers[-1]

    yield make
    for browser in browsers:
        browser.driver.quit()


def arrive(browser, link):
    browser.go(link)
    browser.click("Sign in as")
    browser.go("/account")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_passkey_is_made_signs_in_and_is_removed(place, browse, width):
    url, link = place
    browser = browse(url, width)
    device(browser)
    arrive(browser, link)
    browser.fill("passkey", "My laptop")
    ask(browser, ADD)
    assert browser.says("The passkey is added") and browser.says("My laptop")
    assert browser.says("Not yet")
    browser.fill("passkey", "Again")
    browser.press(browser.driver.find_element("css selector", "form.passkey .actions button"))
    already = "This device already has a passkey for your account."
    waits_for(browser, already)
    sign_out(browser)
    # The browser offers it at the field of the address, and the device answers by itself.
    browser.driver.get(url + "/account")
    waits_for(browser, "Browsers that are signed in")
    assert not browser.says("Not yet")
    sign_out(browser)
    without_autofill(browser)
    browser.go("/account")
    assert browser.path().startswith("/sign-in")
    ask(browser, SIGN_IN)
    assert browser.path() == "/account"
    browser.go("/operate/audit")
    assert browser.says("passkey.signed_in") and browser.says("passkey.added")

    # A copy with an older count is refused, and so is what was removed.
    [known] = browser.driver.get_credentials()
    assert known.sign_count > 0
    sign_out(browser)
    browser.driver.remove_credential(known.id)
    old = Credential.create_resident_credential(
        known._id, known.rp_id, known._user_handle, known._private_key, 0
    )
    browser.driver.add_credential(old)
    browser.go("/sign-in")
    ask(browser, SIGN_IN)
    assert browser.says("it may have been copied") and browser.path().startswith("/sign-in")
    browser.driver.remove_credential(known.id)
    fresh = Credential.create_resident_credential(
        known._id, known.rp_id, known._user_handle, known._private_key, 100
    )
    browser.driver.add_credential(fresh)
    browser.go("/sign-in")
    ask(browser, SIGN_IN)
    browser.go("/account")
    browser.click("Remove My laptop")
    assert browser.says("The passkey is removed")
    sign_out(browser)
    browser.go("/sign-in")
    ask(browser, SIGN_IN)
    assert browser.says("not any more") and browser.path().startswith("/sign-in")


def test_a_device_that_checks_nobody_signs_nobody_in(place, browse):
    url, link = place
    browser = browse(url, 1280)
    device(browser, checks=False)
    arrive(browser, link)
    browser.press(browser.driver.find_element("css selector", "form.passkey .actions button"))
    waits_for(browser, "It was declined")
    assert browser.driver.get_credentials() == []


def test_the_page_says_what_passkeys_need(place, browse, tmp_path):
    url, link = place
    plain = browse(url, 1280, script=False)
    arrive(plain, link)
    assert plain.says("Passkeys need the script of this page")
    number = tmp_path / "number"
    number.mkdir()
    with site(number, "127.0.0.1") as (url, link):
        browser = browse(url, 1280)
        arrive(browser, link)
        assert browser.says("reached by HTTPS under a name") and not browser.says(ADD)
        browser.driver.delete_all_cookies()
        browser.go("/sign-in")
        assert not browser.says("passkey")
