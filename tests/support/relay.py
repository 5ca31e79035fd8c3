"""Stands between a client and the gateway, and remembers what was asked and how it was answered.

Clients stay as they are: they are told another base URL, and nothing else.
"""

import http.client
import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# What concerns one connection only.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


@dataclass
class Exchange:
    """A request with its answer."""

    path: str
    body: dict
    status: int
    headers: dict


@dataclass
class Relay:
    """Where to send what is meant for the gateway, and what was sent."""

    base_url: str = ""
    exchanges: list[Exchange] = field(default_factory=list)

    def statuses(self):
        return [exchange.status for exchange in self.exchanges]


def pump(source, sink):
    """Passes bytes on until there are no more."""
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def relay(base_url):
    """A relay to the gateway at a base URL, until the block ends."""
    target, seen = urlsplit(base_url), Relay()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.headers.get("upgrade"):
                self.session()
                return
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            kept = {n: v for n, v in self.headers.items() if n.lower() not in HOP_BY_HOP}
            inner = http.client.HTTPConnection(target.hostname, target.port, timeout=120)
            inner.request(self.command, self.path, body, kept | {"Host": target.netloc})
            answer = inner.getresponse()
            whole = answer.read()
            headers = {n.lower(): v for n, v in answer.getheaders() if n.lower() not in HOP_BY_HOP}
            sent = json.loads(body) if body.startswith(b"{") else {}
            seen.exchanges.append(Exchange(self.path, sent, answer.status, headers))
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole)
            inner.close()

        do_POST = do_GET

        def session(self):
            """Passes on what both sides of a WebSocket say, from its handshake on."""
            inner = socket.create_connection((target.hostname, target.port), timeout=120)
            head = f"{self.requestline}\r\n{self.headers}".replace("\n", "\r\n")
            inner.sendall(head.replace("\r\r\n", "\r\n").encode())
            back = threading.Thread(target=pump, args=(inner, self.connection), daemon=True)
            back.start()
            pump(self.connection, inner)
            back.join()
            inner.close()
            self.close_connection = True

        def log_message(self, *_):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    seen.base_url = f"http://127.0.0.1:{server.server_port}{target.path}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
