"""A tiny checkpoint of each prediction type, loaded once, and one thread: these tests share the machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

os.environ["HF_HUB_OFFLINE"] = "1"

import pytest
import torch

from diffusion.loading import load_checkpoint
from diffusion.text_encoding import encode
from tests.support import tiny_models

if TYPE_CHECKING:
    from pathlib import Path

    from diffusion.conditioning import Conditioning
    from diffusion.models import Checkpoint

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.write_checkpoint(tmp_path_factory.mktemp("tiny") / "eps")


@pytest.fixture(scope="session")
def checkpoint(folder: Path) -> Checkpoint:
    return load_checkpoint(folder, device="cpu")


@pytest.fixture(scope="session")
def v_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.write_checkpoint(tmp_path_factory.mktemp("tiny") / "v", prediction="v_prediction", seed=1)


@pytest.fixture(scope="session")
def wide_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """Eight latent channels and a factor of 4: nothing may count on the usual numbers."""
    folder = tiny_models.write_checkpoint(tmp_path_factory.mktemp("tiny") / "wide", channels=8, stages=3, seed=2)
    return load_checkpoint(folder, device="cpu")


@pytest.fixture(scope="session")
def prompts(checkpoint: Checkpoint) -> tuple[Conditioning, Conditioning]:
    return encode(checkpoint.clip, "a (red:1.3) cat"), encode(checkpoint.clip, "a dog")
