"""What goes into a call and comes out of it, where no run is needed to see it."""

import pytest

from graph.api import NodeError
from graph.running.call_checks import describe_failure


class OutOfMemoryError(RuntimeError):
    """As torch calls that of a device."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: ..."),
    ],
)
def test_where_memory_runs_out_it_is_said_what_helps(error):
    found = describe_failure(error)
    assert (found.code, "smaller" in found.remedy) == ("node_failed", True)


def test_a_node_that_knows_what_helps_is_believed():
    error = NodeError("no memory", input="image", remedy="cut the picture into tiles")
    found = describe_failure(error)
    assert (found.message, found.socket, found.remedy) == ("no memory", "image", "cut the picture into tiles")
    assert describe_failure(ValueError("x")).remedy == ""
