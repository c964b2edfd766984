"""What is damaged is never deleted: it gets a name with the time, and no other file is overwritten by that."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from server.storage.set_aside import set_aside


@pytest.fixture(autouse=True)
def at_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """All within the same second."""
    monkeypatch.setattr(time, "strftime", lambda _: "2026-11-30-204500")


def test_its_new_name_says_why_and_when(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("spoilt")
    aside = set_aside(file)
    assert aside.name == "token.damaged-2026-11-30-204500"
    assert aside.read_text() == "spoilt"
    assert not file.exists()
    file.mkdir()
    assert set_aside(file, "replaced").name == "token.replaced-2026-11-30-204500"


def test_the_second_of_a_second_takes_nothing_from_the_first(tmp_path: Path) -> None:
    names = []
    for number in range(3):
        (tmp_path / "token").write_text(str(number))
        names.append(set_aside(tmp_path / "token").name)
    assert [(tmp_path / name).read_text() for name in names] == ["0", "1", "2"]
    assert names[1:] == [f"{names[0]}-1", f"{names[0]}-2"]


def test_a_link_that_leads_nowhere_is_a_name_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "token.damaged-2026-11-30-204500").symlink_to(tmp_path / "gone")
    (tmp_path / "token").touch()
    assert set_aside(tmp_path / "token").name == "token.damaged-2026-11-30-204500-1"


def test_what_is_not_there_cannot_be_set_aside_and_there_is_an_end_to_names(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        set_aside(tmp_path / "token")
    (tmp_path / "token").touch()
    for number in range(100):
        (tmp_path / ("token.damaged-2026-11-30-204500" + (f"-{number}" if number else ""))).touch()
    with pytest.raises(FileExistsError, match="too many"):
        set_aside(tmp_path / "token")
    assert (tmp_path / "token").exists()
