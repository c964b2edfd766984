"""A small judge of pictures: which subject, colour and setting do they show? It has seen drawings only, never samples.

    python -m tools.picturebook.classifier scratch/picturebook

trains it in about two minutes and writes classifier.pt.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.picturebook.autoencoder import to_tensor
from tools.picturebook.dataset import HELD_OUT, load_pictures, scene_of
from tools.picturebook.draw import Scene
from tools.picturebook.palette import COLOURS
from tools.picturebook.report import log
from tools.picturebook.scenes import SETTINGS
from tools.picturebook.shapes import SUBJECTS

TABLES = (tuple(SUBJECTS), tuple(COLOURS), tuple(SETTINGS))
STEPS, BATCH, LEARNING_RATE = 900, 64, 3e-3


class Classifier(nn.Module):
    """Five strided convolutions on half-size pictures and three linear heads."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 32, 64, 96, 128)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        layers += [
            nn.Conv2d(128, 128, 3, padding=1),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(128 * 16, 192),
            nn.ReLU(),
        ]
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleList([nn.Linear(192, len(table)) for table in TABLES])

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return the logits of subject, colour and setting for pictures in -1..1, (n, 3, 128, 128)."""
        features = self.body(functional.avg_pool2d(pictures, 2))
        return [head(features) for head in self.heads]


def labels(scenes: list[Scene]) -> Tensor:
    """Return the class numbers, (n, 3)."""
    return torch.tensor([[table.index(word) for table, word in zip(TABLES, scene, strict=True)] for scene in scenes])


@torch.no_grad()
def hits(model: Classifier, pictures: Tensor, scenes: list[Scene]) -> Tensor:
    """Return which of subject, colour and setting were recognised as wanted, bool (n, 3)."""
    guesses = torch.stack([logits.argmax(1) for logits in model(pictures)], dim=1)
    return guesses == labels(scenes)


def train(folder: Path) -> None:
    """Train on the drawings, report the accuracy on the held-out ones, save."""
    pictures = load_pictures(folder)
    model = Classifier()
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=STEPS)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        chosen = rng.integers(len(pictures) - HELD_OUT, size=BATCH)
        x = to_tensor(pictures[np.sort(chosen)])
        x = x + 0.08 * torch.randn_like(x) * torch.rand(BATCH, 1, 1, 1)
        wanted = labels([scene_of(int(i)) for i in np.sort(chosen)])
        with torch.autocast("cpu", torch.bfloat16):
            guesses = model(x)
        loss = sum(functional.cross_entropy(guess.float(), wanted[:, i]) for i, guess in enumerate(guesses))
        loss.backward()  # type: ignore[union-attr]
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
    model.eval()
    held_out = range(len(pictures) - HELD_OUT, len(pictures))
    right = hits(model, to_tensor(pictures[-HELD_OUT:]), [scene_of(i) for i in held_out]).float().mean(0)
    log("held-out drawings: subject {:.3f}  colour {:.3f}  setting {:.3f}".format(*right.tolist()))
    torch.save(model.state_dict(), folder / "classifier.pt")


def load(folder: Path) -> Classifier:
    """Return the trained judge."""
    model = Classifier()
    model.load_state_dict(torch.load(folder / "classifier.pt"))
    return model.eval()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    torch.set_num_threads(2)
    torch.manual_seed(0)
    train(parser.parse_args().folder)
