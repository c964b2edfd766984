"""Socket types: which fit each other, how values are checked and converted.

Socket types are compared by name, as everywhere in this field: `IMAGE` fits `IMAGE`, `*` fits everything, and an input
may name types that it converts (an INT becomes a FLOAT). A refusal gives the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

Convert = Callable[[object], object]
Check = Callable[[object], str]
"""Returns '' for a value that fits, else a short description of the value ('a list of 3 items')."""


class ValueRefusedError(ValueError):
    """A value does not fit its socket."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


@dataclass(frozen=True, slots=True, eq=False)  # `typing` would unify equal ones in `Annotated`
class SocketType:
    """The type of an input or output.

    Edges compare `name`; a union is named `"INT,FLOAT"` and has its `members`. `check` tests a value, `describe`
    describes the values that fit, and `converts` maps the names of other types to functions that convert their values.
    All sockets of a node with the same `generic` name carry the same type, that of the connected input.
    """

    name: str
    check: Check | None = None
    describe: str = ""
    converts: Mapping[str, Convert] = field(default_factory=dict)
    generic: str = ""
    members: tuple[SocketType, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the members of a union; a plain type is a union of one."""
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
    """Return whether `output` may feed the input type `target`; if not, why.

    A union fits when one member fits, because it is not known beforehand which member a value has. Members that do not
    fit are converted where possible; their checks recognize the values.
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
    """Return the name of a type for a person."""
    return "anything" if socket.name == "*" else " or ".join(socket.names)


def _convert_member(output: SocketType, target: SocketType, value: object) -> object:
    """Convert a value of a union for `target`, if its member does not fit and can be converted.

    Members without a check cannot be recognized: they count as fitting if one of them fits.
    """
    checks = {member.name: member.check for member in output.members}
    name = next((name for name, check in checks.items() if check is not None and not check(value)), "")
    if not name:
        unknown = [each for each in output.names if checks.get(each) is None]
        name = "" if set(unknown) & set(target.names) else next(iter(unknown), "")
    if name in target.names or name not in target.converts:
        return value  # if it does not fit, the check of the input says so
    return target.converts[name](value)


def describe_value(value: object) -> str:
    """Describe a value in a few words for an error message. Never long, never raises."""
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
    """Return a number as text; a huge one by its number of digits, because Python writes at most 4300."""
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
        return value  # too large for a float; the check of the input reports it with the input's name


def _unchanged(value: object) -> object:
    return value


INT = SocketType("INT", _is_int, "a whole number")
FLOAT = SocketType("FLOAT", _is_float, "a finite number", {"INT": _to_float})
STRING = SocketType("STRING", _is_str, "text", {"COMBO": _unchanged})
BOOLEAN = SocketType("BOOLEAN", _is_bool, "true or false")
COMBO = SocketType("COMBO", None, "one of its choices", {"STRING": _unchanged})
ANY = SocketType("*", None, "anything")


def generic(name: str) -> SocketType:
    """Return the socket type of a type variable."""
    return SocketType("*", None, "anything", {}, name)


def union(members: tuple[SocketType, ...]) -> SocketType:
    """Return a type that accepts what any member accepts. Of several conversions of one type the first applies."""
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
