"""`stubs` writes what editors complete; type checkers find wrong names and wrong connections."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import main
from commands import stub_file
from graph.node_types.registry import Registry
from workflow import Workflow

ROOT = Path(__file__).parents[2]
GOOD = """
from workflow import Workflow, pictures
w = Workflow("Cat")
model, clip, vae = w.CheckpointLoaderSimple(ckpt_name="picturebook")
cat = w.CLIPTextEncode(clip=clip, text="a cat")
canvas = w.EmptyLatentImage(width=128)
latent = w.KSampler(model=model, positive=cat, negative=cat.CONDITIONING, latent_image=canvas[0], sampler_name="heun")
latent.inputs["seed"] = 3
latent.title = "Paint"
image = w.run(w.VAEDecode(samples=latent, vae=vae))
pictures(image)[0].save("cat.png")
both: tuple[object, ...] = w.run(latent, cat)
w.ImageBlur(image=pictures(image)[0], blur_radius=w.GetImageSize(image=image).width)
print(w.run().status, w.outcome)
"""
BAD = {
    'w.CLIPTextEncode(clip=clip, txt="a cat")': 'Unexpected keyword argument "txt"',
    "w.CLIPTextEncode(clip=vae)": 'incompatible type "Output[VAE]"',
    "w.CLIPTextEncode()": 'Missing named argument "clip"',
    "w.KSamplr()": 'has no attribute "KSamplr"; maybe "KSampler"?',
    'w.KSamplerSelect(sampler_name="eular")': "Literal['eular']",
    "w.EmptyLatentImage(width=None)": 'incompatible type "None"',
    "w.EmptyLatentImage().IMAGE": 'has no attribute "IMAGE"',
}


def test_the_command_writes_built_in_nodes_and_those_of_packs(tmp_path, capsys):
    shutil.copytree(ROOT / "custom_nodes" / "example_pack", tmp_path / "packs" / "example_pack")
    place = tmp_path / "workflow.pyi"
    folders = ["--data-dir", str(tmp_path), "--packs-dir", str(tmp_path / "packs")]
    assert main.main(["stubs", str(place), *folders]) == 0
    text = place.read_text(encoding="utf-8")
    assert "def KSampler(" in text
    assert "def ExampleImageSize(" in text
    assert f"node types are in {place}" in capsys.readouterr().out.replace("\n", "")
    assert main.main(["stubs", str(place), *folders]) == 0, "it is written over the one that is there"


def test_the_stub_has_what_the_module_has():
    text = stub_file.current(Registry())
    import workflow

    for name in workflow.__all__:
        assert f"class {name}" in text or f"def {name}(" in text or f"as {name}\n" in text
    for name in (each for each in vars(Workflow) if not each.startswith("_")):
        assert f"def {name}(" in text


@pytest.mark.process
@pytest.mark.long
def test_a_type_checker_takes_a_good_script_and_finds_each_wrong_line(tmp_path):
    (tmp_path / "good.py").write_text(GOOD)
    head = "\n".join(GOOD.splitlines()[:4])
    (tmp_path / "bad.py").write_text("\n".join([head, *BAD]))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", tmp_path / "good.py", tmp_path / "bad.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    errors = [line for line in done.stdout.splitlines() if " error: " in line]
    first = len(head.splitlines()) + 1
    assert len(errors) == len(BAD), done.stdout
    for number, (message, error) in enumerate(zip(BAD.values(), errors, strict=True), first):
        assert f"bad.py:{number}: " in error
        assert message in error
