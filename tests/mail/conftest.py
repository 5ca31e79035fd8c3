"""A real server with a real SMTP server beside it, which keeps all that it is given."""

import asyncio
import datetime
import json
import os
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BIN = os.environ.get("BURSAR_BIN", "target/release/bursar")
PROGRAM = "openai-researcher-access"
READY_SECONDS = 30
USER, PASSWORD = "bursar", "a pass phrase, with spaces: 知"


@dataclass
class Taken:
    """A mail as it was taken: its envelope, and the message as a reader parses it."""

    sender: str
    recipients: list
    raw: bytes
    secure: bool
    user: str | None

    @property
    def message(self):
        return message_from_bytes(self.raw, policy=policy.default)

    def text(self, kind="plain"):
        return self.message.get_body((kind,)).get_content().replace("\r\n", "\n")


class Relay:
    """An SMTP server; `answers` are given to the next recipients in place of yes."""

    def __init__(self, *, tls=None, implicit=False, login=False, port=0):
        self.taken, self.answers = [], []
        self.tls, self.implicit, self.login = tls, implicit, login
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(self.listen(port))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def listen(self, port):
        def session():
            encrypts = bool(self.tls) and not self.implicit
            return SMTP(
                self, hostname="relay.test", enable_SMTPUTF8=True, loop=self.loop,
                tls_context=self.tls if encrypts else None, require_starttls=encrypts,
                auth_required=self.login, auth_require_tls=False, authenticator=self.authenticate,
            )

        secure = self.tls if self.implicit else None
        return self.loop.create_server(session, "127.0.0.1", port, ssl=secure)

    def authenticate(self, server, session, envelope, mechanism, data):
        wanted = LoginPassword(USER.encode(), PASSWORD.encode())
        fits = isinstance(data, LoginPassword) and data == wanted
        return AuthResult(success=fits, auth_data=data.login.decode() if fits else None)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        secure = session.ssl is not None or self.implicit
        user = session.auth_data if session.authenticated else None
        content = envelope.original_content
        self.taken.append(Taken(envelope.mail_from, envelope.rcpt_tos, content, secure, user))
        return "250 2.0.0 taken"

    def to(self, address):
        return [mail for mail in self.taken if mail.recipients == [address]]

    def wait_for(self, count, address=None, seconds=30):
        deadline = time.monotonic() + seconds
        while True:
            mails = self.to(address) if address else self.taken
            if count <= len(mails):
                return mails
            assert time.monotonic() < deadline, f"{len(mails)} of {count} mails came"
            time.sleep(0.05)

    def stop(self):
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.server.close)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()


class Server:
    """`bursar serve` over a data directory, with a mail relay."""

    def __init__(self, folder, relay, *, more="", environment=None, data=None):
        self.data = data or folder / "data"
        config = folder / "bursar.toml"
        config.write_text(
            f'public_url = "http://portal.test:8080"\n[mail]\nrelay = "localhost:{relay.port}"\n'
            f'from = "Credits at Zürich <credits@example.edu>"\n{more}'
        )
        place = self.data / "server.json"
        place.unlink(missing_ok=True)
        command = [BIN, "serve", "--listen", "127.0.0.1:0", "--data", str(self.data)]
        self.log_path = folder / "server.log"
        self.log = open(self.log_path, "ab")
        environment = {**os.environ, **(environment or {})}
        self.process = subprocess.Popen(
            [*command, "--config", str(config)], stderr=self.log, env=environment
        )
        deadline = time.monotonic() + READY_SECONDS
        while not place.exists():
            assert self.process.poll() is None, self.log_path.read_text()
            assert time.monotonic() < deadline, "the server was not ready in time"
            time.sleep(0.02)
        self.url = json.loads(place.read_text())["url"]

    def run(self, *arguments, expect=0):
        command = [BIN, *arguments, "--data", str(self.data), "--json"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert result.returncode == expect, result.stdout + result.stderr
        return json.loads(result.stdout) if expect == 0 else result.stderr

    def mail(self, name, *, until=None, seconds=30):
        """A mail's line, once it stands so."""
        deadline = time.monotonic() + seconds
        while True:
            lines = self.run("mail", "list", "--limit", "200")["mails"]
            [line] = [line for line in lines if line["id"] == name]
            if until is None or line["state"] == until:
                return line
            assert time.monotonic() < deadline, line
            time.sleep(0.1)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(timeout=60) == 0
        self.log.close()


@pytest.fixture
def relay(tmp_path):
    relay = Relay()
    yield relay
    relay.stop()


@pytest.fixture
def server(tmp_path, relay):
    server = Server(tmp_path, relay, more='security = "none"\nreturn_path_tags = true\n')
    yield server
    server.stop()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """An authority that nobody but this test knows, and a server's certificate by it."""
    folder = tmp_path_factory.mktemp("authority")
    now = datetime.datetime.now(datetime.timezone.utc)
    key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of this test")])

    def certificate(subject, public, *extensions):
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name)
        builder = builder.public_key(public).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=2))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(key, hashes.SHA256())

    ca = certificate(name, key.public_key(), (x509.BasicConstraints(True, None), True))
    here = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    leaf = certificate(here, server_key.public_key(), (names, False))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "chain.pem").write_bytes(leaf.public_bytes(pem))
    private = server_key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    return folder / "ca.pem", context
