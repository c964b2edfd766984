"""Sessions: the cookie and the key together let in, survive a restart, and end with the token."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest

from server.access.sessions import A_YEAR, Sessions
from tests.support.serving import asynchronous

TOKEN = "t" * 20


def opened(folder: Path, token: str = TOKEN) -> Sessions:
    return Sessions(folder / "sessions.json", token)


@asynchronous
async def test_only_cookie_and_key_of_one_session_together_let_in(tmp_path: Path) -> None:
    sessions = opened(tmp_path)
    cookie, key = await sessions.begin()
    other_cookie, other_key = await sessions.begin()
    assert sessions.verified([cookie], key)
    assert not sessions.verified([cookie], "")
    assert not sessions.verified([cookie], other_key)
    assert not sessions.verified([], key)
    assert not sessions.verified(["unknown"], key)
    assert sessions.verified(["of another port", other_cookie, cookie], key) == sessions.find([cookie])


@asynchronous
async def test_sessions_are_there_after_a_restart_and_their_secrets_are_not_on_the_disk(tmp_path: Path) -> None:
    cookie, key = await opened(tmp_path).begin()
    assert opened(tmp_path).verified([cookie], key)
    text = (tmp_path / "sessions.json").read_text()
    assert cookie not in text
    assert key not in text


@asynchronous
async def test_with_another_token_no_session_is_one(tmp_path: Path) -> None:
    cookie, key = await opened(tmp_path).begin()
    other = opened(tmp_path, "u" * 20)
    assert not other.verified([cookie], key)
    assert not other.find([cookie])


@asynchronous
async def test_a_session_that_has_ended_stays_ended(tmp_path: Path) -> None:
    sessions = opened(tmp_path)
    cookie, key = await sessions.begin()
    await sessions.end(sessions.find([cookie]))
    await sessions.end("never was")
    assert not sessions.verified([cookie], key)
    assert not opened(tmp_path).find([cookie])


@asynchronous
async def test_of_very_many_sessions_the_oldest_ends(tmp_path: Path) -> None:
    sessions = opened(tmp_path)
    cookies = [(await sessions.begin())[0] for _ in range(202)]
    assert [bool(sessions.find([cookie])) for cookie in cookies[:3]] == [False, False, True]
    assert sessions.find([cookies[-1]])


@asynchronous
async def test_a_session_ends_after_a_year(tmp_path: Path) -> None:
    cookie, _ = await opened(tmp_path).begin()
    file = tmp_path / "sessions.json"
    kept = json.loads(file.read_text())
    for session in kept["sessions"].values():
        session["created"] = time.time() - A_YEAR - 1
    file.write_text(json.dumps(kept))
    assert not opened(tmp_path).find([cookie])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sessions": 1}', '{"sessions": {"a": {"key": 1}}}'])
def test_a_damaged_file_lets_nobody_in_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    (tmp_path / "sessions.json").write_text(text)
    with caplog.at_level(logging.WARNING):
        assert not opened(tmp_path).find(["a"])
    assert "must sign in again" in caplog.text


@asynchronous
async def test_a_session_that_cannot_be_written_down_holds_until_the_server_ends(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "no such folder" / "sessions.json", TOKEN)
    cookie, key = await sessions.begin()
    assert sessions.verified([cookie], key)


@asynchronous
async def test_the_file_can_be_made_again_as_it_is_now(tmp_path: Path) -> None:
    sessions = opened(tmp_path)
    cookie, key = await sessions.begin()
    (tmp_path / "sessions.json").write_bytes(b"spoilt")
    (tmp_path / "sessions.json").write_bytes(sessions.as_file())
    assert opened(tmp_path).verified([cookie], key)
