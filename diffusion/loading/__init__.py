"""From files and folders of the field to handles, offline. Nothing is ever downloaded, and no pickle is opened.

- `checkpoints`: what holds a whole painter: a folder of diffusers, or one file
- `denoisers`: a denoiser alone
- `text_encoders`: text encoders alone, one file each
- `vaes`: a VAE alone
- `folders`: the parts of a diffusers folder
- `folder_index`: what a folder says that it holds, and whether its parts can work together
- `files`: the parts of a file
- `sources`: the weights of a file or a folder's component, by name, as they are stored
- `assembly`: a module of diffusers or transformers from a plan and stored weights
- `pieces`: a stored weight, cut as a layout says
- `reports`: how far loading is, and whether somebody cancelled it
- `devices`: where a model computes, and in which type
- `refusals`: what lies at a path, once a loader can load it
- `absent`: what stands for a part that a file does not hold
"""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before diffusers or transformers is imported: they read it once

from diffusion.loading.checkpoints import load_checkpoint
from diffusion.loading.denoisers import load_denoiser
from diffusion.loading.folder_index import is_checkpoint
from diffusion.loading.text_encoders import load_text_encoders
from diffusion.loading.vaes import load_vae

__all__ = ["is_checkpoint", "load_checkpoint", "load_denoiser", "load_text_encoders", "load_vae"]
