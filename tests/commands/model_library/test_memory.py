"""What is kept is there for the next process; a damaged file costs what it held and nothing else."""

from __future__ import annotations

import os
import sqlite3

import pytest

from commands.model_library.memory import Memory


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "models.sqlite3"


def test_what_is_kept_is_there_for_the_next_process_by_topic_and_key(path):
    memory = Memory(path)
    assert memory.recall("a", [b"1"]) == {}
    assert not path.parent.exists(), "to ask writes nothing"
    memory.keep("a", {b"1": "one", b"2": "two"})
    memory.keep("b", {b"1": "other"})
    memory.keep("a", {b"2": "zwei"})
    memory.close()
    again = Memory(path)
    assert again.recall("a", [b"1", b"2", b"3"]) == {b"1": "one", b"2": "zwei"}
    assert again.recall("b", [b"1", b"2"]) == {b"1": "other"}
    again.close()


def test_very_many_keys_are_asked_for_at_once(path):
    memory = Memory(path)
    facts = {str(number).encode(): str(number) for number in range(3_000)}
    memory.keep("a", facts)
    assert memory.recall("a", [*facts, b"x"]) == facts
    memory.close()


def test_it_is_bounded_and_what_was_found_out_first_goes_first(path):
    memory = Memory(path, most=10)
    for number in range(25):
        memory.keep("a", {str(number).encode(): ""})
    left = memory.recall("a", [str(number).encode() for number in range(25)])
    assert sorted(left) == sorted(str(number).encode() for number in range(15, 25))
    memory.close()


def test_topics_of_other_rules_are_forgotten(path):
    memory = Memory(path)
    for topic in ("rules 1", "rules 2", "hashes"):
        memory.keep(topic, {b"1": topic})
    memory.forget_like("rules ", but="rules 2")
    assert [memory.recall(topic, [b"1"]) for topic in ("rules 1", "rules 2", "hashes")] == [
        {}, {b"1": "rules 2"}, {b"1": "hashes"}
    ]  # fmt: skip
    memory.close()


def in_the_middle(path):
    """Damages a database behind its head."""
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (path.stat().st_size - 100))


def of_another_version(path):
    """Makes a database of a version that is not known."""
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE facts (something TEXT)")
        other.execute("PRAGMA user_version = 99")
    other.close()


@pytest.mark.parametrize(
    "damage", [lambda path: path.write_bytes(b"no database at all" * 100), in_the_middle, of_another_version],
    ids=["another file", "in the middle", "another version"],
)  # fmt: skip
def test_a_damaged_memory_is_thrown_away_and_made_anew(path, damage):
    memory = Memory(path)
    memory.keep("a", {str(number).encode(): "x" * 100 for number in range(500)})
    memory.close()
    damage(path)
    memory = Memory(path)
    assert memory.recall("a", [b"1"]) == {}
    memory.keep("a", {b"1": "one"})
    assert memory.recall("a", [b"1"]) == {b"1": "one"}
    memory.close()


def test_one_that_is_deleted_while_it_is_in_use_is_made_anew(path):
    memory = Memory(path)
    memory.keep("a", {b"1": "one"})
    path.unlink()
    assert memory.recall("a", [b"1"]) == {}
    memory.keep("a", {b"1": "two"})
    assert memory.recall("a", [b"1"]) == {b"1": "two"}
    memory.close()


@pytest.mark.skipif(os.name != "posix", reason="a file in the place of a folder")
def test_where_nothing_can_be_kept_everything_is_unknown_and_nothing_fails(tmp_path):
    (tmp_path / "data").write_text("a file in the place of the folder")
    memory = Memory(tmp_path / "data" / "models.sqlite3")
    memory.keep("a", {b"1": "one"})
    assert memory.recall("a", [b"1"]) == {}
    memory.close()


def test_two_processes_share_it(path):
    one, other = Memory(path), Memory(path)
    one.keep("a", {b"1": "one"})
    other.keep("a", {b"2": "two"})
    assert one.recall("a", [b"1", b"2"]) == other.recall("a", [b"1", b"2"]) == {b"1": "one", b"2": "two"}
    one.close()
    other.close()
