"""Which packs lie in a folder, what keeps an entry from being one, and what tells that a pack is another."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from graph.packs.discovery import Pack, find_packs, nodes_in_source, pack_identity, shown


def write(folder: Path, name: str, text: str = "") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names_in(folder: Path) -> list[str]:
    return [pack.name for pack in find_packs(folder)]


def problem_in(folder: Path) -> str:
    (pack,) = find_packs(folder)
    return pack.problem


def test_files_and_folders_with_code_are_packs_in_alphabetical_order(tmp_path: Path) -> None:
    for name in (
        "b.py",
        "a/__init__.py",
        "no code/readme.md",
        "readme.md",
        "_hidden.py",
        ".hidden.py",
        "__pycache__/x",
    ):
        write(tmp_path, name)
    first, second = find_packs(tmp_path)
    assert (first.name, first.source, first.module) == ("a", tmp_path / "a" / "__init__.py", "custom_nodes.a")
    assert (second.name, second.source, second.module) == ("b", tmp_path / "b.py", "custom_nodes.b")
    assert first.problem == second.problem == ""


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert find_packs(tmp_path / "gone") == []
    assert find_packs(write(tmp_path, "file")) == []


def test_every_pack_has_a_module_of_its_own_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("a.b", "a.c", "ä ö", "x" * 100):
        write(tmp_path, f"{name}/__init__.py")
    modules = [pack.module for pack in find_packs(tmp_path)]
    assert len(set(modules)) == 4
    assert all(module.count(".") == 1 for module in modules), "a dotted name would be a path"


def test_two_of_one_name_are_not_both_imported(tmp_path: Path) -> None:
    write(tmp_path, "a/__init__.py")
    write(tmp_path, "a.py")
    folder, file = find_packs(tmp_path)
    assert folder.problem == ""
    assert "rename one of them" in file.problem
    (tmp_path / "a" / "__init__.py").unlink()
    assert names_in(tmp_path) == ["a"], "a folder without code is none"


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_what_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to(tmp_path / "gone.py")
    assert problem_in(tmp_path) == "it is a link to something that is not there"
    (tmp_path / "a.py").unlink()
    os.mkfifo(tmp_path / "a.py")
    assert problem_in(tmp_path) == "a.py is no plain file"


def test_the_nodes_of_a_pack_are_read_off_its_text(tmp_path: Path) -> None:
    write(tmp_path, "a/__init__.py", '@node("One", category="x")\n@api.node(\n    \'Two\')\n@node("One")')
    write(tmp_path, "a/sub/more.py", '@graph.api.node("Three")\nraise RuntimeError')
    write(tmp_path, "a/text.txt", '@node("Four")')
    (pack,) = find_packs(tmp_path)
    assert nodes_in_source(pack) == ("One", "Two", "Three")


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    for name in ("a/__init__.py", "a/sub/data.json", "a/__pycache__/x.pyc", "a/.git/x"):
        os.utime(write(tmp_path, name, "text"), ns=(10**18, 10**18))
    (found,) = find_packs(tmp_path)
    return found


def touch(path: Path) -> None:
    os.utime(path, ns=(10**18 + 1, 10**18 + 1))


CHANGES = {
    "another time": lambda pack: touch(pack.path / "sub" / "data.json"),
    "another size": lambda pack: (pack.path / "__init__.py").write_text("longer text"),
    "a new file": lambda pack: write(pack.path, "new.txt"),
    "one file less": lambda pack: (pack.path / "sub" / "data.json").unlink(),
    "another name": lambda pack: (pack.path / "sub" / "data.json").rename(pack.path / "sub" / "other.json"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pack_that_changed_has_another_identity(pack: Pack, change: str) -> None:
    before = pack_identity(pack)
    assert pack_identity(pack) == before
    CHANGES[change](pack)
    assert pack_identity(pack) != before


@pytest.mark.parametrize("name", ["__pycache__/x.pyc", ".git/x"])
def test_what_python_and_tools_write_is_no_change(pack: Pack, name: str) -> None:
    before = pack_identity(pack)
    touch(pack.path / name)
    (pack.path / name).with_name("new").write_text("x")
    assert pack_identity(pack) == before


def test_what_is_installed_beside_it_is_part_of_it(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "site-packages"
    place.mkdir()
    os.utime(place, ns=(10**18, 10**18))
    monkeypatch.setattr(sys, "path", [str(place)])
    before = pack_identity(pack)
    touch(place)
    assert pack_identity(pack) != before


def test_a_name_can_be_shown_on_any_screen() -> None:
    assert shown("cat\x1b[2J\n\ud800 ä") == "cat\\x1b[2J\\n\\ud800 ä"
