"""How the API says no: a status, a stable code, a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from graph.errors import Problem


class ApiError(Exception):
    """A request that is refused."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        remedy: str = "",
        problems: Iterable[dict[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.remedy = status, code, message, remedy
        self.problems = list(problems)
        self.headers = headers

    def response(self) -> web.Response:
        """The answer, in the shape that every error has."""
        error = {"code": self.code, "message": self.message, "remedy": self.remedy, "problems": self.problems}
        return web.json_response({"error": error}, status=self.status, headers=self.headers)


def not_found(what: str) -> ApiError:
    """What was asked for is not there."""
    return ApiError(404, "not_found", f"There is no {what}.", "Look at the list of what there is.")


def refused(problems: Iterable[Problem], what: str = "The workflow cannot run.") -> ApiError:
    """A document that is wrong in ways that can be told."""
    described = [problem.as_json() for problem in problems]
    return ApiError(422, "workflow_refused", what, "Mend the problems and send it again.", described)
