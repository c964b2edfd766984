"""What all tests share: random examples are the same ones every time, and marks say what a test needs.

A random example is the same one every time, so that a failure is one of the change at hand. `make check` tries one in
twenty of them (`--hypothesis-profile=quick`). To look for more, run pytest with `--hypothesis-profile=default`; or with
HYPOTHESIS_EXAMPLES=20000 those that read it.

The marks `browser` and `process` are set by fixture where there is one, and what lies in `tests/laws` is a `law`. A
test that starts a process without a mark fails, and so does one that builds or runs a network without `network`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.network_guard import NetworkGuard
from tests.support.process_guard import ProcessGuard

_SPEED = [HealthCheck.too_slow]  # it fails on a slow machine, and says nothing of the code
settings.register_profile(
    "the same every time", derandomize=True, deadline=None, print_blob=True, suppress_health_check=_SPEED
)
settings.register_profile("quick", settings.get_profile("the same every time"), max_examples=5)
settings.load_profile("the same every time")

MARK_OF_FIXTURE = {"browser": "browser", "server": "process", "make_server": "process"}
LAWS = Path(__file__).parent / "laws"
GUARD = ProcessGuard()
GUARD.install()
NETWORKS = NetworkGuard()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the fixtures that it needs, directly or not."""
    for item in items:
        if LAWS in item.path.parents:
            item.add_marker("law")
        for fixture, mark in MARK_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


def pytest_collection_finish() -> None:
    """Keep modules and tests, which all stay, away from the collector: it would go through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch a test from its first fixture to its last."""
    GUARD.begin(item)
    NETWORKS.begin(item)
    try:
        return (yield)
    finally:
        GUARD.end()
        NETWORKS.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test whose wish for a process or a network was refused, also where the code under test caught that."""
    result = yield
    if GUARD.refused:
        pytest.fail(f"it wanted to start a process without the mark `process`: {', '.join(GUARD.refused)}", False)
    if NETWORKS.refused:
        pytest.fail(f"it wanted to have a network without the mark `network`: {', '.join(NETWORKS.refused)}", False)
    return result


@pytest.fixture
def process_guard() -> ProcessGuard:
    """The one that watches this test for processes."""
    return GUARD


@pytest.fixture
def network_guard() -> NetworkGuard:
    """The one that watches this test for networks."""
    return NETWORKS
