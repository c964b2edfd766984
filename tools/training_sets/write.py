"""Write the example sets anew: `python -m tools.training_sets.write`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tools.training_sets.sets import EXAMPLE_SETS, ExampleSet

FOLDER = Path(__file__).resolve().parents[2] / "workflows" / "pictures"


def write(example: ExampleSet, folder: Path) -> None:
    """Write the pictures of a set with their captions: 01.png, 01.txt, 02.png ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, scene in enumerate(example.scenes, start=1):
        picture = Image.fromarray(example.picture(scene, number))
        picture.save(folder / f"{number:02}.png", optimize=True)
        (folder / f"{number:02}.txt").write_text(example.words(scene) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for example_set in EXAMPLE_SETS:
        write(example_set, FOLDER / example_set.name)
