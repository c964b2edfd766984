"""Makes JSON answers from structs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from server.shapes.encoding import encode

JSON = "application/json"


def json_answer(shape: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Returns an answer with a struct as JSON."""
    return web.Response(body=encode(shape), status=status, headers=headers, content_type=JSON, charset="utf-8")
