"""A payment card as people add it: declined first, then verified, with a receipt, on one origin."""

import pytest
from support.browser import BROUGHT_IN

from test_market import enter

DECLINED = "4000000000000002"
GOOD = "5555555555554444"


def give(browser, number):
    browser.fill("number", number)
    browser.fill("expiry", "12/30")
    browser.fill("cvc", "123")
    browser.click("Hold $5.00 on this card")


def researcher_has_one(browser, demo):
    enter(browser, demo, "researcher")
    browser.go("/account")
    assert browser.says("Visa ending in 4242")


def replace(browser, demo):
    """The researcher gives another card: declined, back, once more, and the receipt."""
    browser.go("/grants")
    links = browser.driver.find_elements("css selector", "main tbody a[href*='/grants/']")
    titles = [link.text for link in links if link.text not in BROUGHT_IN]
    browser.click(titles[0])
    grant = browser.driver.current_url
    assert browser.says("Payment method") and browser.says("Visa ending in 4242")
    browser.click("Use another card")
    assert browser.says("This is not Stripe.")
    assert browser.driver.current_url.startswith(demo["portal"] + "/demonstration/checkout/")
    page = browser.driver.current_url
    give(browser, "4242424242424241")
    assert browser.says("Your card number is invalid.")
    give(browser, DECLINED)
    assert browser.says("Your card was declined.")
    browser.click("Back without a card")
    assert browser.says("Your card is not verified yet")
    assert browser.says("Your card was declined.")
    browser.click("Try again")
    assert browser.driver.current_url == page
    give(browser, GOOD)
    assert browser.says("Your card is verified") and browser.says("Mastercard ending in 4444")
    assert browser.says("Hold placed") and browser.says("Hold released")
    assert "4444444" not in browser.driver.page_source and GOOD not in browser.driver.page_source
    browser.click("Back to the grant")
    assert browser.driver.current_url == grant
    assert browser.says("Mastercard ending in 4444") and browser.says("Verified, hold released")
    browser.go("/operate/outbox")
    browser.click("Your card is verified, and the hold is released")
    assert browser.says("$5.00 was held on your card, which ends in 4444,")


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)])
def test_a_card_is_checked(demo, browse, width, script):
    browser = browse(width, script)
    researcher_has_one(browser, demo)
    replace(browser, demo)
