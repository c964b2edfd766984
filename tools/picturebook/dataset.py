"""The pictures to learn from: number i always shows the same scene, drawn the same way.

    python -m tools.picturebook.dataset scratch/picturebook --count 24000

writes pictures.npy, uint8 (count, 128, 128, 3). The last HELD_OUT of them are for measuring only.
"""

from __future__ import annotations

import argparse
import multiprocessing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.picturebook.draw import SIZE, Scene, draw, random_scene

HELD_OUT = 256


def scene_of(index: int) -> Scene:
    """Return what picture number `index` shows."""
    return random_scene(np.random.default_rng((1, index)))


def picture(index: int) -> NDArray[np.uint8]:
    """Return picture number `index`, uint8 (128, 128, 3)."""
    return draw(scene_of(index), index)


def load_pictures(folder: Path) -> NDArray[np.uint8]:
    """Return the written pictures, read from the disk as they are asked for."""
    pictures: NDArray[np.uint8] = np.load(folder / "pictures.npy", mmap_mode="r")
    return pictures


def write_pictures(folder: Path, count: int) -> None:
    """Draw `count` pictures on all cores."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = (count, SIZE, SIZE, 3)
    out = np.lib.format.open_memmap(folder / "pictures.npy", mode="w+", dtype=np.uint8, shape=shape)
    with multiprocessing.Pool() as pool:
        for index, drawn in enumerate(pool.imap(picture, range(count), chunksize=64)):
            out[index] = drawn
    out.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=24_000)
    arguments = parser.parse_args()
    write_pictures(arguments.folder, arguments.count)
