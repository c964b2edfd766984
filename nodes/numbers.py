"""Nodes that work with numbers: compare two of them, calculate a third, read the size of a picture.

With these, a loop can end by a condition, and a size can follow from another.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

from graph.api import NodeError, Number, node
from nodes.types import Image

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "a < b": operator.lt,
    "a <= b": operator.le,
    "a = b": operator.eq,
    "a >= b": operator.ge,
    "a > b": operator.gt,
    "a is not b": operator.ne,
}
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "a + b": operator.add,
    "a - b": operator.sub,
    "a x b": operator.mul,
    "a / b": operator.truediv,
    "remainder of a / b": operator.mod,
    "a to the power of b": math.pow,
    "the smaller one": min,
    "the larger one": max,
}


class Calculated(NamedTuple):
    """A number, and the nearest whole number."""

    FLOAT: Annotated[float, "The result as it is"]
    INT: Annotated[int, "The nearest whole number; halves go up"]


class Size(NamedTuple):
    """How large pictures are, and how many there are."""

    width: Annotated[int, "Pixels from left to right"]
    height: Annotated[int, "Pixels from top to bottom"]
    batch_size: Annotated[int, "How many pictures there are"]


@node("Compare", title="Compare Numbers", category="primitive", aliases=("less", "greater", "equal", "condition", "if"))
def compare(
    *,
    a: Annotated[float, Number(step=1), "The one number"] = 0.0,
    comparison: Annotated[
        Literal["a < b", "a <= b", "a = b", "a >= b", "a > b", "a is not b"], "What is asked about the two"
    ] = "a < b",
    b: Annotated[float, Number(step=1), "The other number"] = 0.0,
) -> bool:
    """Say whether one number is less than another, equal, or more.

    The answer is a switch, on or off: connect it to the condition of *If*, or to *go_on* of a sub-workflow that *While*
    runs. Ask "a < b" rather than "a = b" of numbers with decimals, since 0.1 + 0.2 is not exactly 0.3. Whole numbers
    are exact up to 9,007,199,254,740,992 (2 to the power of 53).
    """
    return _COMPARISONS[comparison](_finite(a, "a"), _finite(b, "b"))


@node("Calculate", title="Calculate", category="primitive", aliases=("math", "add", "multiply", "divide", "plus"))
def calculate(
    *,
    a: Annotated[float, Number(step=1), "The one number"] = 0.0,
    operation: Annotated[
        Literal[
            "a + b", "a - b", "a x b", "a / b", "remainder of a / b", "a to the power of b", "the smaller one",
            "the larger one",
        ],
        "What is done with the two",
    ] = "a + b",
    b: Annotated[float, Number(step=1), "The other number"] = 0.0,
) -> Calculated:  # fmt: skip
    """Calculate with two numbers, for instance to double a width or to count the turns of a loop.

    *FLOAT* is the result as it is, *INT* the nearest whole number; halves go up. Whole numbers are exact up to
    9,007,199,254,740,992 (2 to the power of 53).
    """
    a, b = _finite(a, "a"), _finite(b, "b")
    try:
        found = float(_OPERATIONS[operation](a, b))
    except ZeroDivisionError:
        raise NodeError(f"{a:g} cannot be divided by nothing", input="b", remedy="give b another number") from None
    except ValueError:  # a root of a negative number, nothing to a power below nothing
        raise NodeError(f"{operation!r} has no answer for a = {a:g} and b = {b:g}", input="operation",
                        remedy="give a a number above 0, or b a whole number") from None  # fmt: skip
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise NodeError(f"{operation!r} with a = {a:g} and b = {b:g} is too large a number", input="operation",
                        remedy="choose smaller numbers, or another operation")  # fmt: skip
    return Calculated(found, math.floor(found) if found - math.floor(found) < 0.5 else math.ceil(found))


@node("GetImageSize", title="Get Image Size", category="image/size", aliases=("width", "height", "resolution", "count"))
def get_image_size(*, image: Annotated[Image, "The pictures to measure"]) -> Size:
    """Tell how wide and high pictures are, in pixels, and how many there are.

    Connect the numbers to nodes that make something of the same size, or to Calculate for twice as large.
    """
    count, height, width = image.shape[:3]
    return Size(width, height, count)


def _finite(value: float, name: str) -> float:
    if not math.isfinite(value):
        raise NodeError(f"{name} is {value}", input=name, remedy="connect a number that is finite")
    return value
