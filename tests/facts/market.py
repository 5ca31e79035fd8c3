"""What the holder will not use: the forecast, the market, and the way back to the pool."""

import re

from openai import OpenAI

# A department that has paid for more than it will use.
SELLER = "purchasing@department.example"


def see_what_is_lost(walker):
    browser, see = walker.browser, walker.seen.see
    walker.sign_in()
    browser.go(f"{walker.grant}/next")
    see(browser, "S51", "forecast", "Forecast", "Will expire unspent", "To use it all")
    see(browser, "S39", "grant", "What waiting costs", "could still award", "a day", "Give it back")
    see(browser, "S44", "grant", "Apply again", "credit between", "Buy", "off retail", "sooner")
    see(browser, "S38", "grant", "Apply again", "progress")


def read_the_market(walker):
    browser, see = walker.browser, walker.seen.see
    browser.driver.delete_all_cookies()
    browser.go("/market")
    see(browser, "S41", "market", "Enterprise commitment", "Startup credit", "Prepaid balance", "OpenAI")
    see(browser, "S42", "market", "30 to 70 % off", "% off")
    see(browser, "S45", "market", "Join and trade now")


def research_credit_is_not_sold(walker):
    browser, see = walker.browser, walker.seen.see
    walker.sign_in()
    browser.go(walker.grant)
    see(browser, "S40", "grant", "Credit is not transferable")
    browser.click("Can it be sold?")
    see(browser, "S40", "policy", "This credit cannot be sold", "What you can do instead")
    browser.click("to the pool")
    browser.fill("amount", "100")
    browser.click("Return it")
    assert browser.says("The credit is back in the pool")


def bring_in(walker):
    """A department brings in what it has paid for and will not use, by the command line."""
    program = ["--program", "brought-in-credit"]
    walker.command("program", "fund", *program, "--amount", "90")
    issued = walker.command(
        *["grant", "issue", *program, "--holder", SELLER, "--origin", "prepaid"],
        *["--amount", "90", "--title", "Prepaid balance of the department"],
    )
    walker.for_sale = f"/grants/{issued['id']}"


def sell(walker):
    """Its holder lists a part of it, within the market's ceiling."""
    browser, see = walker.browser, walker.seen.see
    walker.sign_in(SELLER)
    browser.go(walker.for_sale)
    browser.click("Sell what you will not use")
    browser.fill("amount", "40")
    browser.fill("price", "71")
    browser.fill("issuer", "OpenAI")
    browser.fill("reference", "Purchase agreement, section 9")
    browser.fill("accepted", "yes")
    browser.click("List it on the market")
    see(browser, "S43", "listing", "The price can be at most 70 % of face value here")
    browser.fill("price", "31")
    browser.fill("minimum", "10")
    browser.click("List it on the market")
    assert browser.says("Your credit is on the market")


def buy(walker):
    """The newcomer buys a part, and spends it with the same SDK."""
    browser = walker.browser
    walker.enter("operator", "/decide/market")
    browser.fill("what", "paid-in")
    browser.fill("person", walker.email)
    browser.fill("amount", "20")
    browser.fill("reference", f"Transfer of {walker.email}")
    browser.click("Record it")
    walker.sign_in()
    browser.go("/market")
    browser.click("Buy")
    browser.fill("amount", "20")
    browser.click("Show what it comes to")
    browser.click("Buy $20.00 of credit")
    assert browser.says("You bought $20.00 of API credit")
    browser.click("Go to the grant and make a key")
    browser.fill("name", "Bought")
    browser.click("Create key")
    secret = re.search(r"sk-bursar-\w+", browser.text()).group()
    client = OpenAI(base_url=walker.demo["openai_base_url"], api_key=secret, max_retries=0)
    client.chat.completions.create(
        model="gpt-4.1-mini", messages=[{"role": "user", "content": "Hello"}]
    )
    walker.sign_in(SELLER)
    browser.go("/market/mine")
    assert browser.says("Proceeds"), browser.text()
    browser.click("Withdraw")


ACTS = [bring_in, sell, see_what_is_lost, read_the_market, research_credit_is_not_sold, buy]
