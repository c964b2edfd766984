"""What the tests of the page about caching share."""

import pytest

from tests.support.remembering import Clock, House


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("graph.running.evaluation.time", clock)
    return clock


@pytest.fixture
def open_house(tmp_path, clock):
    """Open an engine on the test's folder; with options, or another one beside it."""
    houses = []

    def open_house(**options):
        houses.append(House(tmp_path, clock, **options))
        return houses[-1]

    yield open_house
    for house in houses:
        house.close()


@pytest.fixture
def house(open_house):
    return open_house()
