"""Starting and not starting: one clear line, and a clear reason."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.conftest import MakeServer
from tests.support.serving import ROOT, Server, asynchronous


def refused(folder: Path, *flags: str, token: str = "") -> str:
    """What a server says that does not start."""
    command = [sys.executable, str(ROOT / "main.py"), "--no-browser", "--bare", "--data-dir", str(folder), *flags]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"JACQUARD_TOKEN": token})
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_port_or_folder_that_is_in_use_is_named(server: Server, tmp_path: Path) -> None:
    assert f"Port {server.port} is in use on 127.0.0.1" in refused(tmp_path, "--port", str(server.port))
    assert "Another Jacquard uses the folder" in refused(server.folder, "--port", "0")


@pytest.mark.process
def test_a_database_of_a_newer_version_is_named_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    database = folder / "jacquard.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as newer:
        newer.execute("PRAGMA user_version = 99")
    assert "newer version" in refused(tmp_path, "--port", "0")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "127.0.0.1,192.0.2.1"])
@pytest.mark.process
def test_other_machines_are_let_in_with_a_chosen_token_only(tmp_path: Path, address: str) -> None:
    assert "choose a token" in refused(tmp_path, "--listen", address, "--port", "0")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "0.0.0.0"])
@pytest.mark.parametrize("token", ["short", " " * 40, "fifteen letters and 1 b"[:17], "a b c d e f g h i j k l m n o"])
@pytest.mark.process
def test_a_short_token_is_refused_on_every_address_with_the_remedy(tmp_path: Path, address: str, token: str) -> None:
    flags = ("--listen", address, "--port", "0")
    for said in (refused(tmp_path, *flags, token=token), refused(tmp_path, *flags, "--token", token)):
        assert "at least 16 characters, not counting blanks" in said
        assert "token_urlsafe" in said
    assert "at least 16 characters" in refused(tmp_path, *flags, "--token", "")


@pytest.mark.parametrize("port", ["-1", "65536", "99999999999", "http", "8188.0", "", "８１８８", "0x10"])
@pytest.mark.process
def test_a_port_that_there_cannot_be_is_refused(tmp_path: Path, port: str) -> None:
    assert f"from 1 to 65535, or 0 for any free port, and not {port!r}" in refused(tmp_path, f"--port={port}")


@pytest.mark.parametrize(
    "name", ["https://box.example/", "box.example/jq", "", "box.example:0", "box.example:70000", "a b", "*"]
)
@pytest.mark.process
def test_a_name_that_no_browser_comes_by_is_refused(tmp_path: Path, name: str) -> None:
    assert "Give what stands in the browser's address" in refused(tmp_path, "--port", "0", f"--allow-host={name}")


@pytest.mark.parametrize("address", ["", "127.0.0.1,,::1", "no.such.name.example", "192.0.2.1"])
@pytest.mark.process
def test_an_address_that_this_machine_does_not_have_is_refused(tmp_path: Path, address: str) -> None:
    said = refused(tmp_path, f"--listen={address}", "--port", "0", token="a token that is long enough")
    assert "no address" in said


def test_it_listens_on_several_addresses_of_both_kinds_with_one_port(make_server: MakeServer) -> None:
    server = make_server("--listen", "127.0.0.1,127.0.0.2", "--listen", "[::1]").start()
    for family, address, name in (
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET, "127.0.0.2", "127.0.0.2"),
        (socket.AF_INET6, "::1", "[::1]"),
    ):  # fmt: skip
        with socket.socket(family) as connection:
            connection.settimeout(20)
            connection.connect((address, server.port))
            host = f"{name}:{server.port}"
            connection.sendall(
                f"POST /logout HTTP/1.0\r\nHost: {host}\r\nOrigin: http://{host}\r\nAuthorization: Bearer "
                f"{server.token}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            assert connection.recv(100).split()[1] == b"200"


@pytest.mark.process
def test_another_program_on_half_of_localhost_is_not_put_up_with(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} is in use on ::1" in refused(tmp_path, "--port", str(port))


def test_who_comes_by_ssh_is_told_how_the_browser_gets_there(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    server = make_server().start()
    said = [server.next_line() for _ in range(2)]
    assert f"ssh -L {server.port}:127.0.0.1:{server.port}" in said[1]


def test_stopping_is_quick_and_clean(make_server: MakeServer) -> None:
    server = make_server().start()
    assert server.stop() == 0
    assert "Traceback" not in server.errors()


WRECKS = ["bytes", "folder", "empty", "list"]
FILES = ["jacquard.sqlite3", "token", "node-types.json", "sessions.json", "lock", "black-box", "thumbnails", "versions"]


@pytest.mark.parametrize("wreck", WRECKS)
def test_whatever_lies_in_the_data_folder_the_server_starts_and_says_what_was_lost(
    make_server: MakeServer, tmp_path: Path, wreck: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in FILES:
        place = folder / name
        if wreck == "folder":
            place.mkdir()
            (place / "x").touch()
        else:
            place.write_bytes({"bytes": b"\xff\x00\xfe" * 50, "empty": b"", "list": b"[[1]]"}[wreck])
    (folder / "workflows" / "folder.json").mkdir(parents=True)
    (folder / "workflows" / "bytes.json").write_bytes(b"\xff\x00")
    server = make_server().start()

    @asynchronous
    async def look() -> None:
        async with server.client() as client, client.watch() as watch:
            run = await client.submit({"1": {"type": "Keep"}})
            assert (await watch.run(run["id"]))["status"] == "finished"
            told = await client.call("GET", "/workflows")
            assert [found["path"] for found in told["workflows"]] == ["bytes.json"]
            assert await client.call("GET", "/outputs")
            snapshot = next(message for message in watch.heard if message["type"] == "snapshot")
            assert {"database", "token"} <= {notice["code"] for notice in snapshot["notices"]}

    look()
    assert "Traceback" not in server.errors()
    assert "is set aside as jacquard.sqlite3.damaged-" in server.errors()
    assert server.stop() == 0
