"""What is noted about packs: one that ended the process is tried in another, and left out until it changes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.packs.discovery import Pack, find_packs
from graph.packs.faults import Fault
from graph.packs.quarantine import PackNotes, Trial, read_state, try_again

SURVIVED = Trial(came_back=True, exit_code=0)
CRASHED = Trial(came_back=False, exit_code=-11, trace="Fatal Python error: Segmentation fault\n")


class Place:
    """A folder of packs and one of notes; `notes` is a new process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "notes"
        (root / "packs").mkdir()
        self.source = root / "packs" / "blur.py"
        self.source.write_text("text")
        self.tried: list[str] = []

    @property
    def pack(self) -> Pack:
        (found,) = find_packs(self.root / "packs")
        return found

    def notes(self, trial: Trial = SURVIVED) -> PackNotes:
        def try_out(pack: Pack, _: float) -> Trial:
            self.tried.append(pack.name)
            return trial

        return PackNotes(self.folder, try_out)

    def die_while_importing(self, *lines: str) -> None:
        """What a process leaves behind that ended in the middle of an import."""
        notes = self.notes()
        with notes.opened([self.pack]):
            notes.begin(self.pack)
            (note,) = self.folder.glob("importing-*")
            text = note.read_text()
        (self.folder / "importing-left").write_text(text + "".join(lines))

    def fault(self, trial: Trial = SURVIVED) -> Fault | None:
        """Why the next process leaves the pack out."""
        notes = self.notes(trial)
        with notes.opened([self.pack]):
            return notes.fault_of(self.pack)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_pack_of_which_nothing_is_noted_is_imported(place: Place) -> None:
    assert place.fault() is None
    assert place.tried == []


def test_a_process_notes_what_it_imports_until_the_imports_are_over(place: Place) -> None:
    notes = place.notes()
    with notes.opened([place.pack]):
        notes.begin(place.pack)
        (note,) = place.folder.glob("importing-*")
        assert json.loads(note.read_text())["path"] == str(place.source)
        notes.end(place.pack, ("Blur",))
        assert notes.descriptor is not None
    assert list(place.folder.glob("importing-*")) == []
    assert place.notes().nodes_of(place.pack) == (), "it has not looked yet"
    with (later := place.notes()).opened([place.pack]):
        assert later.nodes_of(place.pack) == ("Blur",)


def test_a_pack_over_which_a_process_ended_is_tried_out_and_left_out(place: Place) -> None:
    place.die_while_importing()
    fault = place.fault(CRASHED)
    assert place.tried == ["blur"]
    assert fault is not None
    assert fault.cause == "crash"
    assert place.fault() == fault, "that is remembered, and nothing tried again"
    assert place.tried == ["blur"]


def test_a_pack_that_survives_its_trial_is_imported_but_not_for_ever(place: Place) -> None:
    for _ in range(2):
        place.die_while_importing()
        assert place.fault() is None
    place.die_while_importing()
    fault = place.fault()
    assert fault is not None
    assert "3 times" in fault.error


def test_what_the_fault_handler_wrote_is_enough(place: Place) -> None:
    place.die_while_importing("Fatal Python error: Aborted\n")
    fault = place.fault()
    assert fault is not None
    assert "Aborted" in fault.error
    assert place.tried == []


CHANGES: dict[str, Callable[[Place], object]] = {
    "it changes": lambda place: place.source.write_text("another text"),
    "somebody asks for it": lambda place: try_again(place.folder),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pack_that_was_left_out_is_tried_again_when(place: Place, change: str) -> None:
    place.die_while_importing("Fatal Python error: Aborted\n")
    assert place.fault() is not None
    CHANGES[change](place)
    assert place.fault() is None


def test_a_note_of_a_process_that_is_at_work_is_left_alone(place: Place) -> None:
    notes = place.notes()
    with notes.opened([place.pack]):
        notes.begin(place.pack)
        pid = os.getpid()
        (note,) = place.folder.glob(f"importing-{pid}-*")
        assert note.exists()


def test_the_trial_may_have_its_own_word(place: Place) -> None:
    place.die_while_importing()
    own = {"cause": "damage", "error": "it closed everything"}
    fault = place.fault(Trial(came_back=False, exit_code=1, fault=own))
    assert fault is not None
    assert (fault.cause, fault.error) == ("damage", "it closed everything")


def test_a_process_that_a_pack_ruined_leaves_word(place: Place) -> None:
    notes = place.notes()
    with notes.opened([place.pack]):
        notes.begin(place.pack)
        notes.report_damage(place.pack, "it replaced os.stat")
    fault = place.fault()
    assert fault is not None
    assert (fault.cause, fault.error) == ("damage", "it replaced os.stat")


def test_who_ends_the_process_without_blaming_a_pack_withdraws_the_note(place: Place) -> None:
    notes = place.notes()
    with notes.opened([place.pack]):
        notes.begin(place.pack)
        notes.withdraw()
        assert list(place.folder.glob("importing-*")) == []


def test_the_nodes_that_it_had_are_known_while_it_is_left_out(place: Place) -> None:
    notes = place.notes()
    with notes.opened([place.pack]):
        notes.end(place.pack, ("Blur",))
        notes.leave_out(place.pack, Fault("exit", "it ends the program"))
        assert notes.nodes_of(place.pack) == ("Blur",)
        assert notes.fault_of(place.pack) == Fault("exit", "it ends the program")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"packs": 1}', '{"packs": {"a": 1}}'])
def test_notes_that_make_no_sense_are_none(place: Place, text: str) -> None:
    place.folder.mkdir()
    (place.folder / "packs.json").write_text(text)
    (place.folder / "importing-x").write_text(text)
    assert read_state(place.folder) == {}
    assert place.fault() is None


def test_without_a_folder_nothing_is_noted_and_packs_are_imported_all_the_same(place: Place) -> None:
    notes = PackNotes(None)
    with notes.opened([place.pack]):
        assert notes.descriptor is None
        notes.begin(place.pack)
        notes.end(place.pack, ("Blur",))
        assert notes.fault_of(place.pack) is None
