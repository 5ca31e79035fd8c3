"""What an operator may get wrong, and what is said about it."""

import datetime
import json
import os
import re
import stat
import subprocess
import urllib.request
from decimal import Decimal

import openai
from conftest import BIN, PROGRAM, Server


def run(*arguments, **options):
    return subprocess.run([BIN, *arguments], capture_output=True, text=True, timeout=60, **options)


def test_a_second_server_on_the_same_folder_is_refused(server):
    result = run("serve", "--data", str(server.data), "--listen", "127.0.0.1:0")
    assert result.returncode == 1
    assert "is in use by another bursar" in result.stderr
    assert "hint: " in result.stderr


def test_the_token_is_its_owners_alone(server):
    mode = stat.S_IMODE(os.stat(server.data / "operator.token").st_mode)
    assert mode == 0o600


def test_a_broken_configuration_tells_every_mistake_with_its_place(tmp_path):
    config = tmp_path / "bursar.toml"
    config.write_text('listen = "nowhere"\nadminstrator = "a"\n[[upstream]]\nname = "x"\n')
    result = run("serve", "--config", str(config), "--data", str(tmp_path / "data"))
    assert result.returncode == 1
    for part in ("bursar.toml:1:", "bursar.toml:2:", "bursar.toml:3:", "hint: "):
        assert part in result.stderr, result.stderr
    assert not (tmp_path / "data").exists(), "nothing is half made"


def test_a_broken_program_tells_every_mistake_with_its_place(tmp_path):
    (tmp_path / "broken.toml").write_text('id = "x"\nnme = "X"\n')
    config = tmp_path / "bursar.toml"
    config.write_text('programs = ["broken.toml"]\n')
    result = run("serve", "--config", str(config), "--data", str(tmp_path / "data"))
    assert result.returncode == 1
    assert "broken.toml:2:1" in result.stderr, result.stderr


def test_a_folder_that_cannot_be_made_is_a_clear_stop(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("serve", "--data", str(tmp_path / "file" / "data"), "--listen", "127.0.0.1:0")
    assert result.returncode == 1
    assert "failed to use the data directory" in result.stderr


def test_a_command_without_a_server_says_how_to_start_one(tmp_path):
    result = run("program", "list", "--data", str(tmp_path))
    assert result.returncode == 1
    assert "hint: " in result.stderr


def test_a_date_may_only_shorten_the_term(server):
    issue = ["grant", "issue", "--program", PROGRAM, "--holder", "a@b.example", "--amount", "5"]
    day = (datetime.date.today() + datetime.timedelta(days=40)).isoformat()
    short = server.run(*issue, "--expires", day)
    assert server.run("grant", "show", short["id"])["expires_at"].startswith(f"{day}T00:00:00")
    told = server.run(*issue, "--expires", "2099-01-01", expect=1)
    assert "shorten" in told


def test_the_clock_turns_on_the_demonstration_only(server):
    told = server.run("clock", "advance", "--by", "1w", expect=1)
    assert "demonstration" in told


def test_verify_reads_beside_a_running_server(server):
    report = server.run("verify")
    assert json.dumps(report)


def test_an_upstream_by_configuration_serves_calls_with_its_own_key(server, tmp_path):
    """One gateway in front of another: any OpenAI-compatible provider will do."""
    grant, secret = server.key("5")
    config = tmp_path / "front.toml"
    config.write_text(
        f'[[upstream]]\nname = "behind"\nbase_url = "{server.base_url}"\n'
        'api_key_env = "BEHIND_KEY"\n'
    )
    os.environ["BEHIND_KEY"] = secret
    front = Server(tmp_path / "front" / "data", "--config", str(config))
    try:
        front.run("program", "fund", "--program", PROGRAM, "--amount", "10")
        front_grant, front_secret = front.key("5")
        api = openai.OpenAI(base_url=front.base_url, api_key=front_secret)
        raw = api.chat.completions.with_raw_response.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello"}]
        )
        cost = Decimal(raw.headers["x-bursar-cost"])
        assert cost > 0
        for where, held in ((front, front_grant), (server, grant)):
            assert Decimal(where.run("grant", "show", held)["spent"]) == cost
        page = urllib.request.urlopen(f"{front.url}/", timeout=30).read().decode()
        assert "Sandbox" not in page, "only what is one says so"
    finally:
        del os.environ["BEHIND_KEY"]
        front.stop()


def test_an_upstream_without_its_key_is_told_before_anything_starts(tmp_path):
    config = tmp_path / "bursar.toml"
    config.write_text(
        '[[upstream]]\nname = "x"\nbase_url = "https://x.example/v1"\napi_key_env = "NOT_SET"\n'
    )
    result = run("serve", "--config", str(config), "--data", str(tmp_path / "data"))
    assert result.returncode == 1
    assert "`NOT_SET` is not set" in result.stderr


def test_health_is_for_anybody(server):
    assert urllib.request.urlopen(f"{server.url}/healthz", timeout=30).read() == b"ok\n"


def test_the_first_start_logs_a_link_that_signs_the_administrator_in_once(server):
    log = (server.data.parent / "server.log").read_text()
    link = re.search(r"http://\S+/sign-in/\w+", log).group(0)
    page = urllib.request.urlopen(link, timeout=30).read().decode()
    assert "administrator@bursar.invalid" in page
    server.stop()
    server.start()
    log = (server.data.parent / "server.log").read_text()
    assert len(re.findall(r"http://\S+/sign-in/\w+", log)) == 2, "until somebody has used one"
