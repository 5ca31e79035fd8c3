"""A round's panel, as the officer and the reviewer of the demonstration go through it."""

REVIEWER = "Teodora Vasilescu"


def assign(browser, enter, application):
    """Plans the round, sees to it that the reviewer is on the application, and asks all of them."""
    enter("officer")
    reviewers = f"/decide/applications/{application.rsplit('/', 1)[1]}/reviewers"
    browser.go(reviewers)
    browser.click("Reviewers of the ")
    if browser.says("Plan who reviews what"):
        browser.click("Plan who reviews what")
        assert browser.says("Nobody has been asked yet")
    browser.go(reviewers)
    taken = browser.driver.find_elements("xpath", f"//section[contains(., '{REVIEWER}')]")
    if not taken:
        label = f"//label[contains(., '{REVIEWER}')]"
        browser.driver.find_element("xpath", label).click()
        browser.click("Add to the plan")
        assert browser.says("The reviewer is on the plan.")
    browser.click("Reviewers of the ")
    browser.click("Invite for ")
    assert browser.says("The reviewers are asked, by mail.")


def agree(browser, enter, question):
    """The reviewer opens what they are asked, and says yes; the application is open then."""
    enter("reviewer")
    assert browser.says("You are asked")
    browser.click(question)
    assert browser.says("Why you")
    browser.fill("answer", "accept")
    browser.click("Send the answer")
    assert browser.says("You have agreed to review it.")
