"""Signing in to a running server as a person does: by the address that `python main.py open` prints."""

from __future__ import annotations

from pathlib import Path

from server.access.launch import launch_address
from server.access.local_open import ask_for_code


def new_address(folder: Path) -> str:
    """An address that signs a browser in once; `folder` is what the server has as --data-dir."""
    return launch_address(*ask_for_code(folder / "data"))
