"""`open`: a new address for who may read the data folder of a server that runs, whatever it was started with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.access import local_open
from tests.commands.conftest import Answer
from tests.support.serving import ROOT, Server

ADDRESS = re.compile(r"^http://127\.0\.0\.1:(\d+)/#launch=([\w-]{43})$")


@pytest.fixture(params=[(), ("--token", "a token that someone chose"), ("--listen", "0.0.0.0", "--token", "x" * 16)])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    started = Server(tmp_path, *request.param).start()
    yield started
    started.stop()


def test_it_prints_an_address_that_signs_in(server: Server, command: Callable[..., Answer]) -> None:
    answer = command("open", "--no-browser")
    assert answer.code == 0
    found = ADDRESS.match(answer.out.splitlines()[0])
    assert found
    assert int(found[1]) == server.port
    session = server.sign_in(f"code={found[2]}")
    assert server.ask("GET", "/api/v1/system", headers=session).status == 200


def test_the_address_may_be_that_of_a_proxy(server: Server, command: Callable[..., Answer]) -> None:
    out = command("open", "--no-browser", "--at", "https://box.example/jq").out
    assert out.startswith("https://box.example/jq/#launch=")


@pytest.mark.process
def test_without_a_server_it_says_how_to_start_one(tmp_path: Path, command: Callable[..., Answer]) -> None:
    answer = command("open", "--no-browser")
    assert (answer.code, answer.out) == (2, "")
    assert "No Jacquard runs with the folder" in answer.err
    server = Server(tmp_path).start()
    server.kill()
    assert "does not answer" in command("open", "--no-browser").err
    (tmp_path / "data" / "open.json").write_text("{")
    assert "cannot be read" in command("open", "--no-browser").err


@pytest.mark.process
def test_the_browser_is_given_a_private_file_and_no_code_on_its_command_line(
    tmp_path: Path, command: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(local_open.webbrowser, "open", opened.append)
    monkeypatch.setattr("commands.open.is_desktop", lambda: True)
    server = Server(tmp_path).start()
    try:
        code = command("open").out.split("#launch=")[1].splitlines()[0]
        file = tmp_path / "data" / "open.html"
        assert opened == [file.as_uri()]
        assert f"url=http://127.0.0.1:{server.port}/#launch={code}" in file.read_text()
        assert file.stat().st_mode & 0o077 == 0
    finally:
        server.stop()
    assert not file.exists()
    assert not (tmp_path / "data" / "open.json").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can start a program as another user")
@pytest.mark.process
def test_another_user_of_the_machine_gets_no_address(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = Path("/tmp") / f"jacquard-open-{os.getpid()}"  # noqa: S108 - where every user can go
    folder.mkdir(mode=0o755)
    server = Server(folder).start()
    try:
        code = "import os, sys, main, commands.open; os.setgroups([]); os.setgid(65534); os.setuid(65534); main.main()"
        ended = subprocess.run(
            [sys.executable, "-c", code, "open", "--no-browser", "--data-dir", str(folder)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "#launch=" not in ended.stdout
        assert "ask the user who started it" in ended.stderr
    finally:
        server.stop()
        shutil.rmtree(folder)
