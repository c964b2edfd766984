"""Sentences about files, as parts of other sentences."""

from __future__ import annotations


def with_article(name: str) -> str:
    """Returns a name of a kind with 'a' or 'an' before it."""
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"


def in_a_list(sentence: str) -> str:
    """Returns a sentence as a part of another one."""
    first = sentence[:1].lower() if sentence[1:2].islower() or sentence[1:2] == " " else sentence[:1]
    return first + sentence[1:].rstrip(".")
