"""Training a LoRA: every family learns, nothing that is loaded changes, and a run that was stopped goes on exactly."""

import pytest
import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.training.checkpoint import Checkpoint
from diffusion.training.lora_training import Shape, train_lora
from diffusion.training.settings import Settings
from tests.support import tiny_families

pytestmark = pytest.mark.network

EXACT = Shape(rank=2, precision="fp32")


def trained(model, steps=2, shape=EXACT, pictures=3, positive=None, **more):
    """Trains on three pictures of one size and one of another; `more` are settings, or of `train_lora` itself."""
    own = {name: more.pop(name) for name in ("existing", "checkpoint", "on_step", "cancelled") if name in more}
    latents = [
        {"samples": tiny_families.latent(model, seed=1, batch=pictures - 1)},
        {"samples": tiny_families.latent(model, seed=2, sides=(4, 6))},
    ]
    positive = positive or [tiny_families.prompt(model, seed=1)]
    settings = Settings(steps, **{"learning_rate": 0.01, "batch_size": 2, "precision": "fp32", **more})
    return train_lora(model, latents, positive, settings, shape, **own)


def same(first, second):
    pairs = zip(first.lora.tensors(), second.lora.tensors(), strict=True)
    return first.losses == second.losses and all(torch.equal(a, b) for a, b in pairs)


@pytest.fixture(scope="module")
def flux():
    return tiny_families.shared("flux", "")


@pytest.mark.parametrize(("family", "variant"), tiny_families.PLAIN)
def test_every_family_learns_and_its_weights_stay(family, variant):
    model = tiny_families.shared(family, variant)
    before = [parameter.clone() for parameter in model.module.parameters()]
    result = trained(model, shape=Shape(rank=2, layers="attention", precision="fp32"))
    assert len(result.losses) == 2
    assert model.with_lora(result.lora, 1.0).patches
    assert any(tensor.any() for name, tensor in _ups(result.lora))
    assert all(torch.equal(a, b) for a, b in zip(before, model.module.parameters(), strict=True))
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.module.modules())


def _ups(lora):
    return [(name, t) for change in lora.changes() for name, t in change.tensors().items() if name == "up"]


def test_the_same_seed_gives_the_same_and_another_another(flux):
    assert same(trained(flux, seed=1), trained(flux, seed=1))
    assert not same(trained(flux, seed=1), trained(flux, seed=2))


def test_computing_parts_twice_changes_nothing(flux):
    assert same(trained(flux, checkpointing=True), trained(flux, checkpointing=False))


@pytest.mark.parametrize("algorithm", ["LoRA", "LoHa", "LoKr", "OFT"])
def test_the_model_with_the_lora_computes_what_was_trained(flux, algorithm):
    """What hooks add while it trains, and what is merged into the weights afterwards, are one change."""
    seen = []
    result = trained(
        flux, shape=Shape(algorithm, 2, precision="fp32"), on_step=lambda _, now: seen.append(_output(flux, now))
    )
    with_lora = flux.with_lora(result.lora, 1.0)
    with with_lora.lock, with_lora.patched():
        merged = _output(flux, with_lora)
    assert torch.allclose(seen[-1], merged, atol=1e-5)
    assert not torch.allclose(merged, _output(flux, flux), atol=1e-5)


def _output(model, now):
    from diffusion.start import Start

    with torch.no_grad():
        x = tiny_families.random(1, 16, 4, 6, seed=3)
        ((embeds, settings),) = tiny_families.prompt(model, seed=1)
        denoiser = model.family.denoiser(now)
        return denoiser(x, 0.5, denoiser.condition(embeds, settings, Start(x, x, None, None), "positive"))


def test_a_run_that_was_stopped_goes_on_to_the_same_result(flux, tmp_path):
    whole = trained(flux, steps=4)

    def stop(step, _):
        if step.step == 2:
            raise OSError("the power went out")

    with pytest.raises(OSError, match="power"):
        trained(flux, steps=4, checkpoint=Checkpoint(tmp_path, {}), on_step=stop)
    seen = []
    again = trained(flux, steps=4, checkpoint=Checkpoint(tmp_path, {}), on_step=lambda step, _: seen.append(step.step))
    assert seen == [3, 4]
    assert same(again, whole)


def test_a_damaged_checkpoint_is_as_none(flux, tmp_path):
    (tmp_path / "training.pt").write_bytes(b"PK\x03\x04 half")
    assert same(trained(flux, checkpoint=Checkpoint(tmp_path, {})), trained(flux))


def test_cancelling_keeps_what_was_learnt(flux, tmp_path):
    steps = []
    with pytest.raises(Cancelled):
        trained(
            flux,
            checkpoint=Checkpoint(tmp_path, {}),
            on_step=lambda step, _: steps.append(step),
            cancelled=lambda: len(steps) > 0,
        )
    again = trained(flux, checkpoint=Checkpoint(tmp_path, {}), on_step=lambda step, _: steps.append(step))
    assert [step.step for step in steps] == [1, 2]
    assert same(again, trained(flux))


def test_training_goes_on_from_a_lora(flux):
    first = trained(flux)
    second = trained(flux, existing=first.lora)
    assert second.steps == 4
    assert second.lora.metadata["trained_steps"] == "4"
    assert not same(first, second)


@pytest.mark.parametrize(
    ("change", "socket", "words"),
    [
        ({"pictures": 1}, "latents", "one picture"),
        ({"shape": Shape(rank=1000)}, "rank", "1000"),
        ({"steps": 0}, "steps", "1 or more"),
        ({"learning_rate": float("nan")}, "learning_rate", "nan"),
        ({"learning_rate": 1e30}, "learning_rate", "no number any more"),
    ],
)
def test_what_cannot_work_is_refused(flux, change, socket, words):
    if change.get("pictures") == 1:
        with pytest.raises(DiffusionError, match=words) as refused:
            settings = Settings(1, 0.01)
            latents = [{"samples": tiny_families.latent(flux, seed=1)}]
            train_lora(flux, latents, [tiny_families.prompt(flux, seed=1)], settings, EXACT)
    else:
        with pytest.raises(DiffusionError, match=words) as refused:
            trained(flux, **change)
    assert refused.value.input == socket
    assert refused.value.remedy


def test_captions_are_one_for_each_picture_or_one_for_all(flux):
    prompts = [tiny_families.prompt(flux, seed=seed) for seed in range(3)]
    assert not same(trained(flux, positive=prompts), trained(flux))
    with pytest.raises(DiffusionError, match="2 captions for 3 pictures"):
        trained(flux, positive=prompts[:2])
