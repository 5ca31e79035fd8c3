"""Lets a Python process reach this machine only, and writes down what else it tried to reach.

Python imports a module of this name by itself where the search path has one.
"""

import ipaddress
import os
import sys

LOCAL = {None, "", "localhost", b"localhost"}


def is_here(host):
    """Whether a name or an address is this machine."""
    if host in LOCAL:
        return True
    try:
        text = host.decode() if isinstance(host, bytes) else str(host)
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def watch(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not is_here(host):
        with open(os.environ["BURSAR_REACHED"], "a", encoding="utf-8") as file:
            file.write(f"{host}\n")
        raise OSError(f"`{host}` is not this machine")


sys.addaudithook(watch)
