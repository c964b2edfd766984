"""Loading takes the memory that the file has, and hardly more: measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel

from diffusion.layouts import unet_blocks
from tests.support import tiny_files, tiny_modules
from tests.support.backwards import run_backwards

ROOT = Path(__file__).parents[3]
PEAK = Path("/proc/self/clear_refs")
MIB = 2**20

PROGRAM = """
import json, sys
from pathlib import Path
import torch
from diffusion.loading import load_denoiser

torch.set_num_threads(1)

def memory(kind):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(kind)).split()[1])

load_denoiser(Path(sys.argv[2]), device="cpu")  # whatever is imported and made once is there now
before = memory("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
model = load_denoiser(Path(sys.argv[1]), device="cpu")
loaded = memory("VmHWM")
with torch.inference_mode():
    model.module(torch.zeros(1, 4, 8, 8), torch.tensor(1.0), torch.zeros(1, 77, 64))
print(json.dumps({"loading": loaded - before, "computing": memory("VmHWM") - before, "held": model.nbytes}))
"""


def write_large(path: Path, dtype: torch.dtype) -> Path:
    """A denoiser of some 50 million numbers."""
    with torch.device("meta"):
        module = UNet2DConditionModel(
            sample_size=8,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            block_out_channels=(256, 512),
            cross_attention_dim=64,
            layers_per_block=2,
        )
    names = run_backwards(unet_blocks.rows(tiny_modules.blocks(module)), module.state_dict())
    return tiny_files.write(path, {name: (torch.rand(t.shape) * 0.02).to(dtype) for name, t in names.items()})


@pytest.mark.process
@pytest.mark.long
@pytest.mark.skipif(not PEAK.exists(), reason="the system does not tell the peak of a process's memory")
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32], ids=["fp16", "fp32"])
def test_the_peak_while_loading_is_a_tenth_above_the_file_at_most(dtype: torch.dtype, tmp_path: Path) -> None:
    large = write_large(tmp_path / "large.safetensors", dtype)
    small = tiny_files.split_file(tmp_path / "small.safetensors", tiny_files.painter("sd1", words=8), "denoiser")
    size = large.stat().st_size
    assert size > 90 * MIB
    command = [sys.executable, "-c", PROGRAM, str(large), str(small)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    used = json.loads(done.stdout)
    assert used["loading"] <= 1.1 * size
    assert used["held"] == pytest.approx(size, rel=0.02)
    assert used["computing"] <= 1.1 * size + 60 * MIB  # the widest layer in float32, and what it makes
