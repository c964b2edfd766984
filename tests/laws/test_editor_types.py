"""The editor's types are those of the server: the file that is committed is what would be written now."""

from tools.typescript_types import PLACE, current


def test_the_types_of_the_editor_are_current() -> None:
    assert PLACE.read_text(encoding="utf-8") == current(), "write it anew with 'make types'"
