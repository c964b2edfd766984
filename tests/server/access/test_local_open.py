"""Opening a running server: who may read the data folder gets in, everybody else is told why not."""

from __future__ import annotations

import json
import os
import webbrowser
from pathlib import Path

import pytest

from server.access.local_open import (
    ANNOUNCED,
    NotRunningError,
    announce,
    announcement,
    ask_for_code,
    is_desktop,
    open_in_browser,
    withdraw,
)

NOBODY_LISTENS = "http://127.0.0.1:9"


def test_the_address_and_the_secret_lie_in_a_private_file_until_the_server_ends(tmp_path: Path) -> None:
    announce(tmp_path, "http://127.0.0.1:8188", "secret")
    file = tmp_path / ANNOUNCED
    assert json.loads(file.read_bytes()) == {"address": "http://127.0.0.1:8188", "opener": "secret"}
    assert file.read_bytes() == announcement("http://127.0.0.1:8188", "secret")
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    (tmp_path / "open.html").touch()
    withdraw(tmp_path)
    withdraw(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_server_it_is_told_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match=r"Start it with 'python main\.py'"):
        ask_for_code(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"address": "x"}'])
def test_a_file_that_makes_no_sense_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / ANNOUNCED).write_text(text)
    with pytest.raises(NotRunningError, match="cannot be read"):
        ask_for_code(tmp_path)


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    announce(tmp_path, NOBODY_LISTENS, "secret")
    with pytest.raises(NotRunningError, match=f"does not answer at {NOBODY_LISTENS}"):
        ask_for_code(tmp_path)


def test_the_browser_gets_a_file_and_the_code_is_in_no_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    open_in_browser(tmp_path, "http://127.0.0.1:8188", "a<code>")
    assert opened == [(tmp_path / "open.html").resolve().as_uri()]
    page = (tmp_path / "open.html").read_text()
    assert "http://127.0.0.1:8188" in page
    assert "<code>" not in page


@pytest.mark.parametrize(
    ("environment", "platform", "found"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "x", "DISPLAY": ":0"}, "linux", False),
        ({"CI": "1"}, "win32", False),
    ],
)
def test_a_desktop_is_where_a_person_sits(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], platform: str, found: bool
) -> None:
    for name in ("SSH_CONNECTION", "CI", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert is_desktop() is found
