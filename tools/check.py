"""Check format, lint, types, laws and the quick tests, several side by side: `make check`.

    python -m tools.check

Each part of the tests is a process of its own, so a file is imported once, and torch only by those that need it. What a
part says is printed when it ends. Exits with 1 when one fails; the others are finished all the same.

Compiled files are kept (`__pycache__`), also where PYTHONDONTWRITEBYTECODE says otherwise: pytest rewrites what it
compiles, which takes longer than many tests, and this is run again and again. The first run after a checkout compiles.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUICK = "(law or not (process or browser)) and not (model or long or network)"
"""The laws, and all tests that have no network, take no second and start no process or browser (pyproject.toml has the
marks)."""
PARTS = (
    "graph",
    "diffusion nodes tools test_stable_diffusion.py test_workflow.py",
    "commands docs",
    "laws",
    "server pictures web",
)
"""Folders and files of `tests/`: those that need the same libraries together, and the largest part first."""
_NO_TESTS = 5


def commands() -> dict[str, list[str]]:
    """Return what is checked: names, and their commands."""
    python, tools = sys.executable, Path(sys.executable).parent
    pytest = [python, "-m", "pytest", "-q", "-p", "no:xdist", "--hypothesis-profile=quick", "-m", QUICK]
    tests = {f"tests of {part}": [*pytest, *(f"tests/{folder}" for folder in part.split())] for part in PARTS}
    return {
        "format": [str(tools / "ruff"), "format", "--check", "."],
        "lint": [str(tools / "ruff"), "check", "."],
        **tests,
        "types": [str(tools / "mypy")],
    }


def check(jobs: Mapping[str, Sequence[str]], at_once: int) -> list[str]:
    """Run commands, so many at a time; print what each says, and return the names of those that failed."""

    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(command: Sequence[str]) -> tuple[subprocess.CompletedProcess[str], float]:
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - the commands above
            command, cwd=ROOT, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        return done, time.perf_counter() - began

    failed = []
    with ThreadPoolExecutor(at_once) as pool:
        running = {pool.submit(run, command): name for name, command in jobs.items()}
        for future in as_completed(running):
            (done, seconds), name = future.result(), running[future]
            if done.returncode not in (0, _NO_TESTS):
                failed.append(name)
            words = "failed" if name in failed else "passed"
            print(f"== {name}: {words} in {seconds:.1f} s\n{done.stdout}", end="", flush=True)
    return failed


def main() -> int:
    """Check everything; return 1 when something is wrong."""
    failed = check(commands(), max(2, os.cpu_count() or 2))
    print(f"== failed: {', '.join(failed)}" if failed else "== all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
