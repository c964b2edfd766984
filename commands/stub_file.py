"""The stub `workflow.pyi` of this checkout: what type checkers and editors know of `workflow.py`."""

from __future__ import annotations

from collections.abc import Iterable

from commands.folders import ROOT
from graph.node_types.node_type import NodeType
from graph.scripting.stubs import stub_text

PLACE = ROOT / "workflow.pyi"
_HEAD = '''# Written from the node types by 'python main.py stubs'; 'make types' writes the one that is committed.
# ruff: noqa
"""Workflows in Python: what `workflow.py` offers, with a method for each node type."""

from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, Generic, Literal, Self, TypeAlias, TypeVar, overload

from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor

from graph.engine import Outcome
from graph.running.events import Event
from graph.scripting.errors import RunFailedError as RunFailedError
from graph.scripting.handles import NodeHandle as NodeHandle
from graph.scripting.handles import Output as Output
from graph.scripting.script import ScriptWorkflow

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Picture: TypeAlias = Pillow.Image | NDArray[Any] | Tensor

class OneOutput(NodeHandle, Generic[T_co]):
    """A node with one output, which stands for it."""

    def __iter__(self) -> Iterator[Output[T_co]]: ...
    def __getitem__(self, index: int) -> Output[T_co]: ...

Link: TypeAlias = Output[T_co] | OneOutput[T_co]

class Session:
    """An installation: its models, packs, folders and cache."""

    def __init__(
        self,
        data_dir: Path | None = None,
        models_dir: Path | None = None,
        packs_dir: Path | None = None,
        output: Path | None = None,
        *,
        disk_cache: bool = True,
    ) -> None: ...
    def close(self) -> None: ...
    def __getattr__(self, name: str) -> Any: ...

def pictures(images: Tensor) -> list[Pillow.Image]:
    """Return pictures of Pillow for an IMAGE [B, H, W, C] in 0..1, such as `run` gives; notebooks show them."""
'''
_MEMBERS = '''class Workflow(ScriptWorkflow):
    """A workflow. Without a `session` it runs with the models, packs and cache of this checkout."""

    def __init__(self, title: str = "", *, session: Session | None = None) -> None: ...
    @classmethod
    def open(cls, path: str | PathLike[str], *, session: Session | None = None) -> Self:
        """Return the workflow of a JSON file, or of a picture (PNG) that Jacquard saved. Raises `WorkflowError`."""

    @classmethod
    def from_json(cls, document: dict[str, Any], *, session: Session | None = None) -> Self:
        """Return the workflow of parsed JSON, as `to_json` gives it. Raises `WorkflowError`."""

    @classmethod
    def from_document(cls, document: Any, *, session: Session | None = None) -> Self:
        """Return a workflow that begins as a document of the engine."""

    @overload  # type: ignore[override]
    def run(
        self, *, progress: bool | None = None, on_event: Callable[[Event], None] | None = None, previews: bool = False
    ) -> Outcome:
        """Run all nodes that save or show something; return what came of it."""

    @overload
    def run(
        self, target: Output[T] | OneOutput[T], /, *, progress: bool | None = None,
        on_event: Callable[[Event], None] | None = None, previews: bool = False,
    ) -> T:
        """Run what an output needs, and return its value; a list of values for one inside a stream."""

    @overload
    def run(
        self, target: Output[Any] | NodeHandle, /, *more: Output[Any] | NodeHandle, progress: bool | None = None,
        on_event: Callable[[Event], None] | None = None, previews: bool = False,
    ) -> Any:
        """Run what some outputs or nodes need, and return their values, several as a tuple."""
'''


def current(node_types: Iterable[NodeType]) -> str:
    """Returns the text of the stub for some node types."""
    return stub_text(node_types, _HEAD, _MEMBERS)
