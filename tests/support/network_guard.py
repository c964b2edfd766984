"""Refuses that a test builds or runs a network unless it is marked for it: `make check` leaves those tests out.

A network is a model of diffusers or transformers, however tiny: most take a tenth of a second to build, and hundreds of
tests have some. Where neither library is loaded there is none, and none is loaded for this guard.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import pytest

MARKS = ("network", "model", "long", "process", "browser")
"""A test with one of these may have networks: `make check` has none of those tests."""
KINDS = (("diffusers.models.modeling_utils", "ModelMixin"), ("transformers.modeling_utils", "PreTrainedModel"))
WAYS = ("__init__", "__call__")


class NetworkBuilt(RuntimeError):  # noqa: N818 - it says what happened
    """A test without the mark wanted to build or run a network."""


class NetworkGuard:
    """Watches one test after the other."""

    def __init__(self) -> None:
        self.watches = False
        self.refused: list[str] = []
        self._wrapped: set[type] = set()

    def install(self) -> None:
        """Wrap how networks are built and run, in those of the libraries that are loaded by now."""
        for module, name in KINDS:
            kind = getattr(sys.modules.get(module), name, None)
            if kind is not None and kind not in self._wrapped:
                self._wrapped.add(kind)
                for way in WAYS:
                    setattr(kind, way, self._guarded(getattr(kind, way)))

    def _guarded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def guarded(network: Any, *arguments: Any, **options: Any) -> Any:
            if self.watches:
                self.refused.append(type(network).__name__)
                raise NetworkBuilt(
                    f"{type(network).__name__}: mark the test with @pytest.mark.network, or do without a network"
                )
            return method(network, *arguments, **options)

        return guarded

    def begin(self, test: pytest.Item) -> None:
        """A test begins."""
        self.install()
        self.refused.clear()
        self.watches = not any(test.get_closest_marker(mark) for mark in MARKS)

    def end(self) -> None:
        """A test has ended."""
        self.watches = False
