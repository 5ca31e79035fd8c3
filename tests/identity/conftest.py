"""Real OpenID providers on this machine, and a server that people sign in to with them."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import oidc_provider_mock
import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = os.environ.get("BURSAR_BIN", str(ROOT / "target/release/bursar"))
NODE = os.environ.get("BURSAR_NODE", "node")
PROVIDER = ROOT / "tests/clients/node/identity_provider.mjs"
SECRET = "a secret/with+signs"
READY_SECONDS = 30


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Site:
    """`bursar serve`, with providers that people sign in with."""

    def __init__(self, folder, port, config):
        self.url, self.data = f"http://127.0.0.1:{port}", folder / "data"
        path = folder / "bursar.toml"
        path.write_text(f'public_url = "{self.url}"\nlisten = "127.0.0.1:{port}"\n{config}')
        self.log_path = folder / "server.log"
        self.log = open(self.log_path, "ab")
        command = [BIN, "serve", "--data", str(self.data), "--config", str(path)]
        environment = {**os.environ, "IDENTITY_SECRET": SECRET}
        self.process = subprocess.Popen(command, stderr=self.log, env=environment)
        deadline = time.monotonic() + READY_SECONDS
        while not (self.data / "server.json").exists():
            assert self.process.poll() is None, self.log_path.read_text()
            assert time.monotonic() < deadline, "the server was not ready in time"
            time.sleep(0.05)

    def run(self, *arguments):
        command = [BIN, *arguments, "--data", str(self.data), "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def link_for(self, email):
        """A sign-in link, as the administrator reads it in the outbox of a site without mail."""
        # The first run's own link is in the log; others are asked for by mail.
        [link] = re.findall(r"administrator: (http\S+)", self.log_path.read_text())
        assert email == "administrator@bursar.invalid"
        return link

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0
        self.log.close()


class NoMore(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


class Browser:
    """A browser without script: cookies, redirects and forms."""

    def __init__(self, site):
        self.site = site
        self.jar = CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self.opener = urllib.request.build_opener(cookies)
        self.stepwise = urllib.request.build_opener(cookies, NoMore())
        self.url = self.html = None

    def open(self, url, **fields):
        url = urllib.parse.urljoin(self.url or self.site.url, url)
        data = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(url, data=data)
        if data:
            request.add_header("Origin", "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(url)))
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.url, self.html, self.status = answer.url, answer.read().decode(), answer.status
        return self.html

    def step(self, url):
        """Where one request leads, without following."""
        url = urllib.parse.urljoin(self.site.url, url)
        try:
            with self.stepwise.open(url, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Location") or error.read().decode()

    def submit(self, **fields):
        """The first form of the page, with what it has hidden."""
        form = re.search(r"<form([^>]*)>(.*?)</form>", self.html, re.S)
        action = re.search(r'action="([^"]*)"', form[1])
        action = action[1].replace("&amp;", "&") if action else self.url
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[2])
        return self.open(action, **{**dict(hidden), **fields})

    def at_node(self, who):
        """Signs in at the provider in JavaScript, which asks for consent besides."""
        assert "login" in self.html, self.html
        self.submit(login=who, password="any")
        if "consent" in self.html and "127.0.0.1" in self.url and "/interaction/" in self.url:
            self.submit()
        return self.html

    def csrf(self, path):
        return re.search(r'name="csrf" value="([^"]*)"', self.open(self.site.url + path))[1]


def settings(name, issuer, *more):
    lines = [
        "[[identity]]", f'name = "{name}"', f'label = "{name.title()} University"',
        f'issuer = "{issuer}"', 'client_id = "bursar"', 'client_secret_env = "IDENTITY_SECRET"',
        'scopes = "openid email profile"', *more,
    ]
    return "\n".join(lines) + "\n"


running = {}


def start_anew(back, algorithm, port):
    """The provider has lost everything, and signs with new keys."""
    running[port].terminate()
    running[port].wait()
    command = [NODE, str(PROVIDER), str(port), back, algorithm]
    running[port] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert "ready" in running[port].stdout.readline()


@contextmanager
def node_provider(back, algorithm, port=None):
    port = port or free_port()
    command = [NODE, str(PROVIDER), str(port), back, algorithm]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert "ready" in process.stdout.readline(), process.stderr.read()
        running[port] = process
        yield f"http://127.0.0.1:{port}"
    finally:
        process = running.pop(port, process)
        process.terminate()
        process.wait()


@pytest.fixture(params=["ES256", "RS256"])
def home(request, tmp_path):
    """A site whose provider asks for PKCE, and is trusted with the addresses of its domain."""
    port = free_port()
    back = f"http://127.0.0.1:{port}/sign-in/with/home/back"
    own = free_port()
    with node_provider(back, request.param, own) as issuer:
        trusted = 'trusted_mail_domains = ["trusted.example"]'
        site = Site(tmp_path, port, settings("home", issuer, trusted))
        site.provider = (back, request.param, own)
        yield site
        site.stop()


@pytest.fixture
def stranger(tmp_path):
    """A site whose provider, another one, is trusted with nobody's address."""
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        issuer = f"http://localhost:{server.server_port}"
        port = free_port()
        site = Site(tmp_path, port, settings("other", issuer))
        site.issuer = issuer
        yield site
        site.stop()
