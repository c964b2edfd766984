"""The parts of an all-in-one file, and what stands in front of the names of a file of one part."""

from __future__ import annotations

from diffusion.model_files.prefixes import MARKS, split, strip


def test_parts_are_told_apart_by_their_prefixes_and_come_without_them() -> None:
    parts = split(
        {
            "model.diffusion_model.a": (1,),
            "first_stage_model.b": (2,),
            "conditioner.embedders.0.transformer.c": (3,),
            "conditioner.embedders.1.model.d": (4,),
            "model_ema.e": (5,),
            "betas": (6,),
        }
    )
    assert {role: (part.prefix, part.shapes) for role, part in parts.items()} == {
        "denoiser": ("model.diffusion_model.", {"a": (1,)}),
        "vae": ("first_stage_model.", {"b": (2,)}),
        "clip_l": ("conditioner.embedders.0.transformer.", {"c": (3,)}),
        "clip_g": ("conditioner.embedders.1.model.", {"d": (4,)}),
    }


def test_text_encoders_of_later_families_keep_the_name_that_they_have() -> None:
    parts = split({"text_encoders.gemma2_2b.transformer.model.norm.weight": (1,), "text_encoders.gemma2_2b.logit": ()})
    assert {role: part.shapes for role, part in parts.items()} == {"gemma2_2b": {"model.norm.weight": (1,)}}


def test_marks_beside_the_parts_go_to_the_denoiser() -> None:
    shapes = {"model.diffusion_model.a": (1,), **dict.fromkeys(MARKS, ())}
    assert split(shapes)["denoiser"].shapes == {"a": (1,), **dict.fromkeys(MARKS, ())}


def test_a_file_of_one_part_has_no_parts_to_split() -> None:
    assert split({"double_blocks.0.a": (1,), "text_model.b": (2,)}) == {}


def test_a_prefix_is_stripped_once_and_only_when_it_is_everywhere() -> None:
    stripped = strip({"model.model.a": (1,), "model.model.b": (2,)})
    assert (stripped.prefix, stripped.shapes) == ("model.model.", {"a": (1,), "b": (2,)})
    mixed = {f"{prefix}{n}": (1,) for n in range(10) for prefix in ("model.", "other.")}
    assert strip(mixed).shapes == mixed
    assert strip({}).shapes == {}
