"""A draft in a real browser: it saves itself, is kept over a lost session, and takes a keyboard."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from support.applying import SECTIONS
from test_story import ANSWERS, sign_in


def begin(browser):
    sign_in(browser)
    browser.go("/form/researcher-access-program")
    browser.click("Apply")
    assert browser.says("0 of 4 tasks completed")


def wait_until(browser, text):
    WebDriverWait(browser.driver, 40).until(lambda _: browser.says(text))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_draft_saves_itself_and_counts(browse, width):
    browser = browse(width)
    begin(browser)
    browser.click(SECTIONS[0])
    browser.fill("research_question", "One two  three\nfour 知识?")
    assert browser.says("95 words left")
    wait_until(browser, "Draft saved at")
    shown_with = browser.driver.find_element("name", "was").get_attribute("value")
    browser.fill("research_question", "word " * 101)
    assert browser.says("1 word too many")
    is_saved = lambda driver: driver.find_element("name", "was").get_attribute("value") != shown_with
    WebDriverWait(browser.driver, 40).until(is_saved)
    browser.driver.refresh()
    # What is too long is kept, and told.
    wait_until(browser, "Research question must be 100 words or fewer")
    assert browser.says("1 word too many")


def test_what_is_typed_outlives_its_session(browse):
    browser = browse(1280)
    begin(browser)
    browser.click(SECTIONS[0])
    section = browser.path()
    kept = browser.driver.get_cookie("bursar-session")
    # Another tab of the same browser signs out.
    here = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.resize(1280)
    browser.go("/applications")
    browser.driver.find_element(By.XPATH, "//button[contains(., 'Sign out')]").click()
    # Closed before it has gone out, the form would never be sent.
    wait_until(browser, "Sign in")
    browser.driver.close()
    browser.driver.switch_to.window(here)
    browser.driver.add_cookie(kept)
    browser.fill("research_question", "Typed too late?")
    wait_until(browser, "Not saved: you are signed out")
    browser.click("Save and continue")
    assert browser.says("Sign in")
    browser.fill("email", "newcomer@university.example")
    browser.click("Mail me a link")
    browser.click("outbox")
    browser.click("Your sign-in link")
    browser.click("/sign-in/")
    browser.click("Sign in as")
    browser.go(section)
    assert browser.says("What you had written is below, and not saved yet.")
    text = browser.driver.find_element("name", "research_question").get_attribute("value")
    assert text == "Typed too late?"
    browser.click("Save and come back later")
    assert browser.says("The draft is saved.")


def tab_to(browser, wanted):
    """Presses the Tab key until something that fits has the focus."""
    for _ in range(80):
        element = browser.driver.switch_to.active_element
        if wanted(element):
            return element
        element.send_keys(Keys.TAB)
    raise AssertionError(f"the Tab key never comes there on {browser.driver.current_url}")


def follow(browser, text):
    element = tab_to(browser, lambda one: one.tag_name in ("a", "button") and text in one.text)
    before = browser.driver.find_element(By.TAG_NAME, "html")
    element.send_keys(Keys.ENTER)
    WebDriverWait(browser.driver, 30).until(lambda _: is_stale(before))
    browser.look()


def is_stale(element):
    try:
        element.is_enabled()
        return False
    except Exception:  # noqa: BLE001 - the driver has several words for it
        return True


@pytest.mark.parametrize("script", [True, False])
def test_the_keyboard_is_enough(browse, script):
    browser = browse(1280, script)
    begin(browser)
    for title in SECTIONS:
        follow(browser, title)
        names = [name for name in ANSWERS if browser.driver.find_elements("name", name)]
        for name in names:
            field = tab_to(browser, lambda one, name=name: one.get_attribute("name") == name)
            if field.get_attribute("type") == "radio":
                for _ in range(12):
                    field = browser.driver.switch_to.active_element
                    if field.is_selected() and field.get_attribute("value") == ANSWERS[name]:
                        break
                    right = field.get_attribute("value") == ANSWERS[name]
                    field.send_keys(Keys.SPACE if right else Keys.ARROW_DOWN)
            elif field.tag_name == "select":
                field.send_keys("Uganda")
            else:
                field.send_keys(ANSWERS[name])
        follow(browser, "Save and continue")
        assert browser.says("tasks completed"), browser.text()
    follow(browser, "Policies to accept")
    for name in ("policy-usage", "policy-sharing"):
        tab_to(browser, lambda one, name=name: one.get_attribute("name") == name).send_keys(Keys.SPACE)
    follow(browser, "Save and continue")
    follow(browser, "Check your answers and submit")
    follow(browser, "Submit application")
    assert browser.says("Application submitted")
