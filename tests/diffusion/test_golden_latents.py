"""What the Stable Diffusion 1 and 2 families painted before they were declared values is what they paint now.

On a machine of the class that wrote the file, with its libraries, to the bit. Elsewhere sums are taken in another
order, which a few steps with guidance enlarge to a few parts in a hundred thousand; that is all they may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors import safe_open

from tests.support import golden_latents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from torch import Tensor

BOUND = 2e-4
"""Of the latents' deviation."""


def compare(prefix: str, painted: Iterable[tuple[str, Tensor]]) -> None:
    with safe_open(golden_latents.FILE, "pt") as file:
        golden = {name: file.get_tensor(name) for name in file.keys() if name.startswith(prefix)}  # noqa: SIM118
        same_class = file.metadata()["machine_class"] == golden_latents.machine_class()
    found = dict(painted)
    assert found.keys() >= golden.keys()
    assert golden
    for name, before in golden.items():
        difference = float((found[name] - before).abs().max())
        assert difference <= (0.0 if same_class else BOUND * float(before.std())), name
        assert found[name].dtype == torch.float32, name


@pytest.mark.long
@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_tiny_models_paint_what_they_painted(tmp_path: Path, prediction: str) -> None:
    checkpoint = golden_latents.tiny_checkpoint(tmp_path / "tiny", prediction)
    compare(prediction, ((f"{prediction}: {name}", it) for name, it in golden_latents.paint_tiny(checkpoint)))


@pytest.mark.model
def test_the_bundled_model_paints_what_it_painted() -> None:
    compare("picturebook", golden_latents.paint_picturebook())
