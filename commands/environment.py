"""What libraries are told before they are imported, by every way into this program."""

from __future__ import annotations

import os


def prepare_environment() -> None:
    """Sets what a person has not set: no model hub, and threads that sleep while they wait."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing here needs a model hub
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # see docs/decisions/threads-that-wait-sleep.md
