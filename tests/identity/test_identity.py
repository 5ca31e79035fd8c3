"""Signing in with real OpenID providers: one that asks for PKCE, and one that nobody trusts."""

import re
import urllib.parse

import pytest
from conftest import Browser, start_anew


def begin(browser, provider):
    """Where the sign-in page leads to, as its parameters."""
    page = browser.open(browser.site.url + "/sign-in")
    assert f'href="/sign-in/with/{provider}"' in page
    status, location = browser.step(f"/sign-in/with/{provider}")
    assert status == 303, location
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{browser.site.url}/sign-in/with/{provider}/back"
    return location, asked


def test_somebody_of_a_trusted_domain_signs_in_and_is_known_again(home):
    browser = Browser(home)
    begin(browser, "home")
    browser.open("/sign-in/with/home")
    browser.at_node("ada")
    assert browser.url.startswith(home.url), browser.html
    account = browser.open(home.url + "/account")
    assert "ada@trusted.example" in account and "Somebody called ada" in account
    assert "Remove Home University" in account
    again = Browser(home)
    again.open("/sign-in/with/home")
    again.at_node("ada")
    listed = again.open(home.url + "/account")
    assert "ada@trusted.example" in listed
    # Both browsers are signed in; one signs the other out.
    [other] = re.findall(r'action="(/account/sessions/[^"]*/end)"', listed)
    again.open(home.url + other, csrf=again.csrf("/account"))
    assert "That browser is signed out" in again.html
    assert "ada@trusted.example" not in browser.open(home.url + "/account")


@pytest.mark.parametrize("who", ["unseen", "far"])
def test_an_address_not_seen_or_not_of_a_trusted_domain_makes_no_account(home, who):
    browser = Browser(home)
    browser.open("/sign-in/with/home")
    browser.at_node(who)
    assert "Nobody has an account here" in browser.html
    assert "Sign in by mail" in browser.html


def test_a_provider_with_new_keys_is_followed(home):
    first = Browser(home)
    first.open("/sign-in/with/home")
    first.at_node("ada")
    assert first.url.startswith(home.url)
    start_anew(*home.provider)
    second = Browser(home)
    second.open("/sign-in/with/home")
    second.at_node("ada")
    assert "ada@trusted.example" in second.open(home.url + "/account"), second.html


def test_an_answer_is_of_use_once_and_to_the_browser_that_asked(home):
    browser = Browser(home)
    location, asked = begin(browser, "home")
    # Another browser's answer, a made-up one, and one without anything.
    eve = Browser(home)
    back = f"/sign-in/with/home/back?code=x&state={asked['state']}"
    for who, path in (
        (eve, back),
        (eve, "/sign-in/with/home/back"),
        (browser, "/sign-in/with/home/back?code=x&state=another"),
    ):
        assert "does not belong to this browser" in who.open(home.url + path), who.html
    # What the browser kept is gone: the right answer is worth nothing any more.
    assert "does not belong to this browser" in browser.open(home.url + back)
    begin(browser, "home")
    _, asked = begin(browser, "home")
    state = asked["state"]
    page = browser.open(f"{home.url}/sign-in/with/home/back?error=access_denied&state={state}")
    assert "The provider did not sign you in" in page
    # A code that the provider never gave.
    _, asked = begin(browser, "home")
    page = browser.open(f"{home.url}/sign-in/with/home/back?code=made-up&state={asked['state']}")
    assert "does not answer as it should" in page
    assert browser.open(f"{home.url}/sign-in/with/nobody") and browser.status == 404


def test_a_way_in_is_removed_and_the_mailed_link_stays(home):
    browser = Browser(home)
    browser.open("/sign-in/with/home")
    browser.at_node("ada")
    page = browser.open(home.url + "/account")
    assert "Always there" in page and "Add Home University" not in page
    issuer, subject = (
        re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("issuer", "subject")
    )
    csrf = browser.csrf("/account")
    browser.open(home.url + "/account/ways/remove", csrf=csrf, issuer=issuer, subject=subject)
    assert "no way into your account any more" in browser.html
    add = re.search(r'href="(/sign-in/with/home\?link=[^"]*)"', browser.html)[1]
    # Somebody else's page cannot have it linked.
    status, location = browser.step("/sign-in/with/home?link=0000")
    assert (status, location) == (303, "/account")
    browser.open(home.url + add)
    if "/interaction/" in browser.url:
        browser.submit() if "consent" in browser.html else browser.at_node("ada")
    assert "You can sign in with it from now on" in browser.html, browser.html


def at_the_other(browser, who):
    """Signs in at the provider in Python: a form that asks for a subject."""
    assert "sub" in browser.html, browser.html
    return browser.submit(sub=who, action="authorize")


def test_a_provider_that_nobody_trusts_is_linked_from_the_account_only(stranger):
    browser = Browser(stranger)
    browser.open("/sign-in/with/other")
    at_the_other(browser, "administrator@bursar.invalid")
    # It says an address that has an account: that is not enough.
    assert "Nobody has an account here" in browser.html, browser.html
    page = browser.open(stranger.link_for("administrator@bursar.invalid"))
    assert "Confirm that it is you" in page
    browser.submit()
    page = browser.open(stranger.url + "/account")
    add = re.search(r'href="(/sign-in/with/other\?link=[^"]*)"', page)[1]
    browser.open(stranger.url + add)
    at_the_other(browser, "administrator@bursar.invalid")
    assert "You can sign in with it from now on" in browser.html, browser.html
    again = Browser(stranger)
    again.open("/sign-in/with/other")
    at_the_other(again, "administrator@bursar.invalid")
    assert "administrator@bursar.invalid" in again.open(stranger.url + "/account")
    assert "a secret/with+signs" not in stranger.log_path.read_text()
