"""The end: a year on the credit is gone, to the instant, and a new application is the way on."""

import openai
from discover import GUIDE
from spend import say


def expire(walker):
    browser, see = walker.browser, walker.seen.see
    walker.sign_in()
    walker.turn("+1 year")
    walker.turn("+4 weeks")
    try:
        say(walker, "gpt-4.1")
        raise AssertionError("expired credit was spent")
    except openai.RateLimitError as refused:
        assert refused.code == "credit_balance_exhausted" or refused.type == "insufficient_quota"
    browser.go(walker.grant)
    see(browser, "S38", "grant", "Expired on", "Apply again", "progress")
    see(browser, "S44", "grant", "Apply again", "Buy")


def reapply(walker):
    browser, see = walker.browser, walker.seen.see
    browser.go(GUIDE)
    browser.click("Apply")
    browser.click("Your earlier grant")
    see(browser, "S38", "reapplication", "What has the research come to so far?")


ACTS = [expire, reapply]
