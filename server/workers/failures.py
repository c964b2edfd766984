"""The cause of a worker's death, as a code for programs and a sentence for people.

Causes: `out_of_memory`, `signal`, `exit`, `unresponsive` (it did not stop after a cancel), `protocol` (it sent an
invalid frame or message), `start` (it could not be started), `watch` (the supervisor failed). The kernel counts
processes that it killed for lack of memory: the counters are read when a worker starts and when it has ended.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from server.shapes.system import Failure
from server.workers.suspects import ActiveCall
from server.workers.worker import WorkerExit

_WORDS = {
    "SIGKILL": "was killed",
    "SIGSEGV": "crashed (it touched memory that is not its own)",
    "SIGABRT": "crashed (a library gave up)",
    "SIGBUS": "crashed (a file or memory behind it went away)",
    "SIGILL": "crashed (an instruction that this processor does not know)",
    "SIGFPE": "crashed (an arithmetic error)",
    "SIGTERM": "was asked to end by something outside",
}


def explain(
    ending: WorkerExit, killed_because: str, memory_kills: int, suspects: Sequence[ActiveCall], importing: str = ""
) -> Failure:
    """Explains why a worker ended. `memory_kills` is how many processes the kernel killed for lack of memory meanwhile.

    The failure names the first suspect; its message names the nodes of all suspects, or the pack that was being
    imported.
    """
    cause, what = _cause(ending, killed_because, memory_kills)
    nodes = " and ".join(f"node {item.node} ({item.node_type})" for item in suspects if item.node)
    where = f" while {nodes} ran" if nodes else " during a run" if suspects else ""
    if importing:
        where = f" while pack {importing} was imported"
    node, run = (suspects[0].node, suspects[0].run) if suspects else ("", "")
    return Failure(cause, f"The worker {what}{where}.", node, run, details=ending.stderr_tail[-4000:])


def memory_kills() -> int:
    """Returns how many processes the kernel has killed for lack of memory; 0 where it does not report that."""
    return _counter(Path("/proc/vmstat")) + _counter(Path("/sys/fs/cgroup/memory.events"))


def _cause(ending: WorkerExit, killed_because: str, kills: int) -> tuple[str, str]:
    if killed_because:
        return "unresponsive", killed_because
    if ending.broken_frame:
        return "protocol", f"was ended because it sent something invalid ({ending.broken_frame})"
    code = ending.exit_code
    if code is not None and code < 0:
        name = _signal_name(-code)
        if name == "SIGKILL" and kills:
            return "out_of_memory", "was ended by the system because memory ran out"
        return "signal", f"{_WORDS.get(name, 'was ended')} ({name})"
    return "exit", f"exited with code {code}" + (f": {_last_line(ending)}" if _last_line(ending) else "")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(ending: WorkerExit) -> str:
    return ending.stderr_tail.rstrip().rsplit("\n", 1)[-1].strip()[:300]


def _counter(path: Path) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
