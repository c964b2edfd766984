"""Paints the pictures of docs/how-diffusion-works.md: runs its workflows and lays what they give side by side.

.venv/bin/python docs/images/how.py
"""  # noqa: INP001

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from commands.installation import find_installation  # noqa: E402
from graph.document.reader import read  # noqa: E402
from graph.engine import Engine  # noqa: E402

SIDE, GAP, QUALITY = 192, 8, 82
STATES = (0, 4, 7, 9, 12, 20)
"""Of the path, those that are shown."""


def row(pictures: list[Image.Image]) -> Image.Image:
    """Pictures side by side, each as wide as high."""
    sheet = Image.new("RGB", (len(pictures) * (SIDE + GAP) - GAP, SIDE), (255, 255, 255))
    for place, picture in enumerate(pictures):
        sheet.paste(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC), (place * (SIDE + GAP), 0))
    return sheet


def below(upper: Image.Image, lower: Image.Image) -> Image.Image:
    """Two rows, one below the other."""
    sheet = Image.new("RGB", (upper.width, 2 * SIDE + GAP), (255, 255, 255))
    sheet.paste(upper, (0, 0))
    sheet.paste(lower, (0, SIDE + GAP))
    return sheet


def main() -> None:
    """Run each workflow and write its row of pictures."""
    with tempfile.TemporaryDirectory() as folder:
        installation = find_installation(data_dir=Path(folder))
        with Engine(installation.registry, installation.files) as engine:
            for path in sorted((HERE.parent / "workflows").glob("*.json")):
                outcome = engine.run(read(path))
                if outcome.status != "finished":
                    sys.exit(f"{path.name}: {outcome.problems}")
                shown = [artifact for made in outcome.artifacts.values() for artifact in made]
                files = {made: Image.open(installation.files.path(made.folder, made.name)) for made in shown}
                states = [picture for made, picture in files.items() if made.label]
                if states:
                    there, seen = (
                        row([states[number].crop(box) for number in STATES])
                        for box in ((0, 0, 128, 128), (136, 0, 264, 128))
                    )
                    sheet = below(there, seen)
                else:
                    kept = [made for made in shown if made.folder == "output"]
                    sheet = row([files[made] for made in sorted(kept, key=lambda made: made.name)])
                sheet.save(HERE / f"how-{path.stem}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
