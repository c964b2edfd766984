"""Which texts and numbers are accepted from outside: one rule for files, requests, `--set` and the websocket.

- A text contains no lone surrogate: it cannot be written as UTF-8, so it can neither reach a model nor be displayed.
- Ids, names and titles, which appear in lists and terminals, contain no control characters but white space.
- Each kind of text has a maximum length, because titles and names appear in every message.
- A number is finite, because JSON has no other.

A document that breaks a rule can still be opened and saved; it does not run. File names have further rules in
`graph.files.name_rules`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from graph.base.errors import Problem
from graph.document.workflow import (
    INSIDE,
    INSTANCE,
    Node,
    Reference,
    Subworkflow,
    SubworkflowInput,
    SubworkflowOutput,
    Workflow,
)

MOST_IN_NAME, MOST_IN_TITLE, MOST_IN_DESCRIPTION, MOST_IN_TEXT = 500, 1_000, 100_000, 2**22
"""Characters in an id, a type or the name of an input; in a title; in a description or a note; in a value."""
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BOXES = frozenset({dict, list, tuple})
_LONGEST = {"title": MOST_IN_TITLE, "name": MOST_IN_NAME, "description": MOST_IN_DESCRIPTION}


class Unfit(NamedTuple):
    """Why a text or number is refused. `message` continues a sentence that begins with the name of the thing."""

    code: str
    message: str
    expected: str
    got: str
    remedy: str

    def problem(self, what: str, node: str = "", node_type: str = "", socket: str = "") -> Problem:
        """Return the problem of the thing called `what`."""
        message = f"{what} {self.message}"
        return Problem(self.code, message, node, node_type, socket, self.expected, self.got, self.remedy)


def unfit_text(text: str, most: int = MOST_IN_TEXT) -> Unfit | None:
    """Check a text that is a value."""
    if len(text) > most:
        length = f"{len(text):,} characters"
        return Unfit("too_long", f"has {length}", f"at most {most:,} characters", length, "shorten it")
    if text.isascii() or (found := _HALF.search(text)) is None:
        return None
    return _bad(text, found, "half of a character (a lone surrogate)", "delete that character")


def unfit_word(text: str, most: int = MOST_IN_NAME) -> Unfit | None:
    """Check a text that appears among others: an id, a name, a title."""
    if text.isprintable() and len(text) <= most:
        return None
    if found := unfit_text(text, most):
        return found
    control = _CONTROL.search(text)
    return _bad(text, control, "a control character", "delete it; tabs and line breaks are taken") if control else None


def unfit_number(number: float) -> Unfit | None:
    """Check a number."""
    if math.isfinite(number):
        return None
    message = f"is {number}, which is not a number that can be used"
    return Unfit(
        "not_finite", message, "a finite number", str(number), "write a finite number; 1e308 is one, 1e309 not"
    )


def unfit(value: Any, most: int = MOST_IN_TEXT) -> Unfit | None:
    """Check all texts and numbers in some JSON; return the first refusal."""
    pending: list[tuple[Any, int]] = [([value], most)]
    while pending:
        box, longest = pending.pop()
        if type(box) is dict:
            if found := next(filter(None, map(unfit_word, box)), None):
                return found
            parts: Any = box.items()
        else:
            parts = (("", part) for part in box)
        for key, part in parts:
            kind = type(part)
            if kind is str:
                found = unfit_text(part, min(longest, _LONGEST.get(key, longest)))
            elif kind is float:
                found = unfit_number(part)
            elif kind in _BOXES:  # other values are skipped: there may be very many
                pending.append((part, min(longest, _LONGEST.get(key, longest))))
                continue
            else:
                continue
            if found is not None:
                return found
    return None


def unfit_words(workflow: Workflow) -> list[Problem]:
    """Return the problems of all texts and numbers in a document."""
    problems = [*_of_part(workflow, "")]
    for name, value in (("app", workflow.app), ("packs", workflow.packs), ("models", workflow.models)):
        if value and (found := unfit(value)):
            problems.append(found.problem(f"a value in {name!r}"))
    for name, inner in workflow.subworkflows.items():
        where = INSTANCE + name
        problems += _of_part(inner, where)
        ends: list[SubworkflowInput | SubworkflowOutput] = [*inner.inputs, *inner.outputs]
        if found := unfit_word(name) or unfit([(end.name, end.title, end.extra) for end in ends], MOST_IN_TITLE):
            problems.append(found.problem("a name of the sub-workflow", shown(where)))
    return problems


def _of_part(part: Workflow | Subworkflow, where: str) -> Iterator[Problem]:
    if part.title and (found := unfit_word(part.title, MOST_IN_TITLE)):
        yield found.problem("the title", where)
    if part.description and (found := unfit_text(part.description, MOST_IN_DESCRIPTION)):
        yield found.problem("the description", where)
    for name, boxes in (("group", part.groups), ("note", part.notes)):
        if boxes and (found := unfit(boxes, MOST_IN_DESCRIPTION)):
            yield found.problem(f"a {name}", where)
    if part.extra and (found := unfit(part.extra)):
        yield found.problem("a value", where)
    inside = where + INSIDE if where else ""
    if not _are_words(part.nodes):
        for node_id, node in part.nodes.items():
            yield from _of_names(node_id, node, inside)
    for node_id, node in part.nodes.items():
        yield from _of_values(node, inside + node_id)


def _are_words(nodes: Mapping[str, Node]) -> bool:
    """Return whether all ids, types and socket names are accepted; each distinct one is checked once."""
    words = set(nodes)
    for node in nodes.values():
        words.add(node.type)
        words.update(node.inputs)
        for value in node.inputs.values():
            if type(value) is Reference:
                words.add(value.node)
                words.add(value.output)
    return not any(map(unfit_word, words))


def _of_names(node_id: str, node: Node, inside: str) -> Iterator[Problem]:
    if found := unfit_word(node_id):
        yield found.problem("the id of a node", inside + shown(node_id))
        return
    where = inside + node_id
    if found := unfit_word(node.type):
        yield found.problem("the type of the node", where)
    for name, value in node.inputs.items():
        if found := unfit_word(name):
            yield found.problem("the name of an input", where, node.type, shown(name))
        if type(value) is Reference and (found := unfit_word(value.node) or unfit_word(value.output)):
            yield found.problem("the source", where, node.type, name)


def _of_values(node: Node, where: str) -> Iterator[Problem]:
    if node.title and (found := unfit_word(node.title, MOST_IN_TITLE)):
        yield found.problem("the title of the node", where, node.type)
    if (node.seeds and (found := unfit(node.seeds))) or (node.extra and (found := unfit(node.extra))):
        yield found.problem("a value of the node", where, node.type)
    for name, value in node.inputs.items():
        kind = type(value)
        if kind is str:
            found = unfit_text(value)
        elif kind is float:
            found = unfit_number(value)
        elif kind is list or kind is dict:
            found = unfit(value)
        else:
            continue
        if found is not None:
            yield found.problem("the value", where, node.type, name)


def _bad(text: str, found: re.Match[str], what: str, remedy: str) -> Unfit:
    at = found.start()
    message = f"holds {what}, U+{ord(found[0]):04X}, at place {at + 1:,}"
    return Unfit("bad_text", message, "plain text", shown(text[max(0, at - 20) : at + 20]), remedy)


def shown(text: str, most: int = 60) -> str:
    """Return a short quoted text without characters that cannot be displayed."""
    start, more = text[:most], "..." if len(text) > most else ""
    return (ascii(start) if _HALF.search(start) else repr(start)) + more
