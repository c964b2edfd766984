"""What a folder holds: order, patterns, and names that would lead elsewhere."""

import os
from pathlib import Path

import pytest

from graph.api import FileNameError, Files
from nodes import folder_listing
from nodes.folder_listing import list_folder, natural


@pytest.fixture
def put_all(files):
    def put_all(*names):
        for name in names:
            path = files.root("input") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())

    return put_all


def names(files, folder="", pattern="*", **options):
    return [item.name for item in list_folder(files, folder, pattern, **{"recursive": False, **options})]


def test_files_come_as_people_count(files, put_all):
    put_all("cat 10.png", "cat 2.png", "Cat 1.png", "ant.png", "cat 02.png", "7.png")
    assert names(files) == ["7.png", "ant.png", "Cat 1.png", "cat 02.png", "cat 2.png", "cat 10.png"]


@pytest.mark.parametrize("pair", [("1", "a"), ("a", "a1"), ("a2b", "a10a"), ("a", "b1"), ("²", "a²")])
def test_any_two_names_can_be_compared(pair):
    assert (natural(pair[0]) < natural(pair[1])) is not (natural(pair[1]) < natural(pair[0]))


def test_a_listed_file_is_told_apart_by_size_and_times(files, put_all):
    put_all("cats/red/a.png")
    (item,) = list_folder(files, "cats", "*", recursive=True)
    path = files.root("input") / "cats/red/a.png"
    assert (item.name, item.path) == ("red/a.png", str(path.resolve()))
    status = path.stat()
    assert item.state == (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", ["a.PNG", "b.png", "notes.txt"]),
        ("*.png", ["a.PNG", "b.png"]),
        ("A*", ["a.PNG"]),
        ("a* *.txt", ["a.PNG", "notes.txt"]),
        ("", ["a.PNG", "b.png", "notes.txt"]),
        ("[ab].png", ["a.PNG", "b.png"]),
        ("png", []),
        ("*.jpg", []),
    ],
)
def test_patterns_are_those_of_a_command_line(files, put_all, pattern, found):
    put_all("a.PNG", "b.png", "notes.txt")
    assert names(files, pattern=pattern) == found


def test_other_endings_hidden_files_and_inner_folders_are_left_out(files, put_all):
    put_all("a.png", "b.txt", ".c.png", "inner/d.png", ".git/e.png")
    assert names(files, suffixes={".png"}) == ["a.png"]
    assert names(files, suffixes={".png"}, recursive=True) == ["a.png", "inner/d.png"]


def test_a_folder_elsewhere_may_be_named_by_its_kind(files, put_all):
    (files.root("output") / "frames").mkdir()
    (files.root("output") / "frames/1.png").write_bytes(b"")
    assert names(files, "frames [output]") == ["1.png"]


@pytest.mark.parametrize("folder", ["..", "../output", "/etc", "a/../..", "C:/", "nowhere", "~", "\\\\server\\share"])
def test_a_folder_outside_or_nowhere_is_refused(files, put_all, folder):
    put_all("a/b.png")
    with pytest.raises(FileNameError):
        names(files, folder)


class OtherWords(Files):
    """Refuses in other words than those of the real one."""

    def path(self, folder, name):
        try:
            return super().path(folder, name)
        except FileNameError as error:
            raise FileNameError("nein", error.remedy, is_missing=error.is_missing) from None


def test_a_missing_folder_is_known_whatever_the_words_of_its_refusal(files, put_all):
    put_all("album/b.png")
    files = OtherWords(files.roots)
    with pytest.raises(FileNameError, match="there is no folder 'albun' inside"):
        names(files, "albun")
    with pytest.raises(FileNameError, match="nein"):
        names(files, "../album")


def test_a_file_is_no_folder(files, put_all):
    put_all("a.png")
    with pytest.raises(FileNameError, match="is a file, not a folder"):
        names(files, "a.png")


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_links_that_lead_out_are_left_out(files, put_all, tmp_path):
    put_all("a.png")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/s.png").write_bytes(b"secret")
    (files.root("input") / "link.png").symlink_to(tmp_path / "secret.png")
    (files.root("input") / "folder").symlink_to(tmp_path / "secrets")
    (files.root("input") / "inside.png").symlink_to(files.root("input") / "a.png")
    (files.root("input") / "circle").symlink_to(files.root("input"))
    (files.root("input") / "gone.png").symlink_to(tmp_path / "gone.png")
    assert names(files, recursive=True) == ["a.png", "inside.png"]
    with pytest.raises(FileNameError, match="leaves its folder"):
        names(files, "folder")


def test_the_input_folder_itself_has_what_is_bundled_and_one_s_own_files_win(files, put_all, tmp_path):
    put_all("b.png", "inner/c.png")
    (tmp_path / "bundled.png").write_bytes(b"bundled")
    bundled = {"input": {"a.png": tmp_path / "bundled.png", "b.png": tmp_path / "bundled.png"}}
    installed = Files(files.roots, bundled)
    listed = {item.name: Path(item.path).name for item in list_folder(installed, "", "*", recursive=False)}
    assert listed == {"a.png": "bundled.png", "b.png": "b.png"}
    assert names(installed, "inner") == ["c.png"]


def test_an_empty_installation_has_an_empty_input_folder(tmp_path):
    assert names(Files({"input": [tmp_path / "input"]})) == []


def test_a_file_that_is_taken_away_meanwhile_is_left_out(files, put_all, monkeypatch):
    put_all("a.png", "b.png")
    entries = folder_listing.entries

    def taking_one_away(*arguments):
        for inner, entry in entries(*arguments):
            if entry.name == "a.png":
                Path(entry.path).unlink()
            yield inner, entry

    monkeypatch.setattr(folder_listing, "entries", taking_one_away)
    assert names(files) == ["b.png"]
