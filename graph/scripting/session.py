"""What a script's workflows are run with: node types, folders, an engine with its cache, and ways to show progress."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from graph.document.workflow import Workflow
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.node_type import Input
from graph.node_types.registry import Registry
from graph.running.publisher import Listener


class Session(Protocol):
    """An installation, for scripts."""

    @property
    def registry(self) -> Registry:
        """The node types."""

    @property
    def files(self) -> Files:
        """The folders."""

    @property
    def engine(self) -> Engine:
        """The engine; made when it is first needed."""

    def to_value(self, item: Input, value: object) -> object:
        """Return a Python value as nodes receive it: of a picture of Pillow a tensor. What is unknown stays as it is.

        What comes back is the engine's own: changing the given value later changes nothing.
        """

    def own_copy(self, value: object) -> Any:
        """Return a result with copies of its arrays, which a script may change; the cache keeps the originals."""

    def progress(self, workflow: Workflow, shown: bool | None) -> AbstractContextManager[Listener | None]:
        """Return what shows a run while it goes on; `shown` None means that it is shown where a person watches."""
