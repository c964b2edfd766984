"""Problems and warnings of the engine, and the body of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from graph.base import errors
from graph.node_types import warnings
from server.shapes.engine_records import shape_of

PLAIN = {str: str, int: int, float: float, bool: bool}

if TYPE_CHECKING:
    Problem = dict[str, Any]
    NodeWarning = dict[str, Any]
else:
    Problem = shape_of(errors.Problem, PLAIN)
    NodeWarning = shape_of(warnings.NodeWarning, PLAIN)


class ItemProblem(msgspec.Struct, kw_only=True):
    """An item of a stream that failed."""

    item: list[int]
    problem: Problem


class ApiError(msgspec.Struct, kw_only=True):
    """Why a request is refused."""

    code: str
    """Stable, for programs."""
    message: str
    remedy: str
    problems: list[Problem]
    problem_count: int
    """Number of all problems; not all may be listed."""


class ErrorAnswer(msgspec.Struct, kw_only=True):
    """The body of every answer that is an error."""

    error: ApiError
