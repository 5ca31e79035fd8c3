"""One's own data, downloaded; and an account that is erased, with the books proven behind it."""

import io
import json
import subprocess
import urllib.request
import zipfile

import pytest
from support.browser import BIN

from test_market import enter
from test_story import EMAIL, sign_in

NAME = "Newcomer <Nobody>"


def command(demo, *arguments):
    """The command line of the running demonstration."""
    run = [BIN, *arguments, "--json", "--data", demo["data"]]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def download(browser):
    """What the link on the account's page gives, with the browser's cookies."""
    link = browser.driver.find_element("css selector", "a[download]").get_attribute("href")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in browser.driver.get_cookies())
    request = urllib.request.Request(link, headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return zipfile.ZipFile(io.BytesIO(answer.read()))


def test_an_export_is_an_archive_that_others_read(demo, browse):
    browser = browse(1280)
    enter(browser, demo, "researcher")
    browser.go("/account")
    archive = download(browser)
    assert archive.testzip() is None
    names = archive.namelist()
    assert names[0] == "README.txt"
    grants = json.loads(archive.read("grants.json"))["grants"]
    assert grants
    calls = [name for name in names if name.startswith("calls/")]
    rows = [json.loads(line) for name in calls for line in archive.read(name).splitlines()]
    assert len(rows) > 100 and all(row["model"] for row in rows)
    for name in names[1:]:
        if name.endswith(".json"):
            json.loads(archive.read(name))
        assert name.split("/")[0] in archive.read("README.txt").decode()


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)])
def test_an_account_is_erased_and_the_books_stand(demo, browse, width, script):
    browser = browse(width, script)
    sign_in(browser)
    browser.go("/account")
    browser.fill("name", NAME)
    browser.click("Save")
    browser.click("what goes and what stays")
    browser.click("Mail me the link")
    assert browser.says("The link is on its way")
    browser.go("/operate/outbox")
    browser.click("Erase your account?")
    browser.click("/erasure/")
    browser.click("Erase the account on that day")
    assert browser.says("Your account is to be erased")
    browser.click("Look at what goes and what stays")
    assert browser.says("Your account is erased on") and browser.says("Keep my account")
    command(demo, "clock", "advance", "8d")
    browser.go("/account")
    assert browser.path().startswith("/sign-in")
    command(demo, "verify")
    sign_in(browser)
    browser.go("/account")
    assert EMAIL in browser.text()
    assert browser.driver.find_element("name", "name").get_attribute("value") == ""
