"""The data folder: for its user alone, for one server at a time, with a token that nobody guesses."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from server.storage.data_folder import SHORTEST_TOKEN, DataFolder, FolderInUseError, is_long_enough, read_token


def test_a_data_folder_has_one_server_and_one_token(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with DataFolder(folder):
        token, why = read_token(folder)
        assert len(token) >= 40
        assert not why
        assert read_token(folder) == (token, "")
        with pytest.raises(FolderInUseError, match="data-dir"):
            DataFolder(folder)
    DataFolder(folder).close()


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_it_is_for_its_user_alone_though_it_was_open_before(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "data"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with DataFolder(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        read_token(folder)
        assert (folder / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("", "since it was empty or too short"),
        ("a" * 43, "since an earlier version gave it to browsers"),
    ],
)
def test_a_token_that_can_be_guessed_or_was_given_away_is_drawn_anew(tmp_path: Path, before: str, words: str) -> None:
    (tmp_path / "token").write_text(before)
    token, why = read_token(tmp_path)
    assert token != before
    assert why == words
    assert read_token(tmp_path) == (token, "")


def test_a_token_is_drawn_anew_for_who_asks(tmp_path: Path) -> None:
    token, _ = read_token(tmp_path)
    other, why = read_token(tmp_path, anew=True)
    assert other != token
    assert why == "as --new-token asks"
    assert read_token(tmp_path)[0] == other


def test_a_token_that_makes_no_sense_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe")
    token, why = read_token(tmp_path)
    assert is_long_enough(token)
    aside = next(path for path in tmp_path.iterdir() if path.name != "token")
    assert aside.read_bytes() == b"\xff\xfe"
    assert aside.name in why


def test_blanks_make_no_token_longer() -> None:
    assert is_long_enough("x" * SHORTEST_TOKEN)
    assert not is_long_enough("x" * (SHORTEST_TOKEN - 1) + " " * 20)


def test_a_folder_that_was_made_again_is_locked_again_and_has_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with DataFolder(folder) as held:
        held.keep("token", lambda: b"the token")
        (folder / "token").write_bytes(b"as it is")
        held.reclaim()
        assert (folder / "token").read_bytes() == b"as it is", "what is there stays"
        shutil.rmtree(folder)
        folder.mkdir()
        held.reclaim()
        assert (folder / "token").read_bytes() == b"the token"
        with pytest.raises(FolderInUseError):
            DataFolder(folder)


def test_another_server_that_came_first_keeps_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with DataFolder(folder) as held:
        shutil.rmtree(folder)
        with DataFolder(folder), pytest.raises(FolderInUseError):
            held.reclaim()


def test_a_folder_in_the_place_of_the_lock_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "data" / "lock").mkdir(parents=True)
    with DataFolder(tmp_path / "data"):
        assert (tmp_path / "data" / "lock").is_file()
