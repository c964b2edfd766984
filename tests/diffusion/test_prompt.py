r"""Weights in prompts: a table of cases, and what holds for any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.prompt import Piece, embedding_names, parse, split_breaks, split_embeddings

CASES = {
    "": [],
    "a cat": [("a cat", 1.0)],
    "(cat)": [("cat", 1.1)],
    "((cat))": [("cat", 1.21)],
    "(cat:1.3)": [("cat", 1.3)],
    "(cat: 1.3 )": [("cat", 1.3)],
    "(cat:-0.5)": [("cat", -0.5)],
    "(cat:0)": [("cat", 0.0)],
    "((cat:1.3))": [("cat", 1.3)],
    "((cat:1.3) dog)": [("cat", 1.3), (" dog", 1.1)],
    "((cat) dog:2)": [("cat", 2.2), (" dog", 2.0)],
    "((cat):2)": [("cat", 2.2)],
    "a (red:1.2) cat": [("a ", 1.0), ("red", 1.2), (" cat", 1.0)],
    "(a:b:1.5)": [("a:b", 1.5)],
    "(cat:dog)": [("cat:dog", 1.1)],
    "(cat:)": [("cat:", 1.1)],
    "(:1.3)": [(":1.3", 1.1)],
    "(cat:nan)": [("cat:nan", 1.1)],
    "(cat:inf)": [("cat:inf", 1.1)],
    "[cat]": [("[cat]", 1.0)],
    r"\(cat\)": [("(cat)", 1.0)],
    r"(cat \(animal\):1.3)": [("cat (animal)", 1.3)],
    r"a\b": [(r"a\b", 1.0)],
    "a)": [("a)", 1.0)],
    "(a": [("(a", 1.0)],
    "a) (b)": [("a) ", 1.0), ("b", 1.1)],
    "(a (b)": [("(a ", 1.0), ("b", 1.1)],
    "()": [],
    "time 12:30": [("time 12:30", 1.0)],
}


@pytest.mark.parametrize("text", CASES)
def test_weights_of(text: str) -> None:
    pieces = parse(text)
    assert [piece.text for piece in pieces] == [text for text, _ in CASES[text]]
    assert [piece.weight for piece in pieces] == pytest.approx([weight for _, weight in CASES[text]])


@given(st.text(alphabet="ab :1.()\\,", max_size=40))
def test_any_text_is_parsed_and_keeps_its_letters(text: str) -> None:
    pieces = parse(text)
    assert all(piece.text for piece in pieces)
    assert re.sub("[^ab]", "", "".join(piece.text for piece in pieces)) == re.sub("[^ab]", "", text)


@given(st.text(alphabet="ab :1.,", max_size=40))
def test_text_without_parentheses_is_one_piece(text: str) -> None:
    assert parse(text) == ([(text, 1.0)] if text else [])


def test_nesting_has_no_limit() -> None:
    depth = 5_000
    (piece,) = parse("(" * depth + "cat:0.9" + ")" * depth)
    assert piece == ("cat", 0.9)


def test_break_is_a_word_in_capitals() -> None:
    assert split_breaks("a cat BREAK a dog") == ["a cat", "a dog"]
    assert split_breaks("break BREAKFAST") == ["break BREAKFAST"]


@pytest.mark.parametrize("text", ["(", ")", "\\", "\\(", "(a", "()", "(a:1.1)", "(a", "((a:2) "])
@pytest.mark.long
def test_reading_a_million_letters_takes_one_pass(text: str) -> None:
    """A pass for each bracket would not end within the hour."""
    count = 1_000_000 // len(text)
    pieces = parse(text * count)
    assert sum(len(piece.text) for piece in pieces) <= len(text) * count


def test_a_million_blanks_are_looked_at_once() -> None:
    blanks = " " * 1_000_000
    assert split_breaks(f"a{blanks}b") == [f"a{blanks}b"]
    assert split_breaks(f"a{blanks}BREAK{blanks}b") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a embedding:cat in snow", ["cat"]),
        ("embedding:cat", ["cat"]),
        ("embedding:cat, red", ["cat"]),
        ("embedding:cat. Red", ["cat."]),
        ("(embedding:cat:1.2)", ["cat"]),
        ("(a embedding:cat:1.2)", ["cat"]),
        ("((embedding:cat))", ["cat"]),
        ("embedding:styles/old-film_2 embedding:styles/old-film_2", ["styles/old-film_2"]),
        ("(embedding:5)", ["5"]),
        ("(embedding:5:0.8)", ["5"]),
        ("embedding:a BREAK embedding:b", ["a", "b"]),
        ("embedding: cat, myembedding:cat, Embedding:cat", []),
        ("embedding:", []),
    ],
)
def test_names_of_embeddings(text, names):
    assert embedding_names(text) == names


def test_a_weight_behind_a_name_is_that_of_its_group():
    assert parse("(embedding:cat:1.2)") == [Piece("embedding:cat", 1.2)]
    assert parse("(embedding:5)") == [Piece("embedding:5", 1.1)]
    assert split_embeddings("a embedding:cat, b") == ["a ", "cat", ", b"]
