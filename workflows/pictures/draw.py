"""Draws the input pictures of the example workflows anew: `python -m workflows.pictures.draw`."""  # noqa: INP001

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from tools.picturebook.draw import Scene, draw

HERE = Path(__file__).parent
SIZE, SCALE = 128, 4


def house_sketch() -> Image.Image:
    """Four blots that could become a house in the snow, for image-to-image."""
    picture = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), (172, 192, 218))
    pen = ImageDraw.Draw(picture)

    def patch(colour: tuple[int, int, int], *points: tuple[int, int]) -> None:
        pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    patch((232, 240, 250), (0, 84), (50, 76), (128, 86), (128, 128), (0, 128))
    patch((206, 48, 50), (30, 58), (96, 62), (92, 106), (35, 103))
    patch((110, 60, 50), (20, 63), (58, 22), (108, 66))
    return picture.reduce(SCALE)


def meadow_with_a_hole() -> Image.Image:
    """A cat in a meadow, rubbed out: transparent where something else is to be painted."""
    picture = Image.fromarray(draw(Scene("cat", "orange", "meadow"), 3)).convert("RGBA")
    hole = Image.new("L", (SIZE * SCALE, SIZE * SCALE), 255)
    box = [edge * SCALE for edge in (18, 16, 112, 120)]
    ImageDraw.Draw(hole).rounded_rectangle(box, radius=24 * SCALE, fill=0)
    picture.putalpha(hole.reduce(SCALE))
    return picture


if __name__ == "__main__":
    house_sketch().save(HERE / "house-sketch.png", optimize=True)
    meadow_with_a_hole().save(HERE / "meadow-with-a-hole.png", optimize=True)
