"""From the form to the award: declined once, improved, scored, approved by two, released."""

from discover import QUALIFIES
from support import applying, panel

QUESTION = "Do code models hide planted defects from their own review?"
ANSWERS = QUALIFIES | {
    "research_question": QUESTION,
    "research_description": "We plant defects.",
    "api_use": "About 20,000 calls to three models.",
    # Outside the areas that the program names: flagged, and no more than that.
    "area": "other",
    "affiliation": "Makerere University",
    "department": "Computer Science",
    "limited_funding": "yes",
    "corporate_sponsor": "no",
    "amount": "1200",
    "justification": "Three families of models, each on 1,200 planted defects, over twelve weeks.",
}
MORE = (
    "We plant 1,200 defects in open-source programs, ask three families of models to review them, and "
    "compare what they report with what we planted, with five repeats over twelve weeks."
)


def write(walker):
    browser, see = walker.browser, walker.seen.see
    walker.sign_in()
    browser.go("/form/researcher-access-program")
    see(browser, "S22", "portal", "OpenAI Researcher Access Program", "Apply")
    browser.click("Apply")
    see(browser, "S21", "task list", "About 30 minutes with a plan and your affiliation at hand")
    study, institution, funding = applying.SECTIONS
    browser.click(study)
    see(browser, "S23", "form", "What is your research question?", "How will you use the API?")
    see(browser, "S10", "form", "Which area does it belong to?", "Alignment", "Something else")
    browser.click("Back to the tasks")
    browser.click(institution)
    see(browser, "S23", "form", "affiliated")
    browser.click("Back to the tasks")
    browser.click(funding)
    see(browser, "S19", "form", "Is your funding limited?", "Does a company sponsor this research?")
    see(browser, "S47", "form", "If it is, say so: it counts in your favour")
    see(browser, "S2", "form", "Why do you need more than $1,000?")
    browser.click("Back to the tasks")
    applying.fill_in(browser, ANSWERS)
    submit(walker)


def submit(walker):
    """Both policies are shown and have to be accepted; then it is sent."""
    browser, see = walker.browser, walker.seen.see
    browser.click("Policies to accept")
    see(browser, "S24", "form", "Usage policies", "Sharing and publication policy", "edition")
    see(browser, "S36", "attestation", "research only, not for a commercial product", "and the law")
    browser.click("Back to the tasks")
    applying.accept_policies(browser)
    applying.submit(browser)
    browser.click("See the application")
    walker.application = browser.path()
    see(browser, "S25", "status", "round")


def screen(walker):
    browser, see = walker.browser, walker.seen.see
    walker.wait_for(walker.application, "reviewers read until")
    see(browser, "S26", "status", "reviewers read until")
    find_as_officer(walker)
    see(browser, "S10", "screening", "Your subject is outside the areas that the program names")
    see(browser, "S18", "screening", "A research study")
    see(browser, "S36", "screening", "The credit is for research")


def find_as_officer(walker):
    walker.enter("officer", "/decide/applications?state=in_review")
    path = f"//tr[contains(., '{QUESTION}')]//a"
    links = walker.browser.driver.find_elements("xpath", path)
    assert links, walker.browser.text()
    walker.browser.go(links[0].get_attribute("href"))


def decline(walker):
    browser = walker.browser
    browser.fill("decision", "decline")
    browser.fill("reasons", "Say which data, which comparison, and how many calls.")
    browser.click("Record the decision")
    walker.sign_in()
    browser.go(walker.application)
    assert not browser.says("Say which data"), "the applicant sees an unreleased decision"
    release(walker)
    walker.enter("operator")
    walker.letter("was reviewed")
    walker.seen.see(browser, "S27", "outbox", "was reviewed")
    walker.seen.see(browser, "S28", "letter", "as often as you like", "More detail helps")
    walker.seen.see(browser, "S50", "letter", "answer the reasons above one by one")


def release(walker):
    walker.wait_for(walker.application, "the review is over")
    walker.enter("officer", "/decide/rounds")
    path = "//tr[contains(., 'To release')]//a"
    walker.browser.go(walker.browser.driver.find_element("xpath", path).get_attribute("href"))
    walker.browser.click("Release ")
    assert walker.browser.says("Released on")


def come_back(walker):
    """The answers are filled in; what differs is shown before it is sent again."""
    browser, see = walker.browser, walker.seen.see
    walker.sign_in()
    browser.go("/form/researcher-access-program")
    browser.click("Apply")
    study, institution, _ = applying.SECTIONS
    browser.click(institution)
    assert browser.driver.find_element("name", "affiliation").get_attribute("value"), "not prefilled"
    browser.click("Back to the tasks")
    browser.click(study)
    browser.fill("research_description", MORE)
    browser.click("Save and continue")
    applying.accept_policies(browser)
    browser.click("Check your answers and submit")
    see(browser, "S28", "resubmission", "What differs", "We plant 1,200 defects")
    browser.click("Submit application")
    assert browser.says("Application submitted")
    browser.click("See the application")
    walker.application = browser.path()
    see(browser, "S25", "status", "round")


def award(walker):
    """Scored by a reviewer, proposed by one officer, approved by another."""
    browser, see = walker.browser, walker.seen.see
    walker.wait_for(walker.application, "reviewers read until")
    panel.assign(browser, walker.enter, walker.application)
    panel.agree(browser, walker.enter, QUESTION)
    for criterion in ("question", "method", "need", "impact", "budget"):
        browser.fill(f"score-{criterion}", "4")
    browser.fill("recommendation", "award")
    browser.fill("comment", "A sharp question; the list of defects should be published.")
    browser.click("Submit review")
    find_as_officer(walker)
    browser.fill("decision", "award")
    browser.fill("amount", "1200")
    browser.fill("reasons", "The reviewers liked the planted defects.")
    browser.fill("justification", "Three families of models; the impact is high.")
    browser.click("Record the decision")
    decision = browser.path()
    see(browser, "S2", "decision", "Waits for a second officer")
    walker.enter("operator", decision)
    browser.click("Approve the award")
    assert browser.says("Approved by a second officer"), browser.text()
    see(browser, "S19", "decision", "Funding is limited.", "There is no corporate sponsor.", "Priority")
    release(walker)


def accept(walker):
    browser, see = walker.browser, walker.seen.see
    walker.sign_in()
    browser.go(walker.application)
    browser.click("Read the decision")
    browser.click("Accept the award")
    browser.fill("accept", "yes")
    browser.click("Accept the award")
    assert browser.says("You have accepted the award.")
    walker.grant = browser.path()
    see(browser, "S29", "grant", "Credit arrives")
    browser.go(walker.application)
    see(browser, "S29", "status", "Credit arrives")
    walker.wait_for(walker.grant, "exactly $1,200.00 of $1,200.00")


ACTS = [write, screen, decline, come_back, award, accept]
