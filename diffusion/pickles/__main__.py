"""The process that opens a pickle: `python -m diffusion.pickles SOURCE TARGET`; tells in lines of JSON how it goes.

Lines: {"walls": [what could not be given up]}, {"progress": [bytes, all bytes]} now and then, and at the end
{"done": {"tensors", "bytes", "dropped", "not_loaded"}} or {"error": {"message", "remedy"}}.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

from diffusion.errors import DiffusionError

_SPARE = 1 << 30
"""Bytes that torch and its threads may take beside the weights."""
_COPIES = 2
"""A file of older torch is read into memory whole, and one tensor of it may be copied while it is written."""


def main(source: Path, target: Path) -> int:
    """Converts; returns 0, or 1 after an error was told."""
    warnings.filterwarnings("ignore")
    from diffusion.pickles import confinement, contents, opening, streaming

    reasons = [confinement.limit_memory(_COPIES * source.stat().st_size + _SPARE), confinement.give_up_network()]
    confinement.refuse_the_rest([target])
    tell(walls=[reason for reason in reasons if reason])
    try:
        content, not_loaded = opening.unpickle(source)
        tensors, dropped = contents.weights_in(content)
        streaming.write_safetensors(
            tensors, {"format": "pt", "converted_from": source.name}, target, lambda *at: tell(progress=at)
        )
    except DiffusionError as error:
        tell(error={"message": str(error.args[0]), "remedy": error.remedy})
        return 1
    except (MemoryError, RuntimeError, KeyError, OSError) as error:
        tell(error=_in_words(error, source.name))
        return 1
    size = sum(tensor.nbytes for tensor in tensors.values())
    tell(done={"tensors": len(tensors), "bytes": size, "dropped": dropped, "not_loaded": not_loaded})
    return 0


def tell(**what: object) -> None:
    """Prints one line."""
    print(json.dumps(what), flush=True)


def _in_words(error: BaseException, name: str) -> dict[str, str]:
    if isinstance(error, MemoryError):
        message = f"{name} needs more memory than twice its size."
        return {"message": message, "remedy": "Such a file is damaged, or a trap."}
    if isinstance(error, OSError):
        message = f"The new file cannot be written: {error.strerror or error}."
        return {"message": message, "remedy": "Make room on the disk, or choose another place."}
    return {"message": f"{name} cannot be converted: {error}.", "remedy": "Get the model as a safetensors file."}


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
