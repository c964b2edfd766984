"""The built-in nodes, one topic a file. A node body is a few lines over `diffusion`; none of the maths lives here.

Node ids, socket names, their order and their defaults are those that published workflows use. Importing these modules
loads no torch: they say `diffusion.vae.decode(...)`, and `diffusion` loads its rooms when they are used.
"""

from __future__ import annotations

from importlib import import_module

from graph.api import Registry

TOPICS = (
    "loaders",
    "text_loaders",
    "loras",
    "text",
    "family_prompts",
    "conditioning",
    "regions",
    "picture_prompts",
    "latent",
    "model_sampling",
    "sampling",
    "noise_levels",
    "custom_sampling",
    "training",
    "vae",
    "load_image",
    "load_folder",
    "training_sets",
    "loss_graph",
    "save_image",
    "image_size",
    "image_filter",
    "image_mix",
    "equation",
    "batch",
    "latent_batch",
    "mask",
    "primitive",
    "numbers",
    "choosing",
    "streams",
    "loops",
)


def add_to(registry: Registry) -> None:
    """Add every built-in node to `registry`, topic by topic."""
    for topic in TOPICS:
        registry.add_module(import_module(f"nodes.{topic}"))
