"""Checks of the names of files that nodes will write: their words, and the folders that they go to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from graph.base.errors import Problem
from graph.base.suggestions import closest
from graph.building import problems as problems
from graph.building.calls import Call, Graph
from graph.building.problems import NodeLocation
from graph.building.stream_groups import find_stream_groups
from graph.document.workflow import Node
from graph.files.folders import FileNameError, Files
from graph.files.name_patterns import TIME_WORDS, Word, check, folder_of, parse
from graph.node_types.node_type import Input
from graph.node_types.value_checks import Refusal, admit
from graph.subworkflows.name_words import WordResolver, own_words

_MOST_MEANT = 50


class NameChecks:
    """Checks the file names of a graph. Each folder is checked once."""

    def __init__(self, around: WordResolver, files: Files) -> None:
        self._around = around
        self._files = files
        self._meant: dict[str, str] = {}
        """Unknown word -> the most similar known one; for the first `_MOST_MEANT` of them."""
        self._refusals: dict[tuple[str, PurePosixPath], FileNameError | None] = {}

    def words(self, call: Call, node: Node, at: NodeLocation) -> tuple[dict[str, Input], list[Problem]]:
        """Return the words in a call's file names, each with the input that contains it, and the problems."""
        means: dict[str, Input] = {}
        found: list[Problem] = []
        for item in call.type.named:
            pattern = self._pattern(call, item)
            if pattern is None:
                continue
            refusal = admit(item, pattern, self._files) if item.name in call.edges else None
            if isinstance(refusal, Refusal):  # the name was written in a node that passes it on
                found.append(problems.refused(at, item, refusal))
            own = own_words(item)
            known = {*own, *(name[1:-1] for name in node.inputs if name.startswith("%"))}
            for part in parse(pattern, known.__contains__):
                if isinstance(part, Word) and not part.known:
                    found.append(problems.unknown_word(at, item, str(part), self._closest(part.text, own)))
                elif isinstance(part, Word) and str(part) in node.inputs:
                    means[str(part)] = item
        return means, found

    def folder(self, call: Call, at: NodeLocation) -> list[Problem]:
        """Return the problems of folders that a call could not write to."""
        places = [
            folder_of(pattern, own_words(item))
            for item in call.type.named
            if (pattern := self._pattern(call, item)) is not None and check(pattern, own_words(item)) is None
        ]
        refused = {place: refusal for place in places or [PurePosixPath()] if (refusal := self._look(call, place))}
        return [problems.cannot_write(at, call.type, refusal, place) for place, refusal in refused.items()]

    def _closest(self, word: str, own: Iterable[str]) -> str:
        """Return the known word that is most similar to an unknown one, of the same node if possible; '' if none is."""
        if word not in self._meant and len(self._meant) < _MOST_MEANT:
            known = [*own, *TIME_WORDS, *self._around.words()]
            node = word.rpartition(".")[0]
            alike = [each for each in known if each.rpartition(".")[0] == node] if node else known
            date = "date:yyyy-MM-dd" if word.lower().startswith("date") else ""
            self._meant[word] = date or closest(word, alike) or closest(word, known)
        return self._meant.get(word, "")

    def _look(self, call: Call, place: PurePosixPath) -> FileNameError | None:
        where = call.type.writes, place
        if where not in self._refusals:
            self._refusals[where] = self._files.refusal_to_write(*where)
        return self._refusals[where]

    def _pattern(self, call: Call, item: Input) -> str | None:
        """Return the beginning of a file name; None where only the run computes it."""
        pattern = self._around.value((call.id, item.name))
        return pattern if isinstance(pattern, str) else None


def without_value(problem: Problem, word: str, item: Input) -> Problem:
    """Return the problem of the input that a word means as a problem of the file name."""
    return replace(problem, socket=item.name, message=f"the word {word} stands for nothing: {problem.message}")


def items_in_names(graph: Graph) -> list[Problem]:
    """Return problems of words whose value differs for each stream item, in nodes that run once for all items."""
    wired = [(call, name) for call in graph.calls.values() for name in call.type.words if name in call.edges]
    if not wired or not any(call.type.streams for call in graph.calls.values()):
        return []
    whole = {call.id: call.edges for call, _ in wired}
    for call, _ in wired:
        call.edges = {name: edge for name, edge in call.edges.items() if name not in call.type.words}
    scopes = find_stream_groups(graph)
    problems = []
    for call, name in wired:
        call.edges = whole[call.id]
        around, group = scopes.of.get(call.id), scopes.stream_of(call.edges[name].node)
        while around is not None and around is not group:
            around = around.parent
        if group is not None and around is None:
            message = f"the word {name} stands for another value with each item, and the node runs once for all of them"
            remedy = "leave the word out, or save each item where it is made"
            socket = call.type.named[0].name
            problems.append(Problem("items_in_name", message, call.id, call.type.id, socket, remedy=remedy))
    return problems
