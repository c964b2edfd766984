"""The code version of the cache: everything that all results depend on and no key contains.

That is our code, the libraries that it uses, and the machine. Results of another code version are not found. The state
of the files is taken before the nodes are imported, so that the digest is that of the code that runs. Loads no torch.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from commands.folders import ROOT
from graph.node_types.digests import digest, encode
from graph.packs.dependencies import PYTHON
from graph.packs.file_snapshot import Snapshot, UnknownStateError, take
from graph.packs.libraries import Libraries

CODE = ("graph", "nodes", "pictures", "diffusion")
"""Our packages that every result depends on."""
LIBRARIES = (
    "torch", "diffusers", "transformers", "safetensors", "numpy", "Pillow", "torchsde", "networkx", "tokenizers",
    "accelerate", "xformers", "peft",
)  # fmt: skip
"""Libraries that these packages import, and at the end those that diffusers and transformers use if installed."""
_SETTINGS = (
    "ATEN_", "CUBLAS_", "CUDA_", "CUDNN_", "DIFFUSERS_", "DNNL_", "GOMP_", "HIP_", "HSA_", "KMP_", "MKL_", "NVIDIA_",
    "OMP_", "ONEDNN_", "OPENBLAS_", "PYTORCH_", "ROCR_", "TORCH_", "TRANSFORMERS_", "XFORMERS_",
)  # fmt: skip
"""Prefixes of environment variables that affect how libraries compute."""


class CodeVersion:
    """The code version of this process. `machine` is called late: packs may set environment variables."""

    def __init__(self, root: Path, libraries: Libraries, machine: Callable[[], Mapping[str, object]]) -> None:
        self._libraries = libraries
        self._machine = machine
        self._snapshots: dict[str, Snapshot] | None
        try:
            self._snapshots = {name: take(root / name) for name in CODE}
        except UnknownStateError:
            self._snapshots = None

    def digest(self) -> bytes:
        """Returns the digest; a random one if the state of a file cannot be read."""
        try:
            if self._snapshots is None:
                raise UnknownStateError
            code = {name: snapshot.digest() for name, snapshot in self._snapshots.items()}
        except UnknownStateError:
            return os.urandom(16)
        below = [each.identity for each in self._libraries.with_requirements(LIBRARIES)]
        found = digest(encode([PYTHON, code, below, dict(self._machine())]))
        return found if self.is_unchanged() else os.urandom(16)

    def is_unchanged(self) -> bool:
        """Whether no file has changed, so that modules loaded from now on have the same code version."""
        found = self._snapshots
        is_as_it_was = found is not None and all(snapshot.is_as_it_was() for snapshot in found.values())
        return is_as_it_was and not self._libraries.have_changed()


@cache
def current_code_version() -> CodeVersion:
    """Returns the code version of this process. Call it before any node is imported."""
    return CodeVersion(ROOT, Libraries(sys.path), lambda: machine_facts(os.environ))


def machine_facts(environment: Mapping[str, str]) -> dict[str, object]:
    """Returns what affects the rounding of numbers: processor, threads, graphics cards, settings of libraries."""
    return {
        "system": [platform.system(), platform.machine()],
        "processor": _processor(),
        "threads": _processors(),
        "cards": _cards(),
        "settings": {name: value for name, value in environment.items() if name.startswith(_SETTINGS)},
    }


def _processors() -> int:
    """Returns how many processors this process may use: libraries choose the number of threads by it."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _processor() -> list[str]:
    """Returns the kind and features of the processor: libraries choose their kernels by them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0].splitlines()
    except OSError:
        return [platform.processor()]
    wanted = ("vendor_id", "cpu family", "model", "model name", "flags", "Features", "CPU part")
    return [line for line in lines if line.partition(":")[0].strip() in wanted]


def _cards() -> list[str]:
    """Returns graphics cards and their driver, as far as the system reports them without their libraries."""
    found = []
    for pattern in ("driver/nvidia/version", "driver/nvidia/gpus/*/information"):
        for path in sorted(Path("/proc").glob(pattern)):
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            found += [line for line in text.splitlines() if line.startswith(("NVRM", "Model"))]
    return [*found, *map(str, sorted(Path("/sys/class/kfd/kfd/topology/nodes").glob("*")))]
