"""What the grant is spent on: the card, the tiers, every model of the story, the limited ones."""

import re
import urllib.error
import urllib.request
from decimal import Decimal

import openai
from openai import OpenAI

# What each call of the story costs at the catalog's prices, from the usage that it reports.
PRICES = {
    "gpt-4.1": (Decimal(2), Decimal(8)),
    "o3": (Decimal(2), Decimal(8)),
    "o3-mini": (Decimal("1.1"), Decimal("4.4")),
    "o3-pro": (Decimal(20), Decimal(80)),
    "gpt-5-mini": (Decimal("0.25"), Decimal(2)),
    "gpt-5": (Decimal("1.25"), Decimal(10)),
    "gpt-5.1": (Decimal("1.25"), Decimal(10)),
}
MILLION = Decimal(1_000_000)
NANO = Decimal("0.000000001")


def make_a_key(walker):
    browser, see = walker.browser, walker.seen.see
    browser.go(walker.grant)
    see(browser, "S3", "grant", "Delivered", "Expires", "No extension, renewal or pause")
    see(browser, "S12", "studies", "Give each study its own")
    see(browser, "S37", "grant", "No extension, renewal or pause")
    browser.fill("name", "Planted defects, pilot")
    browser.fill("cap", "600")
    browser.click("Create key")
    walker.secret = browser.driver.find_element("id", "secret").text
    browser.click("I have copied it")


def add_a_card(walker):
    """$5 is held and released; the limits of the next tier apply at once."""
    browser, see = walker.browser, walker.seen.see
    browser.go(walker.grant)
    see(browser, "S5", "grant", "payment method", "higher")
    see(browser, "S32", "grant", "Free", "Tier 1", "weeks")
    see(browser, "S49", "grant", "Add a payment method")
    before = limit(walker, "gpt-4o-mini")
    browser.click("Add a payment method")
    browser.fill("number", "4242424242424242")
    browser.fill("expiry", "12/40")
    browser.fill("cvc", "123")
    browser.click("Hold $5.00 on this card")
    see(browser, "S31", "receipt", "Your card is verified", "$5.00", "Hold placed", "Hold released")
    browser.click("Back to the grant")
    assert browser.path().split("#")[0] == walker.grant, browser.path()
    see(browser, "S31", "grant", "Verified, hold released")
    see(browser, "S30", "grant", "Tier 1", "4242")
    after = limit(walker, "gpt-4o-mini")
    assert before < after, f"{before} requests a minute before, {after} after"


def limit(walker, model):
    """Requests a minute, as the gateway's headers say."""
    answer = client(walker).chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": "Hello"}], max_completion_tokens=16
    )
    return int(answer.headers["x-ratelimit-limit-requests"])


def client(walker):
    base_url = walker.demo["openai_base_url"]
    return OpenAI(base_url=base_url, api_key=walker.secret, max_retries=0)


def priced(model, input_tokens, output_tokens, cached=0):
    """The charge of a text call, to the nano-dollar and rounded up once."""
    assert cached == 0
    read, written = PRICES[model]
    exact = (input_tokens * read + output_tokens * written) / MILLION
    return exact.quantize(NANO, rounding="ROUND_CEILING")


def say(walker, model):
    """One chat completion: its charge, and what its usage costs."""
    answer = client(walker).chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": "Name three planted defects."}]
    )
    usage = answer.parse().usage
    cost = Decimal(answer.headers["x-bursar-cost"])
    return answer, cost, priced(model, usage.prompt_tokens, usage.completion_tokens)


def respond(walker, model):
    """One response: its charge, and what its usage costs."""
    answer = client(walker).responses.with_raw_response.create(
        model=model, input="Name three planted defects."
    )
    usage = answer.parse().usage
    cost = Decimal(answer.headers["x-bursar-cost"])
    return answer, cost, priced(model, usage.input_tokens, usage.output_tokens)


def call_every_model(walker):
    """Text, reasoning, an image, speech, an embedding, a moderation: each charged exactly."""
    seen, told = walker.seen, []
    for model in ("gpt-4.1", "o3", "o3-mini", "gpt-5-mini"):
        answer, cost, expected = say(walker, model)
        assert cost == expected > 0, f"{model}: charged {cost}, not {expected}"
        told.append(f"{model} ${cost}")
        walker.requests[model] = (answer.headers["x-request-id"], cost)
    _, cost, expected = respond(walker, "o3-pro")
    assert cost == expected > 0, f"o3-pro: charged {cost}, not {expected}"
    told.append(f"o3-pro ${cost}")
    sdk = client(walker)
    image = sdk.images.with_raw_response.generate(
        model="gpt-image-1", prompt="A planted defect", size="1024x1024", quality="low"
    )
    assert image.parse().data[0].b64_json and Decimal(image.headers["x-bursar-cost"]) > 0
    told.append(f"image ${image.headers['x-bursar-cost']}")
    speech = sdk.audio.speech.with_raw_response.create(
        model="tts-1", voice="alloy", input="Planted defects."
    )
    # $15 a million characters.
    assert Decimal(speech.headers["x-bursar-cost"]) == 16 * 15 / MILLION, speech.headers
    told.append(f"speech ${speech.headers['x-bursar-cost']}")
    vector = sdk.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input="Planted defects."
    )
    tokens = vector.parse().usage.total_tokens
    assert Decimal(vector.headers["x-bursar-cost"]) == tokens * Decimal("0.02") / MILLION
    told.append(f"embedding ${vector.headers['x-bursar-cost']}")
    free = sdk.moderations.with_raw_response.create(input="Planted defects.")
    assert Decimal(free.headers["x-bursar-cost"]) == 0
    seen.know("S11", "gateway", True, f"charged exactly by SDK: {', '.join(told)}; moderation free")
    models = {model.id: model for model in sdk.models.list()}
    covered = all(name in models for name in ("gpt-4.1", "o3", "o3-mini", "o3-pro", "gpt-5-mini"))
    seen.know("S33", "`/v1/models`", covered, f"{len(models)} models listed, gpt-4.1 and o3-pro among them")


def see_the_charges(walker):
    browser, see = walker.browser, walker.seen.see
    request, cost = walker.requests["gpt-4.1"]
    walker.sign_in()
    browser.go(f"{walker.grant}/calls/{request}")
    shown = re.search(r"Charged\s+\$([0-9.,]+)", browser.text())
    assert shown and Decimal(shown[1]) == cost, browser.text()
    browser.go(walker.grant)
    see(browser, "S11", "grant", "Spent", "not cash")


def open_limited_models(walker):
    """GPT-5 in full and GPT-5.1: refused with the page to ask at, and open after one approval."""
    browser, see, seen = walker.browser, walker.seen.see, walker.seen
    for model in ("gpt-5", "gpt-5.1"):
        try:
            say(walker, model)
            raise AssertionError(f"{model} answers without an approval")
        except openai.NotFoundError as refused:
            page = re.search(r"https?://\S+/models/\S+?(?=[\s.,;)\"']*(?:\s|$))", refused.message)
            assert refused.code == "model_not_found" and page, refused.message
        walker.sign_in()
        browser.go(page[0])
        if model == "gpt-5":
            see(browser, "S35", "request page", model, "further approval", "even with credit")
        browser.fill("reason", "The study compares whole families of models.")
        browser.click("Ask for approval")
        walker.enter("officer", "/decide/access")
        path = f"//tr[.//a[starts-with(normalize-space(.), '{model} ')]]//a"
        waiting = browser.driver.find_elements("xpath", path)
        browser.go(waiting[0].get_attribute("href"))
        browser.fill("decision", "approve")
        browser.fill("note", "A comparison of whole families needs it.")
        browser.click("Record the answer")
        _, cost, expected = say(walker, model)
        assert cost == expected > 0, f"{model}: charged {cost}, not {expected}"
    seen.know("S35", "gateway", True, "gpt-5 and gpt-5.1: 404 with the page to ask at, open after one approval")


def nobody_moves_the_expiry(walker):
    """No door takes a later end: not a page, not the JSON door, not the operator's command."""
    token = {"Content-Type": "application/json"}
    address = f"{walker.demo['portal']}/api{walker.grant}"
    for method in ("PATCH", "PUT", "DELETE"):
        body = b'{"expires_at": "2099-01-01T00:00:00Z"}'
        request = urllib.request.Request(address, data=body, method=method, headers=token)
        try:
            urllib.request.urlopen(request, timeout=30)
            raise AssertionError(f"{method} {address} was taken")
        except urllib.error.HTTPError as refused:
            assert refused.code in (401, 404, 405), refused.code
    how = "no command of the book, page or JSON door takes a later end"
    walker.seen.know("S37", "ledger", True, how)


ACTS = [make_a_key, add_a_card, call_every_model, see_the_charges, open_limited_models, nobody_moves_the_expiry]
