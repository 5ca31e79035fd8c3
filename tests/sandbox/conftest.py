"""A running sandbox: the one that BURSAR_SANDBOX_URL names, else one started here."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema
import openai
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = json.loads((ROOT / "tests/openai/schemas.json").read_text(encoding="utf-8"))
COMMAND = ["cargo", "run", "--quiet", "-p", "bursar-sandbox", "--example", "sandbox"]


@pytest.fixture(scope="session")
def url():
    """The sandbox's address, without the `/v1`."""
    given = os.environ.get("BURSAR_SANDBOX_URL")
    if given:
        yield given.rstrip("/").removesuffix("/v1")
        return
    server = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline().strip()
        assert line.startswith("http://"), f"`{' '.join(COMMAND)}` printed {line!r}, not its URL"
        yield line
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def client(url):
    """The official SDK, pointed at the sandbox, strict about what it is answered."""
    key = os.environ.get("BURSAR_SANDBOX_KEY", "sk-sandbox")
    return openai.OpenAI(
        base_url=f"{url}/v1", api_key=key, max_retries=0, _strict_response_validation=True
    )


@pytest.fixture
def profile(url):
    """Sets the sandbox's profile, and puts the default one back."""

    def put(**members):
        key = os.environ.get("BURSAR_SANDBOX_KEY", "sk-sandbox")
        request = urllib.request.Request(
            f"{url}/sandbox/profile",
            data=json.dumps(members).encode(),
            headers={"authorization": f"Bearer {key}"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    yield put
    put()


@pytest.fixture
def valid():
    """Holds a value against one of the provider's schemas."""

    def check(name, value):
        schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMAS["$defs"]}
        validator = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert not errors, f"{name}: {errors} in {json.dumps(value)[:2000]}"

    return check


@pytest.fixture
def post(url):
    """Posts JSON as it is, and gives back the status and the body's text."""

    def send(path, body, method="POST"):
        key = os.environ.get("BURSAR_SANDBOX_KEY", "sk-sandbox")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            url + path, data=data, method=method, headers={"authorization": f"Bearer {key}"}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    return send
