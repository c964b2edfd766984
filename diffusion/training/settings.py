"""How to train: numbers and choices that are checked before anything is done. Free of torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from diffusion.errors import DiffusionError

OPTIMIZERS = ("AdamW", "Adam", "SGD", "RMSprop")
LOSSES = ("MSE", "L1", "Huber", "SmoothL1")
PRECISIONS = ("bf16", "fp32")
SCHEDULES = ("constant", "linear", "cosine")
FEWEST_PICTURES = 2


@dataclass(frozen=True)
class Settings:
    """How to train.

    `snr_gamma` above 0 gives levels of little noise less weight (arXiv 2303.09556). The learning rate rises for
    `warmup` steps, and then stays or falls to 0 by `schedule`. `precision` is what the network computes in; what is
    trained is always kept in float32.
    """

    steps: int
    learning_rate: float
    batch_size: int = 1
    accumulation: int = 1
    optimizer: str = "AdamW"
    loss: str = "MSE"
    seed: int = 0
    precision: str = "bf16"
    checkpointing: bool = True
    snr_gamma: float = 0.0
    warmup: int = 0
    schedule: str = "constant"

    def __post_init__(self) -> None:
        """Raises DiffusionError for what cannot be trained with."""
        for name, input_name in _COUNTS.items():
            if getattr(self, name) < 1:
                raise DiffusionError(
                    f"{input_name} must be 1 or more, not {getattr(self, name)}.", remedy="Raise it.", input=input_name
                )
        if not math.isfinite(self.learning_rate) or self.learning_rate <= 0:
            raise DiffusionError(
                f"The learning rate must be a number above 0, not {self.learning_rate}.",
                remedy="0.0005 is usual for a LoRA.",
                input="learning_rate",
            )
        if not math.isfinite(self.snr_gamma) or self.snr_gamma < 0 or self.warmup < 0:
            raise DiffusionError(
                f"snr_gamma ({self.snr_gamma}) and warmup_steps ({self.warmup}) cannot be below 0.",
                remedy="Set them to 0 to do without.",
                input="snr_gamma" if not self.snr_gamma >= 0 else "warmup_steps",
            )
        for name, (input_name, choices) in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise DiffusionError(
                    f"There is no {input_name} {getattr(self, name)!r}.",
                    remedy=f"Choose one of {', '.join(choices)}.",
                    input=input_name,
                )

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / (self.warmup + 1)
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        share = {"constant": 1.0, "linear": 1.0 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}
        return self.learning_rate * share[self.schedule]

    def words(self) -> dict[str, str]:
        """All of it as texts by name."""
        return {item.name: str(getattr(self, item.name)) for item in fields(self)}


_COUNTS = {"steps": "steps", "batch_size": "batch_size", "accumulation": "grad_accumulation_steps"}
_CHOICES = {
    "optimizer": ("optimizer", OPTIMIZERS),
    "loss": ("loss_function", LOSSES),
    "precision": ("training_dtype", PRECISIONS),
    "schedule": ("schedule", SCHEDULES),
}
