"""Evolve picture: what it takes and gives, what it reports, and what it warns of."""

import io

import pytest
import torch
from PIL import Image

from diffusion.equation import forces
from diffusion.equation.solving import solve
from diffusion.errors import DiffusionError
from graph.api import CancelledError, NodeError
from graph.document import reader
from nodes.equation import evolve

PICTURE = torch.rand(2, 12, 16, 3, generator=torch.Generator().manual_seed(5))
OTHER = PICTURE.flip(0, 1)
LATENT = {"samples": torch.randn(1, 16, 8, 8, generator=torch.Generator().manual_seed(6)), "batch_index": [3]}


@pytest.fixture
def warnings(ctx):
    found = []
    ctx.report_warning = found.append
    return found


def test_a_picture_becomes_what_the_equation_says(ctx, warnings):
    before = PICTURE.clone()
    result, report = evolve(u=PICTURE, time=2.0, ctx=ctx)
    expected = solve(PICTURE.movedim(-1, 1), forces.none(), time=2.0).u.movedim(1, -1)
    assert torch.equal(result, expected.clamp(0, 1))
    assert report == "spectral: 20 steps; one covers a time of 0.1"
    assert torch.equal(PICTURE, before)
    assert not warnings


@pytest.mark.parametrize("force", ["none", "edges", "target", "given", "reaction"])
def test_every_force_works_on_pictures_and_on_latents(ctx, force):
    for value, second in ((PICTURE, OTHER), (LATENT, {"samples": LATENT["samples"].flip(2)})):
        other = second if force in ("target", "given") else None
        result, report = evolve(u=value, force=force, other=other, time=1.0, steps=2, ctx=ctx)
        assert "2 steps" in report
        if value is LATENT:
            assert result["batch_index"] == [3]
            result, value = result["samples"], value["samples"]
        assert result.shape == value.shape
        assert result.dtype == torch.float32
        assert not torch.allclose(result, value, atol=1e-3)


def test_the_target_is_reached_and_the_mask_kept(ctx):
    mask = torch.zeros(1, 12, 16)
    mask[..., 8:] = 1
    result, _ = evolve(u=PICTURE, force="target", other=OTHER, strength=100.0, time=5.0, mask=mask, ctx=ctx)
    assert torch.equal(result[:, :, :8], PICTURE[:, :, :8])
    assert torch.allclose(result[:, :, 9:], OTHER[:, :, 9:], atol=0.06)


def test_a_force_that_needs_a_second_picture_says_so(ctx, warnings):
    with pytest.raises(NodeError, match="the force 'target' needs a second picture") as refused:
        evolve(u=PICTURE, force="target", ctx=ctx)
    assert refused.value.input == "other"
    with pytest.raises(DiffusionError, match="The second one is a latent, and what evolves is a picture"):
        evolve(u=PICTURE, force="given", other=LATENT, ctx=ctx)
    evolve(u=PICTURE, other=OTHER, steps=1, ctx=ctx)
    assert warnings == ["the second picture is not used by the force 'none'; choose target or given"]


def test_what_is_hardly_wanted_is_warned_of(ctx, warnings):
    evolve(u=PICTURE, force="given", other=OTHER[:1], strength=1.0, time=2.0, steps=2, ctx=ctx)
    assert "below 0 or above 1 was cut off" in warnings[-1]
    evolve(u=PICTURE, mask=torch.zeros(1, 12, 16), steps=2, time=1.0, ctx=ctx)
    assert "the mask is empty, so nothing evolves" in warnings[-1]
    evolve(u=PICTURE, mask=torch.ones(1, 12, 12), steps=2, time=1.0, ctx=ctx)
    assert "it was stretched" in warnings[-1]
    three = torch.cat((OTHER, OTHER[:1]))
    evolve(u=PICTURE, force="target", other=three, steps=1, ctx=ctx)
    assert "the last 1 second pictures were not used" in warnings[-1]


@pytest.mark.parametrize("value", [PICTURE, LATENT], ids=["picture", "latent"])
def test_progress_shows_the_picture_as_it_evolves(ctx, value):
    seen = []
    ctx.previews = True
    ctx.report = lambda *facts: seen.append(facts)
    evolve(u=value, time=1.0, steps=3, ctx=ctx)
    assert [facts[:2] for facts in seen] == [(1, 3), (2, 3), (3, 3)]
    shown = Image.open(io.BytesIO(seen[0][2]))
    assert shown.size == ((16, 12) if value is PICTURE else (8, 8))


def test_cancelling_ends_it_between_two_steps(ctx):
    done = []

    def report(value, maximum, preview):
        done.append(value)
        ctx.token.cancel()

    ctx.report = report
    with pytest.raises(CancelledError):
        evolve(u=PICTURE, time=50.0, steps=500, ctx=ctx)
    assert done == [1]


def test_in_a_workflow_its_two_kinds_of_output_are_told_apart_where_they_arrive(engine):
    def workflow(type_id, inputs):
        document = {
            "jacquard": 1,
            "nodes": {
                "1": {"type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
                "2": {"type": "DiffusionEquation", "inputs": {"u": {"from": ["1", "LATENT"]}, "steps": 1}},
                "end": {"type": type_id, "inputs": inputs},
            },
        }
        return reader.from_json(document)

    good = workflow("RepeatLatentBatch", {"samples": {"from": ["2", "result"]}, "amount": 2})
    assert engine.run(good, ["end"]).values["end"]["LATENT"]["samples"].shape == (2, 4, 8, 8)
    bad = engine.run(workflow("ImageInvert", {"image": {"from": ["2", "result"]}}), ["end"])
    assert bad.status != "finished"
    assert "node end (ImageInvert), input image: the value has the wrong type" in str(bad.problems[0])
