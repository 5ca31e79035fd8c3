"""What an operator may get wrong, and what is said about it."""

import datetime
import json
import os
import stat
import subprocess

from conftest import BIN, PROGRAM


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
