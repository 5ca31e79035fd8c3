"""An application as a person fills it in: task by task, from the list."""

SECTIONS = ("Your study", "You and your institution", "Funding and amount")


def open_section(browser, title):
    browser.click(title)


def answer(browser, answers):
    """Answers what the page asks, of all that could be."""
    for name, value in answers.items():
        if browser.driver.find_elements("name", name):
            browser.fill(name, value)


def fill_in(browser, answers):
    """Fills in every section of the list and comes back to it each time."""
    for title in SECTIONS:
        open_section(browser, title)
        answer(browser, answers)
        browser.click("Save and continue")
        assert browser.says("tasks completed"), browser.text()


def accept_policies(browser):
    """Both policies have to be accepted, each by itself."""
    browser.click("Policies to accept")
    browser.click("Save and continue")
    assert browser.driver.title.startswith("Error: "), "went on without accepting the policies"
    browser.fill("policy-usage", "yes")
    browser.fill("policy-sharing", "yes")
    browser.click("Save and continue")


def submit(browser):
    browser.click("Check your answers and submit")
    assert browser.says("Check your answers")
    browser.click("Submit application")
    assert browser.says("Application submitted")
