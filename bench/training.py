"""Training the two example LoRAs in full: seconds, peak memory, time a step, and what a judge says of the pictures.

Each example workflow is run as a person would run it, in a process of its own. The reference for a step is a plain loop
with diffusers and peft on the same model, layers, rank, batch and optimizer; the two take turns step by step, so that
whatever else the machine does falls on both. Aims: under five minutes, and a ratio of at most 1.05. The judge is that
of the bundled model (`tools/picturebook/classifier.py`), trained on a first run, which takes some minutes.

    python bench/training.py [striped-cat] [blueprint] [step] [--judge FOLDER] [--sheet FOLDER]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from commands.installation import find_installation
from graph.document.reader import read
from graph.document.workflow import Reference, Workflow
from graph.engine import Engine
from graph.running import events

WORKFLOWS = {"striped-cat": "train-a-striped-cat", "blueprint": "train-a-style"}
TRAINS, MINUTES, RATIO = "12", 5, 1.05
STEPS, WARM = 24, 4


def main() -> None:
    """Print the numbers of the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join([*WORKFLOWS, 'step'])}; without any, all")
    parser.add_argument("--judge", type=Path, default=ROOT / "scratch" / "picturebook", help="where the judge lies")
    parser.add_argument("--sheet", type=Path, help="a folder for sheets of the pictures before and after")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        train_one(chosen.one, chosen.judge, chosen.sheet)
        return
    for part in chosen.parts or [*WORKFLOWS, "step"]:
        if part == "step":
            time_a_step()
            continue
        extra = ["--sheet", str(chosen.sheet)] if chosen.sheet else []
        command = [sys.executable, __file__, "--one", part, "--judge", str(chosen.judge), *extra]
        subprocess.run(command, check=True)  # noqa: S603 - this file


def train_one(name: str, judge: Path, sheet: Path | None) -> None:
    """Run an example workflow; print what training took, and what the judge says of pictures before and after."""
    workflow = read(ROOT / "workflows" / f"{WORKFLOWS[name]}.json")
    with tempfile.TemporaryDirectory() as folder:
        installation = find_installation(output=Path(folder))
        with Engine(installation.registry, installation.files) as engine:
            loaded = engine.run(workflow, ["4", "11"])  # torch is loaded and the pictures are encoded
            finished(loaded)
            before, began, busy = peak_bytes(), time.perf_counter(), time.process_time()
            took: dict[str, float] = {}

            def listen(event: events.Event) -> None:
                if isinstance(event, events.NodeFinished) and event.node == TRAINS:
                    took["seconds"] = event.seconds

            outcome = engine.run(workflow, [TRAINS], listener=listen)
            finished(outcome)
            values = {**loaded.values["4"], **{f"trained {key}": each for key, each in outcome.values[TRAINS].items()}}
    steps = workflow.nodes[TRAINS].inputs["steps"]
    seconds, busy = took.get("seconds", time.perf_counter() - began), time.process_time() - busy
    print(
        f"{name}: {steps} steps in {seconds:.0f} s, {seconds / steps:.3f} s each "
        f"(aim: under {MINUTES} minutes: x {seconds / 60 / MINUTES:.2f}), "
        f"{busy:.0f} s of processor time; "
        f"peak memory {peak_bytes() / 2**20:,.0f} MiB, before training {before / 2**20:,.0f} MiB",
        flush=True,
    )
    from bench.training_scores import report

    report(name, values["MODEL"], values["trained MODEL"], values["CLIP"], values["VAE"], judge, sheet)


def finished(outcome: Any) -> None:
    """Stop where a run failed."""
    if outcome.status != "finished":
        raise SystemExit("\n".join(map(str, outcome.problems)))


def peak_bytes() -> int:
    """The most memory that this process had until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def settings_of(workflow: Workflow) -> dict[str, Any]:
    """What is written into the training node."""
    return {key: value for key, value in workflow.nodes[TRAINS].inputs.items() if not isinstance(value, Reference)}


def time_a_step() -> None:
    """A step of the striped cat beside one of a plain loop."""
    if find_spec("peft") is None:
        print("a step: not measured, for the plain loop needs peft and accelerate (pip install peft)")
        return
    import torch

    import diffusion
    from diffusion.training.lora_training import Shape, train_lora
    from diffusion.training.settings import Settings

    written = settings_of(read(ROOT / "workflows" / f"{WORKFLOWS['striped-cat']}.json"))
    checkpoint = diffusion.loading.load_checkpoint(ROOT / "models" / "picturebook")
    dice = torch.Generator().manual_seed(0)
    latent = {"samples": torch.randn(20, 4, 16, 16, generator=dice)}
    prompt = diffusion.text_encoding.encode(checkpoint.clip, "a striped cat in the snow")
    theirs = PlainLoop(written, prompt[0][0])
    times: tuple[list[float], list[float]] = ([], [])
    clock = [time.perf_counter()]

    def turn(*_: object) -> None:
        times[0].append(time.perf_counter() - clock[0])
        started = time.perf_counter()
        theirs.step()
        clock[0] = time.perf_counter()
        times[1].append(clock[0] - started)

    settings = Settings(
        STEPS, written["learning_rate"], written["batch_size"],
        precision=written["training_dtype"], checkpointing=written["gradient_checkpointing"],
    )  # fmt: skip
    shape = Shape(rank=written["rank"], layers=written["layers"])
    train_lora(checkpoint.model, [latent], [prompt], settings, shape, on_step=turn)
    ours, plain = times[0][WARM:], times[1][WARM:]
    found = statistics.median(mine / other for mine, other in zip(ours, plain, strict=True))
    print(
        f"a step with {written['batch_size']} pictures on {torch.get_num_threads()} threads: "
        f"Jacquard {statistics.median(ours):.3f} s, diffusers and peft {statistics.median(plain):.3f} s, "
        f"ratio {found:.3f} (median of {len(ours)} pairs; aim: at most {RATIO})"
    )


class PlainLoop:
    """Training as the manuals of diffusers and peft show it: an adapter, AdamW, v-prediction at a random level."""

    def __init__(self, written: dict[str, Any], context: Any) -> None:
        import torch
        from diffusers import DDPMScheduler, UNet2DConditionModel
        from peft import LoraConfig

        from diffusion.training.layers import chosen

        folder = ROOT / "models" / "picturebook"
        self.unet = UNet2DConditionModel.from_pretrained(
            folder, subfolder="unet", torch_dtype=torch.float32, local_files_only=True
        ).requires_grad_(False)
        paths = list(chosen(self.unet, written["layers"]))
        self.unet.add_adapter(LoraConfig(r=written["rank"], lora_alpha=written["rank"], target_modules=paths))
        self.unet.train()
        self.levels = DDPMScheduler.from_pretrained(folder, subfolder="scheduler", local_files_only=True)
        trained = [each for each in self.unet.parameters() if each.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=written["learning_rate"])
        self.batch = written["batch_size"]
        self.context = context.clone().expand(self.batch, -1, -1)
        self.latents = torch.randn(20, 4, 16, 16)

    def step(self) -> None:
        """One step."""
        import torch
        from torch.nn import functional

        latents = self.latents[torch.randint(len(self.latents), (self.batch,))]
        noise = torch.randn_like(latents)
        levels = torch.randint(self.levels.config.num_train_timesteps, (self.batch,))
        noisy = self.levels.add_noise(latents, noise, levels)
        wanted = self.levels.get_velocity(latents, noise, levels)
        output = self.unet(noisy, levels, self.context).sample
        functional.mse_loss(output, wanted).backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)


if __name__ == "__main__":
    main()
