"""Errors of the API: a status, a stable code, a sentence, and a remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from graph.base.errors import Problem, cut
from server.shapes import problems
from server.shapes.problems import ErrorAnswer

if TYPE_CHECKING:
    from aiohttp import web

MOST_PROBLEMS = 500
"""Of more problems the first are listed, with the number of all."""


class ApiError(Exception):
    """A request is refused."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        remedy: str = "",
        problems: Iterable[dict[str, Any]] = (),
        problem_count: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.remedy = status, code, cut(message), cut(remedy)
        self.problems = list(problems)
        self.problem_count = max(problem_count, len(self.problems))
        self.headers = headers

    def response(self) -> web.Response:
        """Returns the answer, in the form that every error has."""
        from server.answers import json_answer  # commands raise these, too, and need no aiohttp

        return json_answer(ErrorAnswer(error=self.body()), self.status, self.headers)

    def body(self) -> problems.ApiError:
        """Returns the error for the body of the answer."""
        return problems.ApiError(
            code=self.code,
            message=self.message,
            remedy=self.remedy,
            problems=self.problems,
            problem_count=self.problem_count,
        )


def not_found(what: str) -> ApiError:
    """Returns the error for something that does not exist."""
    return ApiError(404, "not_found", f"There is no {what}.", "Look at the list of what there is.")


def first(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Returns the first problems as JSON-ready data."""
    return [problem.as_json() for problem in islice(problems, MOST_PROBLEMS)]


def refused(problems: Sequence[Problem], what: str = "The workflow cannot run.") -> ApiError:
    """Returns the error for a document with problems."""
    return refused_with(first(problems), len(problems), what)


def refused_with(problems: list[dict[str, Any]], count: int, what: str = "The workflow cannot run.") -> ApiError:
    """Returns the same error for described problems; `count` is the number of all."""
    more = f" These are the first {len(problems)} of its {count:,} problems." if count > len(problems) else ""
    return ApiError(422, "workflow_refused", what + more, "Fix the problems and send it again.", problems, count)
