"""The calls of earlier runs, to explain why a node ran: a call is compared with the nearest earlier one.

The nearest call is the last one of the same node, if it is known; else, among calls of the same type, the one with the
most equal inputs. A call whose inputs all occurred before ran because its result was *forgotten*. The history holds no
values: an input is a digest and a short text. It keeps at most `max_calls` calls, the last ones; a lookup takes a few
steps per input, whatever their number.

Calls are compared with those of earlier runs only: in a workflow that never ran, two prompts are both new, and neither
is a change of the other. The calls of a run are indexed when a later run first asks, not during the run.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graph.node_types.digests import digest, encode

_LONGEST = 80
"""The most characters shown of a text that stands for an input."""
_KEPT = 500
"""The most characters stored of it, so that late differences in long prompts can be shown."""
_LISTED = 3
"""The most inputs that a message names."""
_UNKNOWN = b"?"

ALSO_CODE = "; so did the code or the version of the node"


class Part(NamedTuple):
    """One input of a call: a digest of its value, a text to show, and the node that feeds it, if any."""

    fingerprint: bytes
    text: str
    source: str = ""


def literal_part(value: object) -> Part:
    """Return the part of an input that is set in the workflow."""
    try:
        fingerprint = encode(value)
    except TypeError:
        fingerprint = _UNKNOWN
    is_huge = isinstance(value, int) and value.bit_length() > 8 * _LONGEST  # Python writes no decimal of 4300 digits
    text = value if isinstance(value, str) else hex(value) if is_huge else repr(value)  # type: ignore[arg-type]
    return Part(fingerprint, text if len(text) <= _KEPT else text[: _KEPT - 3] + "...")


class InputChange(NamedTuple):
    """An input that differs from the nearest call. A value that was absent, then or now, is empty."""

    name: str
    was: str
    now: str
    source: str = ""

    def __str__(self) -> str:
        if self.source:
            return f"{self.name} (from node {self.source})"
        was, now = _in_a_line(self.was), _in_a_line(self.now)
        return f"{self.name} ({was} -> {now})" if was != now else f"{self.name} ({now}, which only looks the same)"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a node ran. `code` is new, changed, code, forgotten, not_reusable or checked."""

    code: str
    message: str
    inputs: tuple[InputChange, ...] = ()
    also_code: bool = False
    """Whether the code or the version of the node changed besides the inputs."""

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON, with inputs only if there are any."""
        data: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.inputs:
            data["inputs"] = [
                {"name": item.name, "was": item.was, "now": item.now, "source": item.source} for item in self.inputs
            ]
        return data


NEW = Reason("new", "no such node ran before")
CODE = Reason("code", "the code or the version of the node changed")
FORGOTTEN = Reason("forgotten", "it ran with the same inputs before, but its result is no longer kept")
CHECKED = Reason("checked", "it ran again to check the cached result")


def changed(changes: Sequence[InputChange], *, also_code: bool = False) -> Reason:
    """Return the reason that some inputs differ."""
    names = ", ".join([str(item) for item in changes[:_LISTED]])
    if len(changes) > _LISTED:
        names += f" and {len(changes) - _LISTED} more"
    also = ALSO_CODE if also_code else ""
    return Reason("changed", f"changed: {names}{also}", tuple(changes), also_code)


def not_reusable(why: str) -> Reason:
    """Return the reason that the result of a call can never be reused; `why` names the input or trait."""
    return Reason("not_reusable", why)


class RememberedCall(NamedTuple):
    """A call with the digests of its inputs."""

    type_id: str
    node_id: str
    recipe: bytes
    parts: Mapping[str, Part]


class History:
    """The calls of earlier runs. Safe from any thread."""

    def __init__(self, calls: Iterable[RememberedCall] = (), *, max_calls: int = 20_000) -> None:
        self._max = max_calls
        self._lock = threading.Lock()
        self._calls: OrderedDict[object, RememberedCall] = OrderedDict()
        """Calls by signature, the last one at the end."""
        self._of_node: OrderedDict[tuple[str, str], RememberedCall] = OrderedDict()
        self._with_input: dict[tuple[str, str, bytes], RememberedCall] = {}
        self._of_type: dict[str, RememberedCall] = {}
        self._recent: deque[RememberedCall] = deque(maxlen=max_calls)
        """Calls of the active runs."""
        self._due: deque[RememberedCall] = deque(maxlen=max_calls)
        """Calls of earlier runs that are not indexed yet."""
        self._unsaved: deque[RememberedCall] = deque(maxlen=max_calls)
        for call in calls:
            self._add(call)

    @property
    def lookup_sizes(self) -> tuple[int, int]:
        """The number of entries by node, and by input: what bounds the memory of the lookups."""
        return len(self._of_node), len(self._with_input)

    def __len__(self) -> int:
        """How many calls there are to compare with."""
        with self._lock:
            self._put_in_order()
            return len(self._calls)

    def begin(self) -> None:
        """Note that a run begins: the calls so far belong to earlier runs."""
        with self._lock:
            self._due.extend(self._recent)
            self._recent.clear()

    def remember(self, type_id: str, node_id: str, recipe: bytes, parts: Mapping[str, Part]) -> None:
        """Record a call."""
        call = RememberedCall(type_id, node_id, recipe, parts)
        with self._lock:
            self._recent.append(call)
            self._unsaved.append(call)

    def take_unsaved(self) -> list[RememberedCall]:
        """Return the calls since the last request, for storage."""
        with self._lock:
            found = list(self._unsaved)
            self._unsaved.clear()
            return found

    def reason(self, type_id: str, node_id: str, recipe: bytes, parts: Mapping[str, Part]) -> Reason:
        """Return why a call without a stored result has to run."""
        with self._lock:
            self._put_in_order()
            if type_id not in self._of_type:
                return NEW
            if _signature(type_id, recipe, parts) in self._calls:
                return FORGOTTEN
            nearest = self._of_node.get((type_id, node_id)) or self._nearest(type_id, parts)
        if nearest is None:
            return NEW
        changes = _changes(nearest.parts, parts)
        if not changes:
            return CODE
        return changed(changes, also_code=nearest.recipe != recipe)

    def _put_in_order(self) -> None:
        while self._due:
            self._add(self._due.popleft())

    def _nearest(self, type_id: str, parts: Mapping[str, Part]) -> RememberedCall | None:
        """Return the call with the most equal inputs, among the last calls with each input."""
        best: RememberedCall | None = None
        most = 0
        for name, part in parts.items():
            call = self._with_input.get((type_id, name, part[0]))
            if call is not None and call is not best:
                equal = sum([name in parts and parts[name][0] == other[0] for name, other in call.parts.items()])
                if equal > most:
                    best, most = call, equal
                    if most == len(parts) - 1:  # another call with this many would have been found already
                        break
        return best or self._of_type.get(type_id)

    def _add(self, call: RememberedCall) -> None:
        type_id, node_id, recipe, parts = call
        signature = _signature(type_id, recipe, parts)
        self._calls[signature] = call
        self._calls.move_to_end(signature)
        place = type_id, node_id
        self._of_node[place] = call
        self._of_node.move_to_end(place)
        self._of_type[type_id] = call
        for name, part in parts.items():
            self._with_input[type_id, name, part[0]] = call
        if len(self._calls) > self._max:
            self._forget(self._calls.popitem(last=False)[1])
        if len(self._of_node) > self._max:  # many nodes may make the same call
            self._of_node.popitem(last=False)

    def _forget(self, call: RememberedCall) -> None:
        _remove(self._of_node, (call.type_id, call.node_id), call)
        _remove(self._of_type, call.type_id, call)
        for name, part in call.parts.items():
            _remove(self._with_input, (call.type_id, name, part.fingerprint), call)


def _signature(type_id: str, recipe: bytes, parts: Mapping[str, Part]) -> object:
    return type_id, recipe, *parts, *[part[0] for part in parts.values()]


def _remove(table: dict[Any, RememberedCall], key: object, call: RememberedCall) -> None:
    if table.get(key) is call:
        del table[key]


def _changes(was: Mapping[str, Part], now: Mapping[str, Part]) -> tuple[InputChange, ...]:
    changes = []
    for name, after in now.items():
        before = was.get(name)
        if before is None:
            changes.append(InputChange(name, "", _cut(after[1]), after[2]))
        elif before[0] != after[0]:
            changes.append(InputChange(name, *_where_they_differ(before[1], after[1]), after[2]))
    changes += [InputChange(name, _cut(before[1]), "") for name, before in was.items() if name not in now]
    return tuple(changes)


def _where_they_differ(was: str, now: str) -> tuple[str, str]:
    """Return two texts, each cut to a part around the first difference."""
    if len(was) <= _LONGEST and len(now) <= _LONGEST:
        return was, now
    pairs = enumerate(zip(was, now, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(len(was), len(now)))
    start = same - _LONGEST // 2 if same > _LONGEST - 10 else 0
    return _cut(was, start), _cut(now, start)


def _cut(text: str, start: int = 0) -> str:
    begun = text[start:] if start == 0 else "..." + text[start:]
    return begun if len(begun) <= _LONGEST else begun[: _LONGEST - 3] + "..."


def _in_a_line(text: str) -> str:
    return " ".join(text.split()) or ("nothing" if not text else "blank")


def call_to_json(call: RememberedCall) -> tuple[bytes, str]:
    """Return a call as JSON, with a digest that identifies it."""
    parts = [[name, part.fingerprint.hex(), part.text, part.source] for name, part in call.parts.items()]
    text = json.dumps([call.type_id, call.node_id, call.recipe.hex(), parts])
    return digest(text.encode()), text


def calls_from_json(texts: Iterable[str]) -> Iterator[RememberedCall]:
    """Read stored calls; unreadable ones are skipped."""
    for text in texts:
        try:
            type_id, node_id, recipe, parts = json.loads(text)
            found = {
                name: Part(bytes.fromhex(fingerprint), str(text), str(source))
                for name, fingerprint, text, source in parts
            }
            yield RememberedCall(str(type_id), str(node_id), bytes.fromhex(recipe), found)
        except (ValueError, TypeError):
            continue
