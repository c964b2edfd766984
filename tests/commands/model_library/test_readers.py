"""Few files are read here, many in threads, very many in processes; the answers are in the order of the questions."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from commands.model_library.readers import MANY, Readers, each

PATHS = [Path(f"{number}.safetensors") for number in range(MANY)]


def stem(path):
    return path.stem


def process_of(path):
    return os.getpid()


def parent_of(path):
    return os.getppid()


@pytest.mark.parametrize("number", [0, 1, 32, 33, 200])
def test_the_answers_are_in_order(number):
    assert each(stem, PATHS[:number]) == [path.stem for path in PATHS[:number]]


def test_many_are_looked_at_together():
    meeting = threading.Barrier(3, timeout=30)

    def meet(path):
        if path in (PATHS[0], PATHS[40], PATHS[80]):  # of three different parts of the list
            meeting.wait()
        return path

    assert each(meet, PATHS[:100]) == PATHS[:100]


@pytest.mark.process
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core needs no processes")
def test_very_many_are_read_in_other_processes():
    with Readers(MANY) as readers:
        assert readers.read(os.path.basename, PATHS) == [path.name for path in PATHS]
        assert not set(readers.read(parent_of, PATHS[:5])) - {os.getpid()}
    with Readers(MANY - 1) as readers:
        assert readers.read(process_of, PATHS[:5]) == [os.getpid()] * 5


def test_what_a_process_cannot_read_is_read_here(monkeypatch):
    class Broken:
        def map(self, *_, **__):
            raise OSError(12, "Cannot allocate memory")

        def shutdown(self, **_):
            pass

    monkeypatch.setattr("commands.model_library.readers.ProcessPoolExecutor", lambda *_, **__: Broken())
    with Readers(MANY) as readers:
        assert readers.read(stem, PATHS) == [path.stem for path in PATHS]
