"""The page for contributors: its errands are short, and speak of files that are there; its words are few."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ERRANDS = re.findall(r"^\*\*([^*]+)\.\*\* ", TEXT, re.MULTILINE)
PATHS = sorted({name for name in re.findall(r"`((?:\w+/)+[\w.]*)`", TEXT) if "." in name or name.endswith("/")})


def test_every_folder_and_file_that_it_names_is_there() -> None:
    assert len(PATHS) > 20
    assert [name for name in PATHS if not (ROOT / name).exists()] == []


def test_the_seven_errands_take_three_lines_each() -> None:
    assert ERRANDS == [
        "A sampler", "A node", "An eviction policy", "An API route", "A widget", "A socket type", "A model family"
    ]  # fmt: skip
    part = TEXT[TEXT.index("## Seven errands") : TEXT.index("## Words")]
    lengths = [len(paragraph.splitlines()) for paragraph in part.split("\n\n") if paragraph.startswith("**")]
    assert lengths == [3] * 7


def test_the_glossary_has_at_most_thirty_words() -> None:
    part = TEXT[TEXT.index("## Words") :]
    words = [word for row in re.findall(r"^\| ([^|]+) \|", part, re.MULTILINE)[1:] for word in row.split(", ")]
    assert 0 < len([word for word in words if word != "---"]) <= 30
