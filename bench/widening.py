"""What it costs to widen a stored weight, beside the product that it is widened for.

Reference: a product with a float32 weight of 3072 x 3072, as Flux has them, of 256 tokens (a prompt) and of 4,352 (a
prompt and a picture of 1024 x 1024). Memory is used again from layer to layer, as inside of a model. Weights that are
stored in the type that is computed in are not widened at all. Processor time of one thread, the best of some.

python bench/widening.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch

from diffusion.stored.contract import Stored
from diffusion.stored.gguf import TYPES, Gguf
from diffusion.stored.plain import Plain
from diffusion.stored.scaled import Scaled

SIDE, PROMPT, PICTURE, REPEATS = 3072, 256, 4352, 9


def main() -> None:
    """Print milliseconds and ratios."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    weight = torch.randn(SIDE, SIDE) * 0.02
    products = [_product(weight, tokens) for tokens in (PROMPT, PICTURE)]
    print(f"{'':14} {'MiB':>6} {'ms':>7} {f'x {PROMPT} tokens':>14} {f'x {PICTURE} tokens':>14}")
    print(f"{'product':14} {weight.nbytes / 2**20:6.1f} {products[0]:7.1f} {1:14.2f} {1:14.2f}")
    wide = torch.empty_like(weight)
    for name, stored in weights(weight).items():
        cost = milliseconds(lambda stored=stored: stored.fill(wide))  # type: ignore[misc]
        ratios = " ".join(f"{cost / product:14.2f}" for product in products)
        print(f"{name:14} {stored.nbytes / 2**20:6.1f} {cost:7.1f} {ratios}")


def weights(weight: torch.Tensor) -> dict[str, Stored]:
    """The weight in each form. Blocks of GGUF are random bytes: what they mean is the same work."""
    scale = torch.rand(SIDE) * 0.01
    made: dict[str, Stored] = {
        "fp16": Plain(weight.half()),
        "bf16": Plain(weight.bfloat16()),
        "fp8": Plain(weight.to(torch.float8_e4m3fn)),
        "fp8 e5m2": Plain(weight.to(torch.float8_e5m2)),
        "fp8 scaled": Scaled(weight.to(torch.float8_e4m3fn), scale[:1]),
        "int8": Scaled((weight * 1000).to(torch.int8), scale),
        "int8 rotated": Scaled((weight * 1000).to(torch.int8), scale, group=256),
    }
    for name, kind in TYPES.items():
        blocks = torch.randint(0, 60, (SIDE * SIDE // kind.values, kind.size), dtype=torch.uint8)
        made[name] = Gguf(blocks, name, (SIDE, SIDE))
    return made


def milliseconds(work: Callable[[], object]) -> float:
    """The least processor time of some work."""
    found = []
    for _ in range(REPEATS):
        start = time.thread_time()
        work()
        found.append(time.thread_time() - start)
    return min(found) * 1000


def _product(weight: torch.Tensor, tokens: int) -> float:
    given = torch.randn(tokens, SIDE)
    return milliseconds(lambda: torch.nn.functional.linear(given, weight))


if __name__ == "__main__":
    main()
