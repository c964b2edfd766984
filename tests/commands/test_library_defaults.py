"""Switches of torch and Pillow that a pack turns at import: all other nodes would compute with them; they go back."""

from pathlib import Path

import pytest
import torch
from PIL import Image, ImageFile

from commands.installation import WATCHES
from graph.node_types.registry import Registry
from graph.packs.loading import load_packs
from tests.support.bad_packs import write_packs

SWITCHES = {
    "torch.set_default_dtype(torch.float16)": ("the default dtype of torch", torch.get_default_dtype),
    "torch.set_grad_enabled(False)": ("the gradients of torch", torch.is_grad_enabled),
    "torch.set_float32_matmul_precision('medium')": ("the precision of torch", torch.get_float32_matmul_precision),
    "torch.set_num_threads(torch.get_num_threads() + 1)": ("the threads of torch", torch.get_num_threads),
    "ImageFile.LOAD_TRUNCATED_IMAGES = True": (
        "PIL.ImageFile.LOAD_TRUNCATED_IMAGES",
        lambda: ImageFile.LOAD_TRUNCATED_IMAGES,
    ),
    "Image.MAX_IMAGE_PIXELS = None": ("PIL.Image.MAX_IMAGE_PIXELS", lambda: Image.MAX_IMAGE_PIXELS),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_all_nodes_would_compute_with_is_put_back_and_told(tmp_path: Path, switch: str) -> None:
    told, read = SWITCHES[switch]
    before = read()
    packs = write_packs(tmp_path, {"pack": f"import torch\nfrom PIL import Image, ImageFile\n{switch}\n"})
    (report,) = load_packs(packs, Registry(), watches=WATCHES)
    assert (report.error, report.changed) == ("", (told,))
    assert read() == before
