"""A sheet of pictures before and after a training, under what was learned from. Not a benchmark itself.

Those of docs/training.md are made with `python bench/training.py --sheet docs/images`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

SIDE, GAP, LEFT, LINE, EACH = 96, 6, 62, 20, 2
"""Pixels: a picture's side, the room between pictures, for the names of rows, and for a line of text; and how many
pictures of each prompt are shown."""


def laid_out(
    prompts: Sequence[str], learned: Sequence[Image.Image], before: Sequence[Any], after: Sequence[Any]
) -> Image.Image:
    """Some of what was learned from, and below it the first pictures of each prompt, before and after.

    `before` and `after` hold as many pictures for each prompt, uint8 (height, width, 3), prompt after prompt.
    """
    count = len(before) // len(prompts)
    column = EACH * (SIDE + GAP) + GAP
    size = LEFT + len(prompts) * column, 3 * (SIDE + GAP) + LINE + 2 * GAP
    sheet = Image.new("RGB", size, (250, 249, 245))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)

    def row(top: int, label: str, pictures: Sequence[Image.Image]) -> None:
        pen.multiline_text((GAP, top + SIDE / 2 - 12), label, (60, 60, 60), font)
        for place, picture in enumerate(pictures):
            x = LEFT + place // EACH * column + place % EACH * (SIDE + GAP)
            sheet.paste(picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (x, top))

    row(GAP, "learned\nfrom", learned[: EACH * len(prompts)])
    top = GAP + SIDE + GAP
    for place, prompt in enumerate(prompts):
        pen.text((LEFT + place * column + (column - 2 * GAP) / 2, top), prompt, (60, 60, 60), font, anchor="ma")
    shown = [place * count + i for place in range(len(prompts)) for i in range(EACH)]
    for number, (label, pictures) in enumerate((("before", before), ("after", after))):
        row(top + LINE + number * (SIDE + GAP), label, [Image.fromarray(pictures[i]) for i in shown])
    return sheet
