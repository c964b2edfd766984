"""Paints the pictures of the bundled model that README.md shows, each under its prompt.

.venv/bin/python docs/images/paint.py
"""  # noqa: INP001

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from commands.installation import find_installation  # noqa: E402
from graph.document.reader import read  # noqa: E402
from graph.engine import Engine  # noqa: E402

PROMPTS = [
    "a red house on a beach",
    "a black cat in the snow",
    "an orange fish under water",
    "a blue bird in the desert",
    "a white boat on the sea",
    "a pink flower in the snow",
    "a purple car in a meadow",
    "a yellow star in the night sky",
    "a green tree in the desert",
    "a brown dog in a meadow",
]
ACROSS, SIDE, GAP, LINE, SEED = 5, 176, 12, 26, 7


def main() -> None:
    """Paint all prompts with one seed and put them on one sheet."""
    rows = -(-len(PROMPTS) // ACROSS)
    size = (ACROSS * (SIDE + GAP) + GAP, rows * (SIDE + LINE + GAP) + GAP)
    sheet = Image.new("RGB", size, (250, 249, 245))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    workflow = read(HERE.parents[1] / "workflows" / "text-to-image.json").with_input("3", "seed", SEED)
    with tempfile.TemporaryDirectory() as folder:
        installation = find_installation(output=Path(folder))
        with Engine(installation.registry, installation.files) as engine:
            for place, prompt in enumerate(PROMPTS):
                outcome = engine.run(workflow.with_input("6", "text", prompt))
                (artifact,) = outcome.artifacts["9"]
                with Image.open(installation.files.path(artifact.folder, artifact.name)) as picture:
                    painted = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
                x = GAP + place % ACROSS * (SIDE + GAP)
                y = GAP + place // ACROSS * (SIDE + LINE + GAP)
                sheet.paste(painted, (x, y))
                draw.text((x + SIDE / 2, y + SIDE + 5), prompt, (60, 60, 60), font, anchor="ma")
    sheet.save(HERE / "picturebook.png", optimize=True)


if __name__ == "__main__":
    main()
