"""The whole story as a person walks it: apply, wait, review, decide, release, accept, spend."""

import re
import urllib.request
from decimal import Decimal

import pytest
from openai import OpenAI
from support import panel
from support.applying import SECTIONS, accept_policies, fill_in, open_section, submit

EMAIL = "newcomer@university.example"
QUESTION = "Do code models hide planted defects from their own review?"
ANSWERS = {
    "research_question": QUESTION,
    "research_description": "We plant 1,200 defects and compare three families of models.",
    "api_use": "About 20,000 calls to three models, in batches.",
    "area": "robustness",
    "affiliation": "Makerere University",
    "department": "Computer Science",
    "role": "phd_student",
    "country": "UG",
    "limited_funding": "yes",
    "purpose": "research",
    "corporate_sponsor": "no",
    "amount": "850",
}
# Weeks that any wait of the story takes at the most, with room to spare.
WEEKS_MAX = 20


def sign_in(browser):
    """Signs the newcomer in by the link in their mail."""
    browser.driver.delete_all_cookies()
    browser.go("/sign-in")
    browser.fill("email", EMAIL)
    browser.click("Mail me a link")
    browser.click("outbox")
    browser.click("Your sign-in link")
    browser.click("/sign-in/")
    browser.click("Sign in as")


def wait_for(browser, path, text):
    """Turns the clock, week by week, until a page of the newcomer's says so. Whoever turns the
    clock stays signed in."""
    sign_in(browser)
    for _ in range(WEEKS_MAX):
        browser.go("/demonstration")
        browser.click("+1 week")
        browser.go(path)
        if browser.says(text):
            return
    raise AssertionError(f"{path} never says `{text}`")


def apply(browser):
    sign_in(browser)
    browser.go("/form/researcher-access-program")
    browser.click("Apply")
    assert browser.says("0 of 4 tasks completed") and browser.says("Cannot start yet")
    open_section(browser, SECTIONS[0])
    browser.click("Save and continue")
    assert browser.driver.title.startswith("Error: ")
    assert browser.says("There is a problem")
    browser.click("Back to the tasks")
    fill_in(browser, ANSWERS)
    accept_policies(browser)
    assert browser.says("4 of 4 tasks completed")
    submit(browser)
    browser.click("See the application")
    return browser.driver.current_url


def review(browser, doors, application):
    panel.assign(browser, lambda role: browser.go(doors[role]), application)
    panel.agree(browser, lambda role: browser.go(doors[role]), QUESTION)
    for criterion in ("question", "method", "need", "impact", "budget"):
        browser.fill(f"score-{criterion}", "4")
    browser.fill("recommendation", "award")
    browser.fill("comment", "A sharp question; the list of defects should be published.")
    browser.click("Submit review")
    assert browser.says("Your review is submitted.")


def decide(browser, doors):
    browser.go(doors["officer"])
    browser.fill("state", "in_review")
    browser.click("Filter")
    browser.click(QUESTION)
    assert browser.says("A sharp question")
    browser.fill("decision", "award")
    browser.fill("amount", "850")
    browser.fill("reasons", "The reviewers liked the planted defects.")
    browser.click("Record the decision")
    assert browser.says("The decision is recorded.")


def release(browser, doors):
    browser.go(doors["officer"])
    browser.go("/decide/rounds")
    browser.driver.find_element("xpath", "//tr[contains(., 'To release')]//a").click()
    browser.click("Release ")
    assert browser.says("Released on")


def accept(browser, application):
    sign_in(browser)
    browser.go(application)
    browser.click("Read the decision")
    browser.click("Accept the award")
    browser.fill("accept", "yes")
    browser.click("Accept the award")
    assert browser.says("You have accepted the award.")
    return browser.driver.current_url


def make_key(browser, grant):
    browser.go(grant)
    browser.fill("name", "Laptop")
    browser.fill("cap", "10")
    browser.click("Create key")
    secret = browser.driver.find_element("id", "secret").text
    browser.click("I have copied it")
    assert secret not in browser.driver.page_source
    return secret


def call(demo, secret):
    """Calls with the official SDK, and gives the request and its cost."""
    client = OpenAI(base_url=demo["openai_base_url"], api_key=secret, max_retries=0)
    # The Free tier lets small models through; larger ones take a card.
    model = "gpt-4o-mini"
    messages = [{"role": "user", "content": "Name three planted defects."}]
    answer = client.chat.completions.with_raw_response.create(model=model, messages=messages)
    return answer.headers["x-request-id"], Decimal(answer.headers["x-bursar-cost"])


def see_charge(browser, grant, request, cost):
    browser.go(f"{grant}/calls/{request}")
    text = browser.text()
    shown = re.search(r"Charged\s+\$([0-9.,]+)", text)
    assert shown and Decimal(shown[1]) == cost, text
    browser.go(grant)
    assert f"${cost}" in browser.text()
    browser.go(f"{grant}/calls")
    assert f"${cost}" in browser.text()


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, True), (1280, False)])
def test_a_proposal_becomes_a_charge(browse, demo, width, script):
    browser, doors = browse(width, script), demo["sign_in"]
    browser.go("/")
    application = apply(browser)
    wait_for(browser, application, "reviewers read until")
    review(browser, doors, application)
    decide(browser, doors)
    sign_in(browser)
    browser.go(application)
    assert not browser.says("The reviewers liked"), "the applicant sees an unreleased decision"
    wait_for(browser, application, "the review is over")
    release(browser, doors)
    grant = accept(browser, application)
    wait_for(browser, grant, "exactly $850.00 of $850.00")
    secret = make_key(browser, grant)
    request, cost = call(demo, secret)
    assert cost > 0
    see_charge(browser, grant, request, cost)


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_every_role_fits(browse, demo, width):
    """Follows every link that a role sees; `look` judges each page."""
    browser = browse(width)
    for door in demo["sign_in"].values():
        browser.go(door)
        waiting, seen = [browser.driver.current_url], set()
        while waiting and len(seen) < 40:
            address = waiting.pop(0)
            # One page of each kind: identifiers are all of the same shape.
            kind = re.sub(r"(_|/)[0-9a-z]{20,}|\?.*|#.*", "/…", address)
            if kind in seen or "/enter/" in address:
                continue
            seen.add(kind)
            browser.go(address)
            links = browser.driver.find_elements("css selector", "a[href]")
            found = [link.get_attribute("href").split("#")[0] for link in links]
            waiting += [href for href in found if href.startswith(demo["portal"])]
        assert len(seen) > 5


def test_the_demonstration_says_how_to_call(demo):
    with urllib.request.urlopen(demo["portal"], timeout=30) as answer:
        page = answer.read().decode()
    assert demo["api_key"] in page and demo["openai_base_url"] in page
