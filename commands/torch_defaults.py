"""Detects and reverts changes of a pack to global settings of torch, which would affect all nodes. Loads no torch.

If torch was not loaded before the pack, its settings are compared with the defaults of torch.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from graph.packs.process_state import Undo

_Knob = tuple[str, Callable[[Any], Any], Callable[[Any, Any], Any]]
_FRESH = {
    "the default dtype of torch": "torch.float32",
    "the default device of torch": "cpu",
    "the gradients of torch": True,
    "the deterministic algorithms of torch": False,
    "the precision of torch": "highest",
}
_KNOBS: tuple[_Knob, ...] = (
    (
        "the default dtype of torch",
        lambda torch: str(torch.get_default_dtype()),
        lambda torch, old: torch.set_default_dtype(getattr(torch, old.removeprefix("torch."))),
    ),
    (
        "the default device of torch",
        lambda torch: str(torch.get_default_device()),
        lambda torch, old: torch.set_default_device(None if old == "cpu" else old),
    ),
    (
        "the gradients of torch",
        lambda torch: torch.is_grad_enabled(),
        lambda torch, old: torch.set_grad_enabled(old),
    ),
    (
        "the deterministic algorithms of torch",
        lambda torch: torch.are_deterministic_algorithms_enabled(),
        lambda torch, old: torch.use_deterministic_algorithms(old),
    ),
    (
        "the precision of torch",
        lambda torch: torch.get_float32_matmul_precision(),
        lambda torch, old: torch.set_float32_matmul_precision(old),
    ),
    ("the threads of torch", lambda torch: torch.get_num_threads(), lambda torch, old: torch.set_num_threads(old)),
)


def torch_defaults() -> Undo:
    """Records the settings; returns a function that reverts changes and names them."""
    before = _read() or _FRESH

    def put_back() -> list[str]:
        now = _read()
        found = []
        for name, _, write in _KNOBS:
            if name in before and name in now and now[name] != before[name]:
                write(sys.modules["torch"], before[name])
                found.append(name)
        return found

    return put_back


def _read() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    found = {}
    for name, read, _ in _KNOBS if torch is not None else ():
        with contextlib.suppress(Exception):  # an older torch, or an interrupted import
            found[name] = read(torch)
    return found
