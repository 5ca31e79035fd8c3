"""The market as people walk it: read without an account, sell, buy, spend what was bought, return."""

import re

import pytest
from openai import OpenAI
from selenium.webdriver.common.by import By
from support.browser import BROUGHT_IN

BUYER = "evals@lantern-reading.example"


def enter(browser, demo, role):
    browser.driver.delete_all_cookies()
    browser.go(demo["sign_in"][role])


def sign_in(browser, demo, email):
    """Signs somebody in by the link in their mail, which the operator reads in the outbox."""
    browser.driver.delete_all_cookies()
    browser.go("/sign-in")
    browser.fill("email", email)
    browser.click("Mail me a link")
    browser.click("outbox")
    browser.click("Your sign-in link")
    browser.click("/sign-in/")
    browser.click("Sign in as")


def grant_called(browser, title):
    browser.go("/grants")
    browser.click(title)
    return browser.driver.current_url


def read_the_front(browser):
    """Anybody reads the market, sources, prices and the customary band, and is asked to join."""
    browser.driver.delete_all_cookies()
    browser.go("/market")
    text = browser.text()
    for source in ["Enterprise commitment", "Startup credit", "Prepaid balance"]:
        assert source in text
    for price in ["62 % off", "45 % off", "32 % off"]:
        assert price in text
    assert "30 to 70 % off" in text and "at most 70 % of face value" in text
    assert "Tallow" not in text and "Latest trades" in text
    browser.click("Buy")
    assert browser.says("Seller\nNot shown") and browser.says("Sign in to buy")
    browser.go("/market")
    browser.click("Join and trade now")
    assert browser.says("Sign in")


def research_credit_goes_back(browser, demo):
    """The research grant is not sold: its clause and the ways on are shown, one step from the pool."""
    enter(browser, demo, "researcher")
    browser.go("/grants")
    link = browser.driver.find_element(By.CSS_SELECTOR, "main tbody a[href*='/grants/']")
    titles = [row.text for row in browser.driver.find_elements(By.CSS_SELECTOR, "main tbody a")]
    [research] = [title for title in titles if title not in BROUGHT_IN]
    assert link
    browser.click(research)
    grant = browser.driver.current_url
    assert browser.says("Credit is not transferable")
    browser.click("Can it be sold?")
    assert browser.says("This credit cannot be sold") and browser.says("What you can do instead")
    browser.click("to the pool")
    browser.fill("amount", "999999")
    browser.click("Return it")
    assert browser.driver.title.startswith("Error: ") and browser.says("is free: return that")
    browser.fill("amount", "12.50")
    browser.click("Return it")
    assert browser.driver.current_url == grant
    assert browser.says("The credit is back in the pool") and browser.says("Returned $12.50")


def sell(browser):
    """The researcher lists the prepaid balance: too dear is refused, without a right as well."""
    grant = grant_called(browser, "Prepaid balance of the department")
    browser.click("Sell what you will not use")
    browser.fill("amount", "200")
    browser.fill("price", "71")
    browser.fill("issuer", "OpenAI")
    browser.fill("reference", "Purchase agreement, section 9")
    browser.click("List it on the market")
    assert browser.says("Accept the statement: nothing is listed without a right to sell")
    browser.fill("accepted", "yes")
    browser.click("List it on the market")
    assert browser.says("The price can be at most 70 % of face value here")
    browser.fill("price", "31")
    browser.fill("minimum", "20")
    browser.click("List it on the market")
    assert browser.says("Your credit is on the market") and browser.says("On offer")
    return grant


def pay_in(browser, demo, email, amount, reference):
    enter(browser, demo, "operator")
    browser.go("/decide/market")
    browser.fill("what", "paid-in")
    browser.fill("person", email)
    browser.fill("amount", amount)
    browser.fill("reference", reference)
    browser.click("Record it")
    assert browser.says("The cash is in the books")


def buy(browser, demo):
    """The cheapest listing is bought in part: the exact fill, what is missing, then the purchase."""
    sign_in(browser, demo, BUYER)
    browser.go("/market")
    browser.click("Buy")
    browser.fill("amount", "10")
    browser.click("Show what it comes to")
    assert browser.says("Buy at least $20.00, or all of $200.00")
    browser.fill("amount", "50")
    browser.click("Show what it comes to")
    assert browser.says("You pay\n$15.50") and browser.says("69 % off: $34.50")
    assert browser.says("You pay in the $15.50 that is missing by card")
    listing = browser.driver.current_url
    pay_in(browser, demo, BUYER, "20", "SEPA 9001")
    sign_in(browser, demo, BUYER)
    browser.go(listing)
    browser.click("Buy $50.00 of credit for $15.50")
    assert browser.says("You bought $50.00 of API credit")
    browser.click("Go to the grant and make a key")
    browser.fill("name", "evaluation")
    browser.click("Create key")
    return re.search(r"sk-bursar-\w+", browser.text()).group()


def spend(demo, key):
    client = OpenAI(base_url=demo["openai_base_url"], api_key=key)
    answer = client.chat.completions.create(
        model="gpt-4.1-mini", messages=[{"role": "user", "content": "Hello"}]
    )
    assert answer.choices[0].message.content


def both_sides(browser, demo, grant):
    """The seller's grant adds up, the proceeds stand, and the operator pays them out."""
    browser.go("/market/mine")
    assert browser.says("Balance to buy with\n$4.50") and browser.says("Bought")
    enter(browser, demo, "researcher")
    browser.go(grant)
    assert browser.says("Sold $50.00") and browser.says("Left $250.00")
    browser.go("/market/mine")
    assert browser.says("Proceeds\n$15.50")
    browser.click("Withdraw")
    assert browser.says("The listing is withdrawn") and browser.says("Withdrawn")
    enter(browser, demo, "officer")
    browser.go("/decide/market")
    assert browser.says("Lantern Reading Cooperative")
    assert not browser.says("Record cash that moved by bank")


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)])
def test_the_market(demo, browse, width, script):
    browser = browse(width, script)
    read_the_front(browser)
    research_credit_goes_back(browser, demo)
    grant = sell(browser)
    key = buy(browser, demo)
    spend(demo, key)
    both_sides(browser, demo, grant)
