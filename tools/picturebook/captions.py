"""Captions: one of many wordings for a scene, now and then without its colour or its setting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.picturebook.draw import Scene, is_natural_colour
from tools.picturebook.palette import COLOURS

if TYPE_CHECKING:
    import numpy as np

NOUNS: dict[str, tuple[str, ...]] = {
    "cat": ("cat", "cat", "cat", "kitten", "kitty"),
    "dog": ("dog", "dog", "dog", "puppy", "hound"),
    "fish": ("fish",),
    "bird": ("bird", "bird", "bird", "birdie"),
    "house": ("house", "house", "house", "home", "cottage", "building"),
    "tree": ("tree",),
    "flower": ("flower", "flower", "flower", "blossom"),
    "car": ("car", "car", "car", "automobile"),
    "boat": ("boat", "boat", "boat", "sailboat", "ship"),
    "sun": ("sun",),
    "moon": ("moon", "moon", "moon", "crescent moon"),
    "star": ("star",),
}
COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "grey": ("grey", "gray"),
    "purple": ("purple", "purple", "violet"),
    "blue": ("blue",),
}
PLACES: dict[str, tuple[str, ...]] = {
    "meadow": (
        *("in a meadow", "on a meadow", "in the meadow", "on the grass"),
        *("in a field", "on green hills", "on a lawn"),
    ),
    "beach": ("on a beach", "on the beach", "at the beach", "on a sandy beach", "on the shore", "at the seaside"),
    "snow": ("in the snow", "on snow", "in snow", "in winter", "in a snowy landscape", "on a snowy day"),
    "desert": ("in the desert", "in a desert", "on a desert dune", "among the dunes"),
    "night sky": (
        *("in the night sky", "at night", "in a night sky"),
        *("in a starry sky", "on a starry night", "in the dark"),
    ),
    "underwater": ("under water", "underwater", "under the sea", "under the water", "deep in the ocean"),
    "sea": ("on the sea", "at sea", "on the ocean", "on the water", "on the open sea", "on the waves"),
    "plain": ("on a plain background", "with a plain background", "on plain paper", "in front of a plain wall",
              "on an empty background"),
}  # fmt: skip
TAGS: dict[str, tuple[str, ...]] = {
    "meadow": ("meadow", "grass", "green hills", "field"),
    "beach": ("beach", "sandy beach", "shore"),
    "snow": ("snow", "winter", "snowy landscape"),
    "desert": ("desert", "dunes"),
    "night sky": ("night sky", "night", "starry sky"),
    "underwater": ("underwater", "under water"),
    "sea": ("sea", "ocean", "open sea"),
    "plain": ("plain background", "plain backdrop", "empty background"),
}
ADJECTIVES = ("little", "big", "small", "cute", "large", "nice", "pretty", "beautiful", "lovely", "tiny", "happy")
OPENINGS = (
    *("a picture of", "a drawing of", "an illustration of", "a painting of", "an image of", "a photo of"),
    *("a cartoon of", "picture of", "drawing of"),
)
ENDINGS = (
    *("flat colours", "flat colors", "bright colours", "colourful", "simple shapes", "clean lines", "vector art"),
    *("storybook style", "children's book illustration", "for children", "cartoon", "digital art", "a scene"),
    *("highly detailed", "masterpiece", "best quality", "high quality", "very nice", "4 k"),
)

NO_COLOUR, NO_SETTING = 0.06, 0.08


def caption(scene: Scene, rng: np.random.Generator) -> str:
    """Return a wording of the scene. Usual colours and plain backgrounds are left out more often."""
    colour = _pick(COLOUR_WORDS.get(scene.colour, (scene.colour,)), rng)
    if rng.random() < (0.4 if is_natural_colour(scene) else NO_COLOUR):
        colour = ""
    placed = rng.random() >= (0.5 if scene.setting == "plain" else NO_SETTING)
    noun = _pick(NOUNS[scene.subject], rng)
    adjective = _pick(ADJECTIVES, rng) if rng.random() < 0.12 else ""
    thing = " ".join(word for word in (adjective, colour, noun) if word)
    article = (
        _pick(("a", "a", "a", "the", ""), rng) if scene.subject not in ("sun", "moon") else _pick(("a", "the", ""), rng)
    )
    if colour and rng.random() < 0.06:
        thing = " ".join(word for word in (adjective, noun, "that is", colour) if word)
    text = _article(article, thing)
    if rng.random() < 0.2:
        text = f"{_pick(OPENINGS, rng)} {text}"
    if placed:
        text = _with_place(text, scene.setting, rng)
    if rng.random() < 0.1:
        text = f"{text}, {_pick(ENDINGS, rng)}"
    return text


def _with_place(text: str, setting: str, rng: np.random.Generator) -> str:
    place, tag = _pick(PLACES[setting], rng), _pick(TAGS[setting], rng)
    form = rng.random()
    if form < 0.64:
        return f"{text} {place}"
    if form < 0.78:
        return f"{text}, {tag}"
    if form < 0.84:
        return f"{text}, {place}"
    if form < 0.9:
        return f"{tag}, {text}"
    if form < 0.95:
        return f"{place}, {text}"
    return f"{tag} with {text}"


def _article(article: str, thing: str) -> str:
    if article == "a" and thing[0] in "aeiou":
        return f"an {thing}"
    return f"{article} {thing}".strip()


def _pick(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def all_words(text: str) -> list[str]:
    """Return the words of a text as CLIP's tokenizer splits them: letters, single digits, 's."""
    return re.findall(r"'s|[a-z]+|[0-9]", text.lower())


def vocabulary() -> list[str]:
    """Return every word that a caption can hold, sorted."""
    phrases = [*COLOURS, *ADJECTIVES, *OPENINGS, *ENDINGS, "a an the that is with"]
    for table in (NOUNS, COLOUR_WORDS, PLACES, TAGS):
        for wordings in table.values():
            phrases.extend(wordings)
    return sorted({word for phrase in phrases for word in all_words(phrase)})
