"""A torch module that paints says at once what is wrong with its input, and what to do."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from diffusion.module_inputs import check_input, check_settings

NOISE, PICTURE = torch.randn(1, 3, 8, 8), torch.rand(1, 3, 8, 8)


def test_noise_and_pictures_pass() -> None:
    check_input(NOISE)
    check_input(NOISE.half())
    check_input(PICTURE, 0.6)
    check_input(PICTURE, 1)


@pytest.mark.parametrize(
    ("x", "strength", "kind", "message"),
    [
        ([1.0], None, TypeError, "expected noise as a torch tensor .B, 3, H, W., got list"),
        (NOISE[0], None, ValueError, r"got \[3, 8, 8\]; for one item write x\[None\]"),
        (NOISE.movedim(1, -1), None, ValueError, r"got \[1, 8, 8, 3\]; write x.movedim\(-1, 1\)"),
        (NOISE[:, :2], None, ValueError, r"got \[1, 2, 8, 8\]$"),
        (NOISE[:0], None, ValueError, r"got \[0, 3, 8, 8\]$"),
        (NOISE.int(), None, TypeError, "got torch.int32; start from torch.randn"),
        (NOISE.int(), 0.5, TypeError, "write picture.float"),
        (NOISE * torch.nan, None, ValueError, "noise holds NaN"),
        (PICTURE * torch.inf, 0.5, ValueError, "a picture holds NaN or infinity"),
        (PICTURE * 255, 0.5, ValueError, "divide by 255"),
        (PICTURE - 1, 0.5, ValueError, "leave strength out"),
        (PICTURE, "0.5", TypeError, "strength is a number from 0 to 1, not str"),
        (PICTURE, True, TypeError, "not bool"),
        (PICTURE, 1.5, ValueError, "not 1.5; 0.6 is a good first choice"),
        (PICTURE, float("nan"), ValueError, "not nan"),
    ],
)
def test_other_input_is_refused_in_words(x: object, strength: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        check_input(x, strength)


SETTINGS = {"prompt": "a cat", "negative": "", "steps": 20, "seed": 0, "guidance": 4.0}


def test_settings_of_their_types_pass() -> None:
    check_settings(SimpleNamespace(**SETTINGS))
    check_settings(SimpleNamespace(**{**SETTINGS, "steps": np.int64(4), "guidance": np.float32(3)}))
    check_input(PICTURE, np.float32(0.5))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("prompt", None, "prompt is a text, not None"),
        ("steps", 2.5, "steps is a whole number, not 2.5"),
        ("seed", True, "seed is a whole number, not True"),
        ("guidance", "4", "guidance is a number, not '4'"),
    ],
)
def test_a_setting_of_another_type_is_named(name: str, value: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check_settings(SimpleNamespace(**{**SETTINGS, name: value}))
