"""Workflows in Python: build them node by node, run them in this process, open and save the files of the editor.

    from workflow import Workflow
    w = Workflow()
    model, clip, vae = w.CheckpointLoaderSimple(ckpt_name="picturebook")

`docs/python.md` tells the whole story. `workflow.pyi` beside this file is written from the node types by
`python main.py stubs`, so that editors complete the names of nodes and inputs.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any, Self

from commands.environment import prepare_environment

prepare_environment()  # before any library reads it

from commands.scripting import ScriptSession as Session
from commands.scripting import default_session
from commands.workflow_files import read_workflow
from graph.document.reader import from_json
from graph.scripting.errors import RunFailedError
from graph.scripting.handles import NodeHandle, Output
from graph.scripting.script import ScriptWorkflow

__all__ = ["NodeHandle", "Output", "RunFailedError", "Session", "Workflow", "pictures"]


class Workflow(ScriptWorkflow):
    """A workflow. Without a `session` it runs with the models, packs and cache of this checkout."""

    def __init__(self, title: str = "", *, session: Session | None = None) -> None:
        super().__init__(session or default_session())
        if title:
            self.title = title

    @classmethod
    def open(cls, path: str | PathLike[str], *, session: Session | None = None) -> Self:
        """Return the workflow of a JSON file, or of a picture (PNG) that Jacquard saved. Raises `WorkflowError`."""
        return cls.from_document(read_workflow(Path(path)), session=session)

    @classmethod
    def from_json(cls, document: dict[str, Any], *, session: Session | None = None) -> Self:
        """Return the workflow of parsed JSON, as `to_json` gives it. Raises `WorkflowError`."""
        return cls.from_document(from_json(document), session=session)

    @classmethod
    def from_document(cls, document: Any, *, session: Session | None = None) -> Self:
        """Return a workflow that begins as a document of the engine."""
        found = cls(session=session)
        ScriptWorkflow.__init__(found, found.session, document)
        return found


def pictures(images: Any) -> list[Any]:
    """Return pictures of Pillow for an IMAGE [B, H, W, C] in 0..1, such as `run` gives; notebooks show them."""
    from diffusion.pixels import to_pil

    return [to_pil(image) for image in images]
