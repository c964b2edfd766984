"""The settings of a server, fixed at its start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graph.files.display_names import PlaceNames
from graph.files.folders import Files
from server.limits import Limits
from server.shapes.models import ModelInfo, ModelOverride, Models, WantedModel
from server.shapes.workflows import TemplateNeed

DEFAULT_PORT = 8188


class ModelCollection(Protocol):
    """Tells what the model files are. Each call blocks: call it off the event loop."""

    def listing(self) -> Models:
        """Returns all model files that are known by now, and goes on reading the others."""

    def supply(self, wanted: WantedModel) -> TemplateNeed:
        """Returns what a kind of file is called, where it goes, and which files are there that would do."""

    def override(self, wanted: ModelOverride) -> ModelInfo:
        """Sets what a file is. Raises `ApiError`."""

    def close(self) -> None:
        """Stops reading."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders, access and limits."""

    data: Path
    """Database, token, catalogue, thumbnails, saved workflows."""
    files: Files
    worker_command: Sequence[str]
    token: str = field(repr=False)
    models: ModelCollection | None = None
    """Tells of the model files; without one, there is no list of them."""
    templates: Path | None = None
    page: Path | None = None
    """The built editor."""
    versions: Mapping[str, str] = field(default_factory=dict)
    token_is_drawn: bool = False
    """The token is random. Otherwise a person chose it, and it might be guessed."""
    allowed_hosts: frozenset[str] = frozenset()
    """Host headers that are answered, with port, in lower case; see `server.access.origins`."""
    allowed_origins: frozenset[str] = frozenset()
    """Origins whose pages may change something, in lower case."""
    any_address: bool = False
    """Answer every Host that is an IP address with our port; set if the server listens on all interfaces."""
    port: int = DEFAULT_PORT
    cancel_grace: float = 10.0
    max_json: int = 32 * 2**20
    max_upload: int = 128 * 2**20
    limits: Limits = field(default_factory=Limits)
    worker_environment: Mapping[str, str] = field(default_factory=dict)
    reclaim_folder: Callable[[], None] = lambda: None
    """Locks the data folder again after it was deleted and recreated. Raises `OSError` or `RuntimeError`."""
    place_names: PlaceNames = field(default_factory=lambda: PlaceNames({}))
    """Shortens paths of this machine in texts for clients and logs."""
    notices: Mapping[str, str] = field(default_factory=dict)
    """Notices from the start, by code; see `server.storage.notices`."""
