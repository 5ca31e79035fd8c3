"""Before any account: the guide, the directory, whether one qualifies, what a study costs."""

GUIDE = "/programs/openai-researcher-access"
# Somebody's answers to the check, and what it says of them.
QUALIFIES = {"role": "phd_student", "country": "UG", "area": "robustness", "purpose": "research"}


def read_the_guide(walker):
    browser, see = walker.browser, walker.seen.see
    browser.driver.delete_all_cookies()
    browser.go(GUIDE)
    see(browser, "S1", "guide", "Provider", "OpenAI")
    see(browser, "S2", "guide", "Up to $1,000", "larger or higher-impact projects, with a justification and a second officer's approval")
    see(browser, "S3", "guide", "12 months from the grant date", "29 February")
    see(browser, "S4", "guide", "Affiliated researchers and research nonprofits in supported countries")
    see(browser, "S5", "guide", "Card required", "higher limits")
    see(browser, "S6", "guide", "Intermediate", "quarterly review", "not instant")
    see(browser, "S7", "guide", "Responsible-AI research, red-teaming, interpretability studies")
    see(browser, "S8", "guide", "https://openai.com/form/researcher-access-program/")
    see(browser, "S21", "guide", "About 30 minutes")
    families = ["GPT-5 family", "GPT-4.1 family", "1M", "o3", "Image", "Audio", "Embedding", "Moderation"]
    see(browser, "S33", "guide", "Models that the credit opens", *families)
    coverage = dict(rows(browser, "Models that the credit opens"))
    open_families = [name for name, covered in coverage.items() if covered == "Yes"]
    partly = [name for name, covered in coverage.items() if covered == "Partial"]
    is_so = "GPT-5 family" in partly and "GPT-4.1 family" in open_families
    walker.seen.know("S34", "guide", is_so, f"computed per family: {coverage}")
    walker.seen.picture(browser, "S34", "guide")
    for summary in browser.driver.find_elements("css selector", ".questions summary"):
        browser.press(summary)
    see(browser, "S52", "guide", "How much", "best treated as the ceiling", "what does it pay for")
    see(browser, "S53", "guide", "card", "a temporary hold of $5 checks the card and is released")
    see(browser, "S54", "guide", "How long", "extended", "reinstate")
    see(browser, "S55", "guide", "sell", "market")
    see(browser, "S56", "guide", "How often", "four to six weeks")
    see(browser, "S57", "guide", "Which models", "GPT-5.1")


def rows(browser, caption):
    """A table's rows, as its first and its last cell."""
    path = f"//table[contains(., '{caption}')]//tbody/tr"
    for row in browser.driver.find_elements("xpath", path):
        cells = [cell.text for cell in row.find_elements("css selector", "th, td")]
        yield cells[0], cells[-1]


def compare(walker):
    browser, see = walker.browser, walker.seen.see
    browser.go("/programs")
    see(browser, "S9", "directory", "needs no startup accelerator")
    see(browser, "S9", "comparison", "Side by side", "OpenAI Researcher Access Program", "No startup accelerator")


def check_eligibility(walker):
    browser, see = walker.browser, walker.seen.see

    def ask(**answers):
        browser.go(f"{GUIDE}/eligibility")
        for name, value in (QUALIFIES | answers).items():
            browser.fill(name, value)
        browser.click("Check")

    for role in ("faculty", "postdoc", "graduate_researcher", "phd_student"):
        ask(role=role)
        assert browser.says("by the program's rules you qualify"), f"{role}: {browser.text()}"
    see(browser, "S13", "eligibility", "by the program's rules you qualify", "You do research at a university")
    ask(role="research_organisation")
    assert browser.says("if your affiliation can be verified"), browser.text()
    browser.fill("email", "grace@ox.ac.uk")
    browser.click("Look it up")
    see(browser, "S14", "eligibility", "by the program's rules you qualify", "University of Oxford")
    ask(role="nonprofit")
    assert browser.says("by the program's rules you qualify"), browser.text()
    ask(role="nonprofit", purpose="operations")
    see(browser, "S15", "eligibility", "not awarded for operations or internal tools", "A nonprofit qualifies where")
    browser.go(f"{GUIDE}/eligibility")
    countries = browser.driver.find_elements("css selector", "[name=country] option, input[name=country]")
    assert len(countries) > 160, f"{len(countries)} countries"
    ask(country="elsewhere")
    see(browser, "S16", "eligibility", "The API is not offered where you are based")
    ask(role="individual")
    assert browser.says("generally not eligible") and browser.says("You may submit")
    ask(role="company")
    see(browser, "S17", "eligibility", "Companies and startups are not eligible")
    ask(purpose="product")
    assert browser.says("not awarded for the development of a product")
    ask(purpose="chatbot")
    see(browser, "S18", "eligibility", "not awarded for a chatbot")


def plan(walker):
    browser, see = walker.browser, walker.seen.see
    year = walker.today().year + 1
    browser.go(f"{GUIDE}?submit_on={year}-03-15#planner")
    see(browser, "S25", "planner", f"June {year} round")
    browser.go(f"{GUIDE}?need_by={year}-05-20#planner")
    see(browser, "S48", "planner", "a week before the round closes, than a round late")


def check_a_proposal(walker):
    browser, see = walker.browser, walker.seen.see
    browser.go(GUIDE)
    browser.click("Check a proposal")
    browser.fill("research_question", "We would like some credit.")
    browser.fill("research_description", "We will think of something.")
    browser.fill("api_use", "It would be nice.")
    browser.click("Check the proposal")
    see(browser, "S20", "proposal check", "Would help", "question", "method")
    see(browser, "S46", "proposal check", "Advice, not a gate")


# What a pilot grant is for: each kind of study fills the form in.
KINDS = (
    "Change prompts and compare",
    "Try several model families",
    "Sample a data set",
    "Repeat an evaluation over weeks",
    "Red-team",
    "Analyse transcripts",
)


def estimate(walker):
    browser, see = walker.browser, walker.seen.see
    browser.go("/estimate")
    if not browser.says(KINDS[0]):
        browser.summary("Begin from a kind of study")
    see(browser, "S12", "estimate", "What a study costs", *KINDS)
    browser.click("Sample a data set")
    see(browser, "S12", "estimate", "$1,000.00, the usual maximum, pays for", "Tier 1")


ACTS = [read_the_guide, compare, check_eligibility, plan, check_a_proposal, estimate]
