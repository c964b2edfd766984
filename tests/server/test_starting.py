"""Starting and not starting: one clear line, and a clear reason."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.conftest import MakeServer
from tests.support.serving import ROOT, Server


def refused(folder: Path, *flags: str, token: str = "") -> str:
    """What a server says that does not start."""
    command = [sys.executable, str(ROOT / "main.py"), "--no-browser", "--bare", "--data-dir", str(folder), *flags]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"JACQUARD_TOKEN": token})
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_port_or_folder_that_is_in_use_is_named(server: Server, tmp_path: Path) -> None:
    assert f"Port {server.port} is in use" in refused(tmp_path, "--port", str(server.port))
    assert "Another Jacquard uses the folder" in refused(server.folder, "--port", "0")


def test_a_database_that_cannot_be_used_is_named_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    database = folder / "jacquard.sqlite3"
    database.write_bytes(b"this is no database " * 100)
    assert "cannot be used" in refused(tmp_path, "--port", "0")
    assert database.read_bytes().startswith(b"this is no database")
    database.unlink()
    with contextlib.closing(sqlite3.connect(database)) as newer:
        newer.execute("PRAGMA user_version = 99")
    assert "newer version" in refused(tmp_path, "--port", "0")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_other_machines_are_let_in_with_a_chosen_token_only(tmp_path: Path, address: str) -> None:
    assert "choose a token" in refused(tmp_path, "--listen", address, "--port", "0")
    assert "choose a token" in refused(tmp_path, "--listen", address, "--port", "0", token="short")


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_a_page_asks_for_a_token_that_was_chosen(make_server: MakeServer, address: str) -> None:
    token = "a token that someone chose"
    server = make_server("--listen", address, "--token", token).start()
    answer = server.ask("GET", "/")
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert server.ask("POST", "/login", b"token=wrong", form).status == 401
    assert server.ask("POST", "/login", b"token=a+token+that+someone+chose", {**form, "Origin": "null"}).status == 403
    entered = server.ask("POST", "/login", b"token=a+token+that+someone+chose", form)
    assert entered.status == 303
    cookie = entered.headers["set-cookie"].split(";")[0]
    assert server.ask("GET", "/api/v1/system", headers={"Cookie": cookie}).status == 200
    assert server.ask("GET", "/", headers={"Cookie": cookie}).status == 200


def test_stopping_is_quick_and_clean(make_server: MakeServer) -> None:
    server = make_server().start()
    assert server.stop() == 0
    assert "Traceback" not in server.errors()


def test_who_comes_through_a_proxy_or_by_another_name_is_asked_for_the_token(make_server: MakeServer) -> None:
    server = make_server("--allow-host", "box.example").start()
    assert "set-cookie" in server.ask("GET", "/").headers
    for headers in (
        {"Host": "box.example"},
        {"Host": f"box.example:{server.port}"},
        {"X-Forwarded-For": "203.0.113.9"},
    ):
        answer = server.ask("GET", "/", headers=headers)
        assert answer.status == 401
        assert "set-cookie" not in answer.headers
        assert server.ask("GET", "/", headers={**headers, "Authorization": f"Bearer {server.token}"}).status == 200
