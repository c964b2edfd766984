"""The settings are fixed at the start, tell nobody the token, and have defaults that no two servers share."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from graph.files.folders import Files
from server.settings import DEFAULT_PORT, Settings


def settings() -> Settings:
    return Settings(data=Path("data"), files=Files(), worker_command=("worker",), token="very secret")


def test_the_token_is_not_in_what_is_logged_of_settings() -> None:
    assert "very secret" not in repr(settings())
    assert "worker" in repr(settings())


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_no_setting_changes_after_the_start(name: str) -> None:
    given = settings()
    with pytest.raises(FrozenInstanceError):
        setattr(given, name, None)


def test_without_more_settings_no_name_is_let_in_and_the_token_counts_as_guessable() -> None:
    given = settings()
    assert given.port == DEFAULT_PORT
    assert (given.allowed_hosts, given.allowed_origins) == (frozenset(), frozenset())
    assert not given.any_address
    assert not given.token_is_drawn


@pytest.mark.parametrize("name", ["versions", "worker_environment", "notices"])
def test_what_one_server_writes_into_a_default_is_not_in_the_next(name: str) -> None:
    first, second = settings(), settings()
    getattr(first, name)["mine"] = "1"
    assert getattr(second, name) == {}


def test_paths_of_the_machine_are_shortened_also_when_no_folder_has_a_name() -> None:
    assert settings().place_names.shorten("/home/me/pictures/cat.png is damaged") == ".../cat.png is damaged"
