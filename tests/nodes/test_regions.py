"""A prompt that is limited to a part of the picture changes that part and nothing else, with every family."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from diffusion.families.table import FAMILIES
from nodes.conditioning import combine
from nodes.regions import set_area, set_area_percentage, set_mask, set_strength
from nodes.sampling import sample
from tests.support import tiny_families

pytestmark = pytest.mark.network

INSIDE = (slice(None), slice(None), slice(2, 6), slice(4, 8))
"""The cells of the rectangle that the tests use: 32 x 32 pixels at (32, 16)."""
AREA = {"width": 32, "height": 32, "x": 32, "y": 16}
SHARE = {"width": 0.5, "height": 0.5, "x": 0.5, "y": 0.25}


def one_look(ctx, model, positive):
    """What the model predicts of noise in one step: that is where regions meet."""
    empty = {"samples": torch.zeros(1, model.latent_format.channels, 8, 8)}
    settings = {"seed": 3, "steps": 1, "cfg": 1.0, "negative": positive, "latent_image": empty}
    return sample(model=model, positive=positive, ctx=ctx, **settings)["samples"]


def mask_of_area():
    mask = torch.zeros(1, 64, 64)
    mask[:, 16:48, 32:64] = 1.0
    return mask


@pytest.mark.parametrize("family", FAMILIES)
def test_a_region_changes_only_its_area_with_every_family(family, ctx):
    model = tiny_families.shared(family)
    everywhere, there = tiny_families.prompt(model, seed=1), tiny_families.prompt(model, seed=2)
    plain = one_look(ctx, model, everywhere)
    limited = {
        "area": set_area(conditioning=there, **AREA),
        "share": set_area_percentage(conditioning=there, **SHARE),
        "mask": set_mask(conditioning=there, mask=mask_of_area(), ctx=ctx),
        "mask bounds": set_mask(conditioning=there, mask=mask_of_area(), set_cond_area="mask bounds", ctx=ctx),
    }
    found = {
        name: one_look(ctx, model, combine(conditioning_1=everywhere, conditioning_2=region))
        for name, region in limited.items()
    }
    spread = float(plain.std())
    for name, picture in found.items():
        changed = (picture - plain).abs()
        assert changed[INSIDE].max() > 5e-3 * spread, name
        outside = changed.clone()
        outside[INSIDE] = 0.0
        assert outside.max() < 1e-4 * spread, name
    assert torch.equal(found["area"], found["share"])


def test_where_several_count_they_are_averaged_by_their_strengths(ctx):
    model = tiny_families.shared("sd1")
    one, other = tiny_families.prompt(model, seed=1), tiny_families.prompt(model, seed=2)
    alone = [one_look(ctx, model, prompt) for prompt in (one, other)]
    whole, full = {"width": 64, "height": 64}, torch.ones(1, 64, 64)
    for strong in (
        set_area(conditioning=other, **whole, strength=3.0),
        set_area_percentage(conditioning=other, strength=3.0),
        set_mask(conditioning=other, mask=full, strength=3.0, ctx=ctx),
        set_strength(conditioning=other, strength=3.0),
    ):
        mixed = one_look(ctx, model, combine(conditioning_1=one, conditioning_2=strong))
        torch.testing.assert_close(mixed, (alone[0] + 3 * alone[1]) / 4, atol=3e-4, rtol=1e-4)
    silent = set_mask(conditioning=other, mask=full, strength=0.0, ctx=ctx)
    still = one_look(ctx, model, combine(conditioning_1=one, conditioning_2=silent))
    torch.testing.assert_close(still, alone[0], atol=3e-4, rtol=1e-4)


def test_a_mask_of_a_rectangle_is_the_area_where_the_area_does_not_fade(ctx):
    model = tiny_families.shared("sd1")
    everywhere, there = tiny_families.prompt(model, seed=1), tiny_families.prompt(model, seed=2)
    full = {"width": 64, "height": 64}
    by_area = set_area(conditioning=there, **full)
    by_mask = set_mask(conditioning=there, mask=torch.ones(1, 64, 64), set_cond_area="mask bounds", ctx=ctx)
    pictures = [
        one_look(ctx, model, combine(conditioning_1=everywhere, conditioning_2=region)) for region in (by_area, by_mask)
    ]
    torch.testing.assert_close(*pictures, atol=3e-4, rtol=1e-4)


def test_an_empty_mask_is_warned_of(ctx):
    said = []
    there = tiny_families.prompt(tiny_families.shared("sd1"), seed=2)
    set_mask(conditioning=there, mask=torch.zeros(1, 8, 8), ctx=replace(ctx, report_warning=said.append))
    assert [words.partition(";")[0] for words in said] == ["the mask is empty, so this prompt counts nowhere"]
    set_mask(conditioning=there, mask=mask_of_area(), ctx=replace(ctx, report_warning=said.append))
    assert len(said) == 1
