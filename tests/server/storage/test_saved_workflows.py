"""Saved workflows: nobody's work is overwritten unseen, and every earlier version can be had again."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.files.folders import FileNameError
from server.errors import ApiError
from server.storage import saved_workflows as documents_room
from server.storage.saved_workflows import SavedWorkflows


def test_only_so_many_versions_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "KEPT_VERSIONS", 3)
    documents = SavedWorkflows(tmp_path / "now", tmp_path / "before")
    for number in range(8):
        documents.save("x", b'{"n": %d}' % number)
    assert len(documents.versions("x")) == 3


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "out").symlink_to(tmp_path)
    documents = SavedWorkflows(tmp_path / "now", tmp_path / "before")
    with pytest.raises(ApiError):
        documents.save("out/x", b"{}")
    assert not (tmp_path / "x.json").exists()


def test_a_workflow_that_lies_there_is_opened_whatever_its_name_is_and_a_new_one_has_a_plain_name(
    tmp_path: Path,
) -> None:
    odd = ["12:30.json", "what?.json", "con.json", "a./b.json", "x" * 240 + ".json"]
    for name in odd:
        (tmp_path / "now" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "now" / name).write_text("{}")
    (tmp_path / "now" / "gone.json").symlink_to("nowhere.json")
    documents = SavedWorkflows(tmp_path / "now", tmp_path / "before")
    listed = documents.overview()
    assert {item.path for item in listed.workflows} == set(odd)
    assert [(item.name, item.reason) for item in listed.left_out] == [("gone.json", "the link leads nowhere")]
    for name in odd:
        assert documents.save(name, b'{"title": "new"}', if_match=documents.read(name).etag).path == name
    with pytest.raises(FileNameError):
        documents.save("12:31", b"{}")


def test_of_a_large_file_only_the_beginning_is_read_for_its_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_room, "READ_WHOLE", 10)
    monkeypatch.setattr(documents_room, "BEGINNING", 60)
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    padding = '"nodes": {"1": ' + "[" * 200
    for name, text, title in (
        ("plain", '{"jacquard": 1, "title": "A cat", ' + padding, "A cat"),
        ("spread", '{\n  "jacquard" : 1 ,\n  "title" : "A cat" ,\n' + padding, "A cat"),
        ("without", '{"jacquard": 1, ' + padding, ""),
        ("number", '{"jacquard": 1, "title": 7, ' + padding, ""),
        ("no object", "[" * 200, ""),
        ("cut", '{"jacquard": 1, "title": "' + "x" * 200, ""),
    ):
        documents.save(name, text.encode())
        assert {entry.path: entry.title for entry in documents.overview().workflows}[f"{name}.json"] == title


def test_a_title_that_somebody_wrote_into_a_file_is_listed_in_bounds(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    documents.save("long", b'{"jacquard": 1, "title": "' + b"x" * 100_000 + b'"}')
    (entry,) = documents.overview().workflows
    assert len(entry.title) < 1_100


def test_a_file_among_the_versions_that_is_none_is_passed_over(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    documents.save("cat", b"{}")
    documents.save("cat", b"[]")
    (folder,) = (tmp_path / "versions").iterdir()
    (folder / "1 of mine.json").write_text("{}")
    assert len(documents.versions("cat")) == 1


def test_the_newest_versions_stay_when_the_clock_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "KEPT_VERSIONS", 3)
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    for number in range(9):
        hours = 1_000_000 - 10 * number
        monkeypatch.setattr("time.time_ns", lambda hours=hours: hours * 3600 * 10**9)
        documents.save("cat", b"%d" % number)
    kept = documents.versions("cat")
    assert [documents.version("cat", version.id).data for version in kept] == [b"7", b"6", b"5"]


def test_what_is_saved_again_as_it_is_there_is_no_conflict(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    first = documents.save("cat", b"1", only_new=True)
    assert documents.save("cat", b"1", only_new=True) == first
    second = documents.save("cat", b"2", if_match=first.etag)
    assert documents.save("cat", b"2", if_match=first.etag) == second  # its answer did not come
    assert len(documents.versions("cat")) == 1
    with pytest.raises(ApiError):
        documents.save("cat", b"3", if_match=first.etag)


@pytest.mark.parametrize("wreck", ["versions", "versions/a", "versions/a/cat.json.versions", "workflows"])
@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_in_the_place_of_a_folder_keeps_nobody_from_saving(tmp_path: Path, wreck: str, kind: str) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    place = tmp_path / wreck
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "file":
        place.write_bytes(b"mine")
    else:
        place.symlink_to("nowhere")
    assert documents.versions("a/cat") == []
    for data in (b"1", b"2"):
        documents.save("a/cat", data)
    assert [documents.version("a/cat", found.id).data for found in documents.versions("a/cat")] == [b"1"]
    assert len(list(tmp_path.rglob("*.damaged-*"))) == 1


def test_a_folder_among_the_versions_keeps_nobody_from_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "KEPT_VERSIONS", 2)
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    (tmp_path / "versions" / "cat.json.versions" / "000000000000001-abcdef.json").mkdir(parents=True)
    for number in range(5):
        documents.save("cat", b"%d" % number)
    newest = documents.versions("cat")[0]
    assert documents.version("cat", newest.id).data == b"3"


def test_a_name_that_something_else_has_is_refused_with_the_remedy(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    (tmp_path / "workflows" / "folder.json").mkdir(parents=True)
    documents.save("cat", b"1")
    for name in ("folder", "cat.json/inside"):
        with pytest.raises(ApiError, match="cannot be saved") as caught:
            documents.save(name, b"1")
        assert (caught.value.status, caught.value.remedy) == (400, "Choose another name.")
