"""What flows along an edge: socket types, which of them fit each other, and the check of a value at the door.

A socket type is compared by name, as everywhere in this field: `IMAGE` fits `IMAGE`, `*` fits everything, and an
input may name types that it converts (an INT enters a FLOAT). Whether two sockets fit is answered with a reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

Convert = Callable[[object], object]
Check = Callable[[object], str]
"""Returns '' for a value that fits, else a few words on what was found instead ('a list of 3 items')."""


class ValueRefusedError(ValueError):
    """A value does not fit the socket that it was given to."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


@dataclass(frozen=True, slots=True, eq=False)  # `typing` would hand out one of two equal ones for both in `Annotated`
class SocketType:
    """The type of an input or output.

    `name` is what edges are compared by; a union is written `"INT,FLOAT"` and has its `members`. `check` looks at a
    value, `describe` says in words what it wants, and `converts` maps the name of another type to the function that
    turns its values into ours. All sockets of a node with the same `generic` name carry one type: the type that flows
    in.
    """

    name: str
    check: Check | None = None
    describe: str = ""
    converts: Mapping[str, Convert] = field(default_factory=dict)
    generic: str = ""
    members: tuple[SocketType, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The members of a union; a plain type is a union of one."""
        return tuple(self.name.split(","))

    def enforce(self, value: object) -> object:
        """Return `value` if it fits, else raise `ValueRefusedError`."""
        if self.check is not None:
            found = self.check(value)
            if found:
                raise ValueRefusedError(self.describe or self.name, found)
        return value


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer to 'may this output feed that input?': yes, perhaps through `convert`, or no because of `reason`.

    `reason` and `remedy` are for people; what follows from the answer is in the other fields.
    """

    ok: bool
    reason: str = ""
    convert: Convert | None = None
    remedy: str = ""
    code: str = ""
    """Of a refusal: `wrong_type`, or `list_for_one`."""
    converts: tuple[str, ...] = ()
    """The types of the output that are converted on the way."""
    stream: str = ""
    """What becomes of a stream: the input takes `each` item by itself, or `collects` them."""


FITS = Fit(True)


def can_connect(output: SocketType, target: SocketType) -> Fit:
    """Say whether `output` may feed the input type `target`, and if not, why.

    Of a union it is enough when one member fits, because nobody knows beforehand which of them comes. Its members that
    do not fit are converted where that can be; which one it is that came is seen by their checks.
    """
    if output.name == target.name or "*" in (output.name, target.name):
        return FITS
    offered, wanted = output.names, target.names
    converted = tuple(name for name in offered if name not in wanted and name in target.converts)
    if converted:
        convert = target.converts[offered[0]] if len(offered) == 1 else partial(_convert_member, output, target)
        reason = f"{' or '.join(converted)} is converted to {in_words(target)}"
        return Fit(True, reason, convert, converts=converted)
    if set(offered) & set(wanted):
        return FITS
    return Fit(False, f"{in_words(output)} does not fit {in_words(target)}", code="wrong_type")


def in_words(socket: SocketType) -> str:
    """The name of a type as a person reads it."""
    return "anything" if socket.name == "*" else " or ".join(socket.names)


def _convert_member(output: SocketType, target: SocketType, value: object) -> object:
    """A value of a union as `target` wants it: converted if it is of a member that does not fit but can be converted.

    Members without a check are those of which nobody can tell: they count as fitting if one of them fits.
    """
    checks = {member.name: member.check for member in output.members}
    name = next((name for name, check in checks.items() if check is not None and not check(value)), "")
    if not name:
        unknown = [each for each in output.names if checks.get(each) is None]
        name = "" if set(unknown) & set(target.names) else next(iter(unknown), "")
    if name in target.names or name not in target.converts:
        return value  # the check of the input says what is wrong with it, if anything is
    return target.converts[name](value)


def describe_value(value: object) -> str:
    """Name a value in a few words for an error message; never long, never raising."""
    if value is None:
        return "nothing"
    if isinstance(value, bool | int | float):
        return describe_number(value) if _is_huge(value) else f"{type(value).__name__} {value!r}"
    if isinstance(value, str):
        return f"text {value[:40]!r}" + ("..." if len(value) > 40 else "")
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"a {type(value).__name__} of shape {tuple(shape)}"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {len(value)} items"
    return f"a {type(value).__name__}"


def describe_number(value: float) -> str:
    """A number as text; a huge one by its number of digits, because Python refuses to write more than 4300."""
    if _is_huge(value):
        return f"a number of about {int(int(value).bit_length() * math.log10(2)) + 1} digits"
    return repr(value)


def _is_huge(value: float) -> bool:
    return isinstance(value, int) and value.bit_length() > 80


def _is_int(value: object) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) else describe_value(value)


def _is_float(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return describe_value(value)
    return "" if math.isfinite(value) else f"{value!r}"


def _is_str(value: object) -> str:
    return "" if isinstance(value, str) else describe_value(value)


def _is_bool(value: object) -> str:
    return "" if isinstance(value, bool) else describe_value(value)


def _to_float(value: object) -> object:
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return value  # too large for a float: the check of the input says so, and knows the input's name


def _unchanged(value: object) -> object:
    return value


INT = SocketType("INT", _is_int, "a whole number")
FLOAT = SocketType("FLOAT", _is_float, "a finite number", {"INT": _to_float})
STRING = SocketType("STRING", _is_str, "text", {"COMBO": _unchanged})
BOOLEAN = SocketType("BOOLEAN", _is_bool, "true or false")
COMBO = SocketType("COMBO", None, "one of its choices", {"STRING": _unchanged})
ANY = SocketType("*", None, "anything")


def generic(name: str) -> SocketType:
    """Any type, but the same for all sockets of a node with this name."""
    return SocketType("*", None, "anything", {}, name)


def union(members: tuple[SocketType, ...]) -> SocketType:
    """A type that takes what any member takes; conversions of all members apply, of two for one type the first."""
    members = tuple(part for member in members for part in member.members or (member,))

    def check(value: object) -> str:
        found = ""
        for member in members:
            found = member.check(value) if member.check else ""
            if not found:
                return ""
        return found

    converts = {name: fn for member in reversed(members) for name, fn in member.converts.items()}
    names = ",".join(dict.fromkeys(name for member in members for name in member.names))
    describe = " or ".join(member.describe or member.name for member in members)
    return SocketType("*" if "*" in names.split(",") else names, check, describe, converts, members=members)
