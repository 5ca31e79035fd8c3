"""Mail as a reader of it sees it: over a real SMTP server, encrypted and not."""

import re
import subprocess
import urllib.parse
import urllib.request
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from http.cookiejar import CookieJar

import pytest
from conftest import BIN, PASSWORD, PROGRAM, USER, Relay, Server
from support.demo import demonstration


class Shown(HTMLParser):
    """What a reader shows of HTML: its words, and where its links lead."""

    def __init__(self, html):
        super().__init__()
        self.words, self.links, self.quiet, self.tags = [], [], False, set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.quiet = tag in ("style", "title")
        if tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_endtag(self, tag):
        self.quiet = False

    def handle_data(self, data):
        if not self.quiet:
            self.words += data.split()


def check(mail, base="http://portal.test:8080"):
    """What holds of every mail."""
    message = mail.message
    assert not message.defects, message.defects
    assert mail.raw.isascii()
    assert max(len(line) for line in mail.raw.split(b"\r\n")) <= 78
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].display_name == "Credits at Zürich"
    assert message["To"].addresses[0].addr_spec == mail.recipients[0]
    [name] = re.findall(r"<(mail_[0-9a-z]{26})@example\.edu>", message["Message-ID"])
    assert mail.sender in (f"credits+{name}@example.edu", "credits@example.edu")
    assert parsedate_to_datetime(message["Date"]).tzinfo
    assert message.get_content_type() == "multipart/alternative"
    text, html = mail.text(), mail.text("html")
    shown = Shown(html)
    assert not shown.tags & {"script", "img", "table", "form", "link", "iframe"}, shown.tags
    lines = [line.removeprefix("- ") for line in text.splitlines()]
    without = "".join(" ".join(lines).split()), "".join(shown.words)
    assert without[0] == without[1]
    links = re.findall(r"https?://\S+", text)
    assert shown.links and set(shown.links) <= set(links)
    assert all(link == base or link.startswith(f"{base}/") for link in shown.links), shown.links
    return name


class Browser:
    """A browser without script."""

    def __init__(self, server):
        self.server = server
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def open(self, path, **fields):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        origin = {"Origin": self.server.url} if fields else {}
        request = urllib.request.Request(self.server.url + path, data=data, headers=origin)
        with self.opener.open(request, timeout=30) as answer:
            return answer.read().decode()

    def csrf(self, path):
        return re.search(r'name="csrf" value="([^"]*)"', self.open(path))[1]

    def ask_for_link(self, email):
        self.open("/sign-in", csrf=self.csrf("/sign-in"), email=email)

    def use_link(self, mail):
        [link] = re.findall(r"^http://portal\.test:8080(/sign-in/\S+)$", mail.text(), re.M)
        # Looking at it, as a mail filter does, uses nothing.
        page = self.open(link)
        assert self.open(link) and "Confirm that it is you" in page
        csrf, token = (
            re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("csrf", "token")
        )
        return self.open("/sign-in/confirm", csrf=csrf, token=token)


def stop_a_grant(server):
    """Its holder is told by mail."""
    grant = server.run(
        "grant", "issue", "--program", PROGRAM, "--holder", "ada@lab.example", "--amount", "50"
    )["id"]
    server.run("grant", "stop", grant, "--reason", "Its key was found on the web: <知>")


def test_somebody_signs_in_by_a_mail_that_really_came(server, relay):
    browser = Browser(server)
    browser.ask_for_link("ada@lab.example")
    [mail] = relay.wait_for(1)
    check(mail)
    assert mail.message["Subject"] == "Your sign-in link"
    browser.use_link(mail)
    assert "ada@lab.example" in browser.open("/account")


def test_letters_about_a_grant_and_a_test_go_out_once(server, relay):
    server.run("program", "fund", "--program", PROGRAM, "--amount", "100")
    stop_a_grant(server)
    written = server.run("mail", "test", "postmaster@lab.example")
    assert written["state"] == "written"
    [trial] = relay.wait_for(1, "postmaster@lab.example")
    assert check(trial) == written["id"]
    line = server.mail(written["id"], until="sent")
    assert (line["attempts"], line["answer"]) == (1, "250 2.0.0 taken")
    [stopped] = relay.wait_for(1, "ada@lab.example")
    check(stopped)
    assert "found on the web: <知>" in stopped.text()
    lines = server.run("mail", "list", "--state", "sent")["mails"]
    assert len(lines) == len(relay.taken)
    assert "the relay has taken it" in server.run("mail", "retry", written["id"], expect=1)


def test_every_mail_of_the_demonstration_arrives_as_it_was_written(tmp_path, relay):
    data = tmp_path / "data"
    with demonstration(BIN, data) as demo:
        base = demo.line["portal"]
        assert demo.run("mail", "list", "--limit", "1")["mails"][0]["state"] == "written"
    more = 'security = "none"\nreturn_path_tags = true\n'
    server = Server(tmp_path, relay, more=more, data=data)
    try:
        wanted = set()
        for line in server.run("mail", "list", "--limit", "200")["mails"]:
            # They are from other days; links that have expired stay where they are.
            if line["letter"] != "sign_in":
                if line["state"] != "sent":
                    server.run("mail", "retry", line["id"])
                wanted.add(line["id"])
        assert 10 < len(wanted)
        relay.wait_for(len(wanted), seconds=60)
        assert sorted(check(mail, base) for mail in relay.taken) == sorted(wanted)
    finally:
        server.stop()


def test_what_is_put_off_comes_later_and_what_is_refused_does_not(server, relay):
    relay.answers = ["451 4.7.1 come back later", "554 5.7.1 not from you"]
    first = server.run("mail", "test", "ada@lab.example")["id"]
    line = server.mail(first, until="waiting")
    assert line["answer"] == "451 4.7.1 come back later" and line["next_at"]
    second = server.run("mail", "test", "ben@lab.example")["id"]
    assert server.mail(second, until="refused")["answer"] == "554 5.7.1 not from you"
    for name in (first, second):
        server.run("mail", "retry", name)
        server.mail(name, until="sent")
    assert len(relay.taken) == 2


def test_a_bounce_holds_mail_until_a_mailed_link_was_used(server, relay):
    browser = Browser(server)
    browser.ask_for_link("ada@lab.example")
    [mail] = relay.wait_for(1)
    browser.use_link(mail)
    why = "550 5.1.1 <script>no such mailbox</script>"
    back = server.run("mail", "bounce", mail.sender, "--why", why)
    assert back == {"email": "ada@lab.example", "mail": check(mail)}
    page = browser.open("/account")
    assert "Mail to this address came back" in page and "&lt;script&gt;no such" in page
    # A test goes out all the same: it is what shows whether an address works.
    held = server.run("mail", "test", "ada@lab.example")["id"]
    server.mail(held, until="sent")
    server.run("program", "fund", "--program", PROGRAM, "--amount", "100")
    stop_a_grant(server)
    lines = server.run("mail", "list")["mails"]
    letter = next(line["id"] for line in lines if line["letter"] == "stopped")
    server.mail(letter, until="held")
    assert "mail to its address comes back" in server.run("mail", "retry", letter, expect=1)
    # Whoever signs in by a mailed link has shown that mail arrives.
    browser = Browser(server)
    browser.ask_for_link("ada@lab.example")
    links = [mail for mail in relay.wait_for(3, "ada@lab.example") if "link" in mail.message["Subject"]]
    browser.use_link(links[-1])
    server.mail(letter, until="sent")
    assert "came back" not in browser.open("/account")


@pytest.mark.parametrize("secured", ["starttls", "tls"])
def test_mail_goes_encrypted_with_a_password_that_nobody_reads(tmp_path, authority, secured):
    ca, context = authority
    relay = Relay(tls=context, implicit=secured == "tls", login=True)
    more = (
        f'security = "{secured}"\nuser = "{USER}"\npassword_env = "MAIL_PASSWORD"\n'
        f'ca_file = "{ca}"\nreply_to = "help@example.edu"\n'
    )
    server = Server(tmp_path, relay, more=more, environment={"MAIL_PASSWORD": PASSWORD})
    try:
        name = server.run("mail", "test", "ünal@münchen.example")["id"]
        server.mail(name, until="sent")
        [mail] = relay.taken
        assert (mail.secure, mail.user) == (True, USER)
        assert mail.recipients == ["ünal@xn--mnchen-3ya.example"]
        assert mail.message["Reply-To"] == "help@example.edu"
    finally:
        server.stop()
        relay.stop()
    log = server.log_path.read_text()
    assert PASSWORD not in log and "lab.example" not in log


@pytest.mark.parametrize("secured", ["starttls", "tls"])
def test_a_relay_whose_certificate_nobody_signed_gets_nothing(tmp_path, authority, secured):
    _, context = authority
    relay = Relay(tls=context, implicit=secured == "tls")
    server = Server(tmp_path, relay, more=f'security = "{secured}"\n')
    try:
        name = server.run("mail", "test", "ada@lab.example")["id"]
        line = server.mail(name, until="waiting")
        assert "no encryption with the relay" in line["answer"]
        assert line["attempts"] == 0 and relay.taken == []
    finally:
        server.stop()
        relay.stop()


def test_mail_waits_for_a_relay_that_is_away(tmp_path, relay):
    port = relay.port
    relay.stop()
    server = Server(tmp_path, relay, more='security = "none"\n')
    try:
        name = server.run("mail", "test", "ada@lab.example")["id"]
        line = server.mail(name, until="waiting")
        assert "the relay cannot be reached" in line["answer"]
        back = Relay(port=port)
        server.run("mail", "retry", name)
        server.mail(name, until="sent")
        assert len(back.taken) == 1
        back.stop()
    finally:
        server.stop()


def test_a_configuration_tells_every_mistake_about_mail(tmp_path):
    config = tmp_path / "bursar.toml"
    config.write_text(
        '[mail]\nrelay = "smtp.example.edu"\nsecurity = "none"\nfrom = "nobody"\n'
        'password = "s3cret"\nuser = "x"\n'
    )
    command = [BIN, "serve", "--config", str(config), "--data", str(tmp_path / "data")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    for part in (
        "links in mail would lead nowhere",
        "`relay` is not the address of a mail relay",
        "`from` is not a mail address",
        "a password does not stand in a configuration file",
    ):
        assert part in result.stderr, result.stderr
    assert "s3cret" not in result.stderr
