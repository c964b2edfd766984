"""Installed distributions: which modules they hold, what they require, and what tells one installation from another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graph.packs.libraries import Libraries, is_of_python, plain_name


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "lib" / "site-packages"
    found.mkdir(parents=True)
    return found


def install(place: Path, name: str, version: str = "1.0", record: str = "", requires: str = "", **files: str) -> Path:
    folder = place / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "RECORD").write_text(record or f"{name.lower()}/__init__.py,sha256=abc,10\n")
    (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n{requires}\n\nRequires-Dist: in-the-text\n")
    for file, text in files.items():
        (folder / file.replace("__", ".")).write_text(text)
    return folder


def names(found: list) -> list[str]:  # type: ignore[type-arg]
    return [each.name for each in found]


@pytest.mark.parametrize("name", ["Foo.Bar_baz", "foo-bar-baz", "FOO__bar.-baz"])
def test_names_are_compared_without_case_and_signs(name: str) -> None:
    assert plain_name(name) == "foo-bar-baz"


def test_a_distribution_knows_its_version_modules_and_requirements(place: Path) -> None:
    record = "pillow_x/a.py,sha256=1,2\nPIL/b.py,,\nsingle.py,sha256=3,4\n../../bin/tool,sha256=5,6\n"
    requires = "Requires-Dist: Other_One>=2\nRequires-Dist: only-for-tests; extra == 'test'"
    install(place, "Pillow", "9.1", record, requires)
    found = Libraries([str(place)]).by_name["pillow"]
    assert found.version == "9.1"
    assert found.modules == {"pillow_x", "PIL", "single"}
    assert found.requires == {"other-one"}
    assert not found.is_elsewhere


def test_the_module_of_a_library_is_found_in_the_folder_that_it_lies_in(place: Path, tmp_path: Path) -> None:
    install(place, "cv", record="cv2/a.py,,\n")
    install(place, "cv2", record="cv2/b.py,,\n")
    install(place, "other")
    libraries = Libraries([str(place)])
    assert names(libraries.of_module("cv2", place)) == ["cv2"], "the one of that name is the likely one"
    assert names(libraries.of_module("other", tmp_path)) == []
    assert names(libraries.of_module("nothing", place)) == []


@pytest.mark.parametrize("text", ['{"dir_info": {"editable": true}}', '{"dir_info": {"editable":true}}'])
def test_a_link_to_sources_elsewhere_says_nothing_about_its_code(place: Path, text: str) -> None:
    install(place, "linked", direct_url__json=text)
    found = Libraries([str(place)])
    assert found.by_name["linked"].is_elsewhere
    assert found.of_module("linked", place) == []


def test_what_is_no_installation_is_elsewhere(tmp_path: Path) -> None:
    install(tmp_path, "here")
    assert Libraries([str(tmp_path)]).by_name["here"].is_elsewhere


def test_requirements_are_followed_and_circles_end(place: Path) -> None:
    install(place, "a", requires="Requires-Dist: B")
    install(place, "b", requires="Requires-Dist: c\nRequires-Dist: not-installed")
    install(place, "c", requires="Requires-Dist: a")
    install(place, "d")
    assert names(Libraries([str(place)]).with_requirements(["A"])) == ["a", "b", "c"]


def test_the_first_place_of_the_path_counts(place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "site-packages"
    other.mkdir(parents=True)
    install(place, "lib", "1.0")
    install(other, "lib", "2.0")
    assert Libraries([str(place), "", str(other)]).by_name["lib"].version == "1.0"
    assert Libraries([str(other), str(place)]).by_name["lib"].version == "2.0"


def test_another_version_or_other_files_are_another_identity(place: Path, tmp_path: Path) -> None:
    def identity(**what: str) -> bytes:
        folder = tmp_path / str(len(list(tmp_path.iterdir()))) / "site-packages"
        folder.mkdir(parents=True)
        install(folder, "lib", **what)
        return Libraries([str(folder)]).by_name["lib"].identity

    same = identity()
    assert identity() == same, "wherever it lies"
    assert identity(version="1.1") != same
    assert identity(record="lib/__init__.py,sha256=def,10\n") != same
    scripts = "../../bin/tool,sha256={},6\nlib/__init__.py,sha256=abc,10\n"
    assert identity(record=scripts.format("1")) == identity(record=scripts.format("2")), "they name their environment"


CHANGES = {
    "installed": lambda place: install(place, "new"),
    "removed": lambda place: (place / "lib-1.0.dist-info").rename(place / "gone"),
    "installed anew": lambda place: (
        (place / "lib-1.0.dist-info" / "RECORD").write_text("lib/other.py,sha256=def,100\n"),
        (place / "moves the time of the folder").touch(),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_installed_since_is_noticed(place: Path, change: str) -> None:
    install(place, "lib")
    libraries = Libraries([str(place)])
    assert not libraries.have_changed()
    CHANGES[change](place)
    os.utime(place, ns=(1, 1))  # as another time, whatever the clock of the file system says
    assert libraries.have_changed()


def test_what_is_no_installation_and_comes_there_is_no_change(place: Path) -> None:
    install(place, "lib")
    libraries = Libraries([str(place), str(place / "gone")])
    (place / "notes.txt").touch()
    os.utime(place, ns=(1, 1))
    assert not libraries.have_changed()
    assert not libraries.have_changed()


def test_modules_of_python_itself_are_known() -> None:
    assert is_of_python("json")
    assert is_of_python("sys")
    assert not is_of_python("torch")
