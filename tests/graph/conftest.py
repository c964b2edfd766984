"""What the tests of the engine share: a recorder, toy node types, folders of the test's own, an engine."""

import pytest

from graph.engine import Engine
from graph.files.folders import Files
from graph.scheduling.lanes import Lanes
from tests.support.house import House
from tests.support.toys import Recorder, toy_registry


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def registry(recorder):
    return toy_registry(recorder)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "input").mkdir()
    return Files({"input": [tmp_path / "input"], "output": [tmp_path / "output"]})


@pytest.fixture
def engine(registry, files):
    with Engine(registry, files, lanes=Lanes(cpu=2)) as engine:
        yield engine


@pytest.fixture
def house(files):
    house = House(files)
    yield house
    house.engine.close()
