"""The example pack: it loads as any pack does, and its nodes do what they say."""

from pathlib import Path

import pytest
import torch

from graph.api import NodeError, Registry
from graph.packs.loading import load_packs

PACKS = Path(__file__).parents[2] / "custom_nodes"


@pytest.fixture(scope="module")
def pack():
    registry = Registry()
    (report,) = [found for found in load_packs(PACKS, registry) if found.name == "example_pack"]
    assert not report.error, report.details
    assert report.node_ids == ("ExamplePosterize", "ExampleImageSize", "ExamplePickLine")
    return {node_type.id: node_type.function for node_type in registry}


def test_posterizing_leaves_as_many_shades_as_asked_for(pack):
    ramp = torch.linspace(0, 1, 64).view(1, 8, 8, 1).expand(-1, -1, -1, 3)
    assert pack["ExamplePosterize"](image=ramp, levels=3).unique().tolist() == [0, 0.5, 1]


def test_the_size_is_width_by_height(pack):
    assert pack["ExampleImageSize"](image=torch.zeros(1, 4, 6, 3)) == (6, 4)


def test_the_same_seed_picks_the_same_line(pack):
    pick, lines = pack["ExamplePickLine"], "a\n\n b \nc"
    assert [pick(lines=lines, seed=seed) for seed in range(20)] == [pick(lines=lines, seed=seed) for seed in range(20)]
    assert {pick(lines=lines, seed=seed) for seed in range(20)} == {"a", "b", "c"}


def test_no_line_to_pick_from_is_refused(pack):
    with pytest.raises(NodeError) as caught:
        pack["ExamplePickLine"](lines="  \n", seed=0)
    assert caught.value.input == "lines"
