"""What cuts prompts into the numbers that text encoders read. Nothing is ever fetched.

- `asking`: asking a tokenizer, whatever it is made of
- `clip`: CLIP's tokenizer, from the vocabulary that comes with Jacquard (`clip_vocabulary/`)
- `t5`: T5's tokenizer, from a `tokenizer.json` or a sentencepiece model
- `sentencepiece_model`: what is written in a sentencepiece model
- `gguf_vocabulary`: T5's pieces as GGUF files have them
- `finding`: the tokenizer for a role: bundled, inside the file of the text encoder, or in a folder
"""

from __future__ import annotations

from diffusion.tokenizers.finding import (
    find_tokenizer,
    folder_tokenizer,
    tokenizer_files,
    tokenizer_folders,
    tokenizers_of_folder,
)

__all__ = ["find_tokenizer", "folder_tokenizer", "tokenizer_files", "tokenizer_folders", "tokenizers_of_folder"]
