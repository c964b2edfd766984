# Written from the node types by 'python main.py stubs'; 'make types' writes the one that is committed.
# ruff: noqa
"""Workflows in Python: what `workflow.py` offers, with a method for each node type."""

from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, Generic, Literal, Self, TypeAlias, TypeVar, overload

from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor

from graph.engine import Outcome
from graph.running.events import Event
from graph.scripting.errors import RunFailedError as RunFailedError
from graph.scripting.handles import NodeHandle as NodeHandle
from graph.scripting.handles import Output as Output
from graph.scripting.script import ScriptWorkflow

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Picture: TypeAlias = Pillow.Image | NDArray[Any] | Tensor

class OneOutput(NodeHandle, Generic[T_co]):
    """A node with one output, which stands for it."""

    def __iter__(self) -> Iterator[Output[T_co]]: ...
    def __getitem__(self, index: int) -> Output[T_co]: ...

Link: TypeAlias = Output[T_co] | OneOutput[T_co]

class Session:
    """An installation: its models, packs, folders and cache."""

    def __init__(
        self,
        data_dir: Path | None = None,
        models_dir: Path | None = None,
        packs_dir: Path | None = None,
        output: Path | None = None,
        *,
        disk_cache: bool = True,
    ) -> None: ...
    def close(self) -> None: ...
    def __getattr__(self, name: str) -> Any: ...

def pictures(images: Tensor) -> list[Pillow.Image]:
    """Return pictures of Pillow for an IMAGE [B, H, W, C] in 0..1, such as `run` gives; notebooks show them."""

class CLIP:
    """A value of the socket type CLIP."""

class CONDITIONING:
    """A value of the socket type CONDITIONING."""

class GUIDER:
    """A value of the socket type GUIDER."""

class IMAGE(Tensor):
    """A value of the socket type IMAGE."""

class LATENT(dict[str, Any]):
    """A value of the socket type LATENT."""

class LORA_MODEL:
    """A value of the socket type LORA_MODEL."""

class LOSS_MAP:
    """A value of the socket type LOSS_MAP."""

class MASK(Tensor):
    """A value of the socket type MASK."""

class MODEL:
    """A value of the socket type MODEL."""

class NOISE:
    """A value of the socket type NOISE."""

class SAMPLER:
    """A value of the socket type SAMPLER."""

class SIGMAS(Tensor):
    """A value of the socket type SIGMAS."""

class VAE:
    """A value of the socket type VAE."""

_CLIP: TypeAlias = CLIP

_CONDITIONING: TypeAlias = CONDITIONING

_GUIDER: TypeAlias = GUIDER

_IMAGE: TypeAlias = IMAGE

_LATENT: TypeAlias = LATENT

_LORA_MODEL: TypeAlias = LORA_MODEL

_LOSS_MAP: TypeAlias = LOSS_MAP

_MASK: TypeAlias = MASK

_MODEL: TypeAlias = MODEL

_NOISE: TypeAlias = NOISE

_SAMPLER: TypeAlias = SAMPLER

_SIGMAS: TypeAlias = SIGMAS

_VAE: TypeAlias = VAE

class BOOLEAN_bool_Node(OneOutput[bool]):
    """A node with one output."""
    BOOLEAN: Output[bool]

class CLIP_CLIP_Node(OneOutput[CLIP]):
    """A node with one output."""
    CLIP: Output[_CLIP]

class CONDITIONING_CONDITIONING_Node(OneOutput[CONDITIONING]):
    """A node with one output."""
    CONDITIONING: Output[_CONDITIONING]

class FLOAT_float_Node(OneOutput[float]):
    """A node with one output."""
    FLOAT: Output[float]

class GUIDER_GUIDER_Node(OneOutput[GUIDER]):
    """A node with one output."""
    GUIDER: Output[_GUIDER]

class IMAGE_IMAGE_Node(OneOutput[IMAGE]):
    """A node with one output."""
    IMAGE: Output[_IMAGE]

class INT_int_Node(OneOutput[int]):
    """A node with one output."""
    INT: Output[int]

class LATENT_LATENT_Node(OneOutput[LATENT]):
    """A node with one output."""
    LATENT: Output[_LATENT]

class MASK_MASK_Node(OneOutput[MASK]):
    """A node with one output."""
    MASK: Output[_MASK]

class MODEL_MODEL_Node(OneOutput[MODEL]):
    """A node with one output."""
    MODEL: Output[_MODEL]

class NOISE_NOISE_Node(OneOutput[NOISE]):
    """A node with one output."""
    NOISE: Output[_NOISE]

class SAMPLER_SAMPLER_Node(OneOutput[SAMPLER]):
    """A node with one output."""
    SAMPLER: Output[_SAMPLER]

class SIGMAS_SIGMAS_Node(OneOutput[SIGMAS]):
    """A node with one output."""
    SIGMAS: Output[_SIGMAS]

class STRING_str_Node(OneOutput[str]):
    """A node with one output."""
    STRING: Output[str]

class VAE_VAE_Node(OneOutput[VAE]):
    """A node with one output."""
    VAE: Output[_VAE]

class output_Any_Node(OneOutput[Any]):
    """A node with one output."""
    output: Output[Any]

class CalculateNode(tuple[Output[float], Output[int]], NodeHandle):  # type: ignore[misc]
    """The outputs of Calculate."""
    FLOAT: Output[float]
    """The result as it is"""
    INT: Output[int]
    """The nearest whole number; halves go up"""

class CheckpointLoaderSimpleNode(tuple[Output[MODEL], Output[CLIP], Output[VAE]], NodeHandle):  # type: ignore[misc]
    """The outputs of CheckpointLoaderSimple."""
    MODEL: Output[_MODEL]
    """The part that paints. Connect it to a sampler"""
    CLIP: Output[_CLIP]
    """The part that reads your prompt. Connect it to the prompt nodes"""
    VAE: Output[_VAE]
    """The part that turns latents into pictures and back. Connect it to VAE Decode"""

class DiffusersLoaderNode(tuple[Output[MODEL], Output[CLIP], Output[VAE]], NodeHandle):  # type: ignore[misc]
    """The outputs of DiffusersLoader."""
    MODEL: Output[_MODEL]
    """The part that paints. Connect it to a sampler"""
    CLIP: Output[_CLIP]
    """The part that reads your prompt. Connect it to the prompt nodes"""
    VAE: Output[_VAE]
    """The part that turns latents into pictures and back. Connect it to VAE Decode"""

class DiffusionEquationNode(tuple[Output[IMAGE | LATENT], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of DiffusionEquation."""
    result: Output[_IMAGE | _LATENT]
    """What it became: a picture where one came in, a latent where one came in"""
    report: Output[str]
    """Which solver was taken, and in how many steps"""

class ForEachLineNode(tuple[Output[str], Output[int]], NodeHandle):  # type: ignore[misc]
    """The outputs of ForEachLine."""
    line: Output[str]
    """A line, without blanks around it"""
    number: Output[int]
    """Which line it is, empty ones not counted; the first is 0"""

class GetImageSizeNode(tuple[Output[int], Output[int], Output[int]], NodeHandle):  # type: ignore[misc]
    """The outputs of GetImageSize."""
    width: Output[int]
    """Pixels from left to right"""
    height: Output[int]
    """Pixels from top to bottom"""
    batch_size: Output[int]
    """How many pictures there are"""

class ImagePadForOutpaintNode(tuple[Output[IMAGE], Output[MASK]], NodeHandle):  # type: ignore[misc]
    """The outputs of ImagePadForOutpaint."""
    IMAGE: Output[_IMAGE]
    """The picture with grey borders"""
    MASK: Output[_MASK]
    """White on the borders: what is to be painted"""

class InpaintModelConditioningNode(tuple[Output[CONDITIONING], Output[CONDITIONING], Output[LATENT]], NodeHandle):  # type: ignore[misc]
    """The outputs of InpaintModelConditioning."""
    positive: Output[_CONDITIONING]
    """The first prompt with the picture. Connect it to the sampler's positive"""
    negative: Output[_CONDITIONING]
    """The second prompt with the picture. Connect it to the sampler's negative"""
    latent: Output[_LATENT]
    """What to sample from. Connect it to the sampler's latent image"""

class InstructPixToPixConditioningNode(tuple[Output[CONDITIONING], Output[CONDITIONING], Output[LATENT]], NodeHandle):  # type: ignore[misc]
    """The outputs of InstructPixToPixConditioning."""
    positive: Output[_CONDITIONING]
    """The first prompt with the picture. Connect it to the sampler's positive"""
    negative: Output[_CONDITIONING]
    """The second prompt with the picture. Connect it to the sampler's negative"""
    latent: Output[_LATENT]
    """What to sample from. Connect it to the sampler's latent image"""

class ListToEachNode(tuple[Output[Any], Output[int]], NodeHandle):  # type: ignore[misc]
    """The outputs of ListToEach."""
    value: Output[Any]
    """The items, one after the other"""
    number: Output[int]
    """Which item it is; the first is 0"""

class LoadImageNode(tuple[Output[IMAGE], Output[MASK]], NodeHandle):  # type: ignore[misc]
    """The outputs of LoadImage."""
    IMAGE: Output[_IMAGE]
    """The picture; the frames of an animation come as a batch"""
    MASK: Output[_MASK]
    """White where the picture is transparent. Erase a part of a picture to mask it"""

class LoadImageSetFromFolderNodeNode(tuple[Output[IMAGE], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of LoadImageSetFromFolderNode."""
    IMAGE: Output[_IMAGE]
    """The pictures, all as one batch; with buckets a batch for each shape"""
    report: Output[str]
    """Which picture has which caption, size and weight, and what was left out"""

class LoadImageTextSetFromFolderNodeNode(tuple[Output[IMAGE], Output[CONDITIONING], Output[str], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of LoadImageTextSetFromFolderNode."""
    IMAGE: Output[_IMAGE]
    """The pictures, all as one batch; with buckets a batch for each shape"""
    CONDITIONING: Output[_CONDITIONING]
    """The captions as prompts, one for each picture, in the same order"""
    captions: Output[str]
    """The captions as text, a line for each picture"""
    report: Output[str]
    """Which picture has which caption, size and weight, and what was left out"""

class LoadImagesFromFolderNode(tuple[Output[IMAGE], Output[MASK], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of LoadImagesFromFolder."""
    IMAGE: Output[_IMAGE]
    """The pictures, one after the other"""
    MASK: Output[_MASK]
    """White where the picture is transparent"""
    name: Output[str]
    """The name of the file inside its folder, without the ending"""

class LoraLoaderNode(tuple[Output[MODEL], Output[CLIP], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of LoraLoader."""
    MODEL: Output[_MODEL]
    """The model with the LoRA. Connect it to a sampler"""
    CLIP: Output[_CLIP]
    """The text encoder with the LoRA. Connect it to the prompt nodes"""
    report: Output[str]
    """How many layers were changed, and what of the LoRA was not used and why"""

class LoraLoaderModelOnlyNode(tuple[Output[MODEL], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of LoraLoaderModelOnly."""
    MODEL: Output[_MODEL]
    """The model with the LoRA. Connect it to a sampler"""
    report: Output[str]
    """How many layers were changed, and what of the LoRA was not used and why"""

class LoraModelLoaderNode(tuple[Output[MODEL], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of LoraModelLoader."""
    MODEL: Output[_MODEL]
    """The model with the LoRA. Connect it to a sampler"""
    report: Output[str]
    """How many layers were changed, and what of the LoRA was not used and why"""

class RepeatEachNode(tuple[Output[Any], Output[int]], NodeHandle):  # type: ignore[misc]
    """The outputs of RepeatEach."""
    value: Output[Any]
    """The same thing again and again"""
    number: Output[int]
    """Which repetition it is; the first is 0. Add it to a seed for versions"""

class SamplerCustomNode(tuple[Output[LATENT], Output[LATENT]], NodeHandle):  # type: ignore[misc]
    """The outputs of SamplerCustom."""
    output: Output[_LATENT]
    """The picture at the last level. Connect it to VAE Decode"""
    denoised_output: Output[_LATENT]
    """The picture as the last step saw it, without noise: the same unless the levels end above 0"""

class SamplerCustomAdvancedNode(tuple[Output[LATENT], Output[LATENT]], NodeHandle):  # type: ignore[misc]
    """The outputs of SamplerCustomAdvanced."""
    output: Output[_LATENT]
    """The picture at the last level. Connect it to VAE Decode"""
    denoised_output: Output[_LATENT]
    """The picture as the last step saw it, without noise: the same unless the levels end above 0"""

class ShowPathNode(tuple[Output[LATENT], Output[LATENT], Output[LATENT], Output[float]], NodeHandle):  # type: ignore[misc]
    """The outputs of ShowPath."""
    result: Output[_LATENT]
    """What Sampler gives with the same settings"""
    x: Output[_LATENT]
    """What was there at each state, noise and all, at the variance of a picture"""
    x0: Output[_LATENT]
    """The picture that the model saw in it at each state"""
    levels: Output[float]
    """The noise level of each state; the last is 0"""

class SplitSigmasNode(tuple[Output[SIGMAS], Output[SIGMAS]], NodeHandle):  # type: ignore[misc]
    """The outputs of SplitSigmas."""
    high_sigmas: Output[_SIGMAS]
    """The levels down to the step: for the sampler that begins"""
    low_sigmas: Output[_SIGMAS]
    """The levels from the step on: for the sampler that ends"""

class TrainLoraNodeNode(tuple[Output[MODEL], Output[LORA_MODEL], Output[LOSS_MAP], Output[int], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of TrainLoraNode."""
    MODEL: Output[_MODEL]
    """The model with what it learnt. Connect it to a sampler"""
    LORA: Output[_LORA_MODEL]
    """What was learnt. Connect it to Save LoRA"""
    LOSS: Output[_LOSS_MAP]
    """The loss of each step. Connect it to Loss Graph"""
    STEPS: Output[int]
    """In how many steps it was trained, those of the LoRA that it went on from among them"""
    report: Output[str]
    """What was trained on what, and how the loss went"""

class TrainModelNode(tuple[Output[MODEL], Output[LORA_MODEL], Output[LOSS_MAP], Output[int], Output[str]], NodeHandle):  # type: ignore[misc]
    """The outputs of TrainModel."""
    MODEL: Output[_MODEL]
    """The model with what it learnt. Connect it to a sampler"""
    DIFFERENCE: Output[_LORA_MODEL]
    """What was learnt, as large as the model. Connect it to Save LoRA"""
    LOSS: Output[_LOSS_MAP]
    """The loss of each step. Connect it to Loss Graph"""
    STEPS: Output[int]
    """In how many steps it was trained"""
    report: Output[str]
    """What was trained on what, and how the loss went"""

class Workflow(ScriptWorkflow):
    """A workflow. Without a `session` it runs with the models, packs and cache of this checkout."""

    def __init__(self, title: str = "", *, session: Session | None = None) -> None: ...
    @classmethod
    def open(cls, path: str | PathLike[str], *, session: Session | None = None) -> Self:
        """Return the workflow of a JSON file, or of a picture (PNG) that Jacquard saved. Raises `WorkflowError`."""

    @classmethod
    def from_json(cls, document: dict[str, Any], *, session: Session | None = None) -> Self:
        """Return the workflow of parsed JSON, as `to_json` gives it. Raises `WorkflowError`."""

    @classmethod
    def from_document(cls, document: Any, *, session: Session | None = None) -> Self:
        """Return a workflow that begins as a document of the engine."""

    @overload  # type: ignore[override]
    def run(
        self, *, progress: bool | None = None, on_event: Callable[[Event], None] | None = None, previews: bool = False
    ) -> Outcome:
        """Run all nodes that save or show something; return what came of it."""

    @overload
    def run(
        self, target: Output[T] | OneOutput[T], /, *, progress: bool | None = None,
        on_event: Callable[[Event], None] | None = None, previews: bool = False,
    ) -> T:
        """Run what an output needs, and return its value; a list of values for one inside a stream."""

    @overload
    def run(
        self, target: Output[Any] | NodeHandle, /, *more: Output[Any] | NodeHandle, progress: bool | None = None,
        on_event: Callable[[Event], None] | None = None, previews: bool = False,
    ) -> Any:
        """Run what some outputs or nodes need, and return their values, several as a tuple."""

    def Accumulate(
        self, *,
        items: Any,
        initial: Any,
        body: str | Link[str],
    ) -> output_Any_Node:
        """Accumulate. Go through items one by one, each turn working on what the turn before it gave.

        The sub-workflow gets the *item* and the *state* (at first: *initial*), and its first output is the state of the
        next turn: for pasting many pictures onto one, or refining one picture by one prompt after the other.

        items: What to go through: a list, or a stream that is collected first
        initial: What the first turn begins with
        body: The sub-workflow to run for each item. It has the inputs 'state' and 'item'
        """

    def BasicGuider(
        self, *,
        model: MODEL | Link[MODEL],
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
    ) -> GUIDER_GUIDER_Node:
        """Guide by Prompt. Let one prompt lead a model, without a negative one.

        This is what Flux wants: its guidance is a number that goes with the prompt (Flux Guidance), and each step takes
        half the time that it takes with two prompts.

        model: The model that paints
        conditioning: The prompt to follow
        """

    def BasicScheduler(
        self, *,
        model: MODEL | Link[MODEL],
        scheduler: Literal['simple', 'sgm_uniform', 'karras', 'exponential', 'ddim_uniform', 'beta', 'normal', 'linear_quadratic', 'kl_optimal'] | Link[str] = 'simple',
        steps: int | Link[int] = 20,
        denoise: float | Link[float | int] = 1.0,
    ) -> SIGMAS_SIGMAS_Node:
        """Noise Levels. Decide which noise levels a sampler visits on its way from noise to picture.

        The same settings as in Sampler, as a part of its own: connect it to Sampler (Custom).

        model: The model that will paint; it says how much noise there is
        scheduler: How noise is spread over the steps. normal and simple are good first choices
        steps: In how many steps noise becomes a picture
        denoise: How much to repaint: 1 starts from pure noise, less keeps more of a given picture
        """

    def BatchToList(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
    ) -> IMAGE_IMAGE_Node:
        """Batch to List. Take a batch apart: the nodes after it run once for each picture.

        Use it for what shall be done picture by picture, such as saving each under a name of its own, or when a batch is
        too large for the memory. List to Batch puts the pictures together again.

        image: The batch to take apart
        """

    def CFGGuider(
        self, *,
        model: MODEL | Link[MODEL],
        positive: CONDITIONING | list[Any] | Link[CONDITIONING],
        negative: CONDITIONING | list[Any] | Link[CONDITIONING],
        cfg: float | Link[float | int] = 8.0,
    ) -> GUIDER_GUIDER_Node:
        """Guide by Two Prompts. Let a prompt lead a model towards what you want, and another one away from what you do not want.

        The same as in Sampler, as a part of its own.

        model: The model that paints
        positive: The prompt that says what you want to see
        negative: The prompt that says what you do not want; it may be empty text
        cfg: How closely to follow the prompt: 4 to 8 as a rule, 1 for Flux; 1 ignores the negative prompt
        """

    def CLIPLoader(
        self, *,
        clip_name: str | Link[str],
        type: Literal['stable_diffusion', 'stable_cascade', 'sd3', 'stable_audio', 'mochi', 'ltxv', 'pixart', 'cosmos', 'lumina2', 'wan', 'hidream', 'chroma', 'ace', 'omnigen2', 'qwen_image', 'hunyuan_image'] | Link[str] = 'stable_diffusion',
        device: Literal['default', 'cpu'] | Link[str] = 'default',
    ) -> CLIP_CLIP_Node:
        """Load Text Encoder. Load one text encoder: the part that reads your prompt.

        For checkpoints without one inside. Stable Diffusion 1 and 2 and the refiner of SDXL have one text encoder each;
        Stable Diffusion 3 can do with one of its three. For Flux and SDXL use Load Two Text Encoders.

        clip_name: The file, from models/text_encoders
        type: The family of the model that paints; it decides how prompts are read
        device: Where it works: cpu leaves the memory of the graphics card to the rest, and takes longer
        """

    def CLIPSetLastLayer(
        self, *,
        clip: CLIP | Link[CLIP],
        stop_at_clip_layer: int | Link[int] = -1,
    ) -> CLIP_CLIP_Node:
        """Skip Last Text Layers. Take the text encoder's answer from an earlier layer ("clip skip").

        Some checkpoints of Stable Diffusion 1 were trained that way and follow prompts better with -2; their authors say
        so. Leave it at -1 otherwise. Stable Diffusion XL and 3 stop at -2 without this node, and T5 is always read to its
        end.

        clip: The text encoder to change; the original stays as it is
        stop_at_clip_layer: Where to stop reading, counted from the end: -1 uses every layer, -2 leaves out the last
            one
        """

    def CLIPTextEncode(
        self, *,
        clip: CLIP | Link[CLIP],
        text: str | Link[str] = '',
    ) -> CONDITIONING_CONDITIONING_Node:
        """Prompt. Say in words what the picture should show.

        A workflow has two of these as a rule: one for what you want (connected to the sampler's *positive*) and one for
        what you do not want (*negative*; it may stay empty). Short and concrete works best: subject, colour, place. Use
        words that your checkpoint knows. `embedding:name` puts in what the file *name* in models/embeddings has learnt.

        text: Say what you want to see. (words:1.3) in parentheses weigh more, (words:0.7) less
        clip: The text encoder of your checkpoint
        """

    def CLIPTextEncodeFlux(
        self, *,
        clip: CLIP | Link[CLIP],
        clip_l: str | Link[str] = '',
        t5xxl: str | Link[str] = '',
        guidance: float | Link[float | int] = 3.5,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Prompt (Flux). Say what to paint to Flux, with a text for each of its two text encoders, and how closely to follow it.

        The same text in both works well. Set the sampler's *cfg* to 1: Flux was trained to take guidance as a number and
        needs no negative prompt.

        clip: The text encoders of Flux
        clip_l: The prompt in a few words, for the overall look
        t5xxl: The prompt in whole sentences, for everything that is to be seen
        guidance: How closely to follow the prompt: 2 to 4 as a rule; lower looks more natural
        """

    def CLIPTextEncodeSD3(
        self, *,
        clip: CLIP | Link[CLIP],
        clip_l: str | Link[str] = '',
        clip_g: str | Link[str] = '',
        t5xxl: str | Link[str] = '',
        empty_padding: Literal['none', 'empty_prompt'] | Link[str] = 'none',
    ) -> CONDITIONING_CONDITIONING_Node:
        """Prompt (SD3). Say what to paint to Stable Diffusion 3, with a text for each of its three text encoders.

        The same text in all three works well. The model was trained with encoders switched off at times, so a prompt for
        only one or two of them works, too.

        clip: The text encoders of Stable Diffusion 3 or 3.5
        clip_l: The prompt for the small CLIP
        clip_g: The prompt for the large CLIP
        t5xxl: The prompt for T5, which understands whole sentences
        empty_padding: What an empty text means: none switches its encoder off, empty_prompt lets it read nothing
        """

    def CLIPTextEncodeSDXL(
        self, *,
        clip: CLIP | Link[CLIP],
        width: int | Link[int] = 1024,
        height: int | Link[int] = 1024,
        crop_w: int | Link[int] = 0,
        crop_h: int | Link[int] = 0,
        target_width: int | Link[int] = 1024,
        target_height: int | Link[int] = 1024,
        text_g: str | Link[str] = '',
        text_l: str | Link[str] = '',
    ) -> CONDITIONING_CONDITIONING_Node:
        """Prompt (SDXL). Say what to paint to Stable Diffusion XL, with the picture sizes that it was trained to listen to.

        SDXL learned from pictures of many sizes and was told each size. Asking for 1024 or more gives sharp pictures, and a
        crop of 0 keeps things in the frame. Prompt does the same with your canvas's own size; use this node when you want
        to differ from it.

        clip: The text encoder of a Stable Diffusion XL checkpoint
        width: How wide the training picture was, in pixels: small values give blurry pictures
        height: How high the training picture was, in pixels
        crop_w: How much was cut off on its left; 0 keeps your subject in the middle
        crop_h: How much was cut off at its top
        target_width: How wide your picture is to look; as a rule the width of the canvas
        target_height: How high your picture is to look; as a rule the height of the canvas
        text_g: The prompt for the large text encoder, which reads for meaning
        text_l: The prompt for the small text encoder; as a rule the same words
        """

    def CLIPTextEncodeSDXLRefiner(
        self, *,
        clip: CLIP | Link[CLIP],
        ascore: float | Link[float | int] = 6.0,
        width: int | Link[int] = 1024,
        height: int | Link[int] = 1024,
        text: str | Link[str] = '',
    ) -> CONDITIONING_CONDITIONING_Node:
        """Prompt (SDXL Refiner). Say what the picture shows to the refiner of Stable Diffusion XL, which paints only the last steps.

        The refiner was trained to know how pretty people found a picture. Connect its result to a Sampler (Advanced) that
        takes over from the base model.

        ascore: How pretty the picture is to be: 6 for what you want, 2.5 in the negative prompt
        width: The width of your picture in pixels
        height: The height of your picture in pixels
        text: What the picture shows: as a rule the prompt that it was painted with
        clip: The text encoder of the refiner
        """

    def Calculate(
        self, *,
        a: float | Link[float | int] = 0.0,
        operation: Literal['a + b', 'a - b', 'a x b', 'a / b', 'remainder of a / b', 'a to the power of b', 'the smaller one', 'the larger one'] | Link[str] = 'a + b',
        b: float | Link[float | int] = 0.0,
    ) -> CalculateNode:
        """Calculate. Calculate with two numbers, for instance to double a width or to count the turns of a loop.

        *FLOAT* is the result as it is, *INT* the nearest whole number; halves go up. Whole numbers are exact up to
        9,007,199,254,740,992 (2 to the power of 53).

        a: The one number
        operation: What is done with the two
        b: The other number
        """

    def CheckpointLoaderSimple(
        self, *,
        ckpt_name: str | Link[str],
    ) -> CheckpointLoaderSimpleNode:
        """Load Checkpoint. Load a checkpoint: one file or folder that holds a whole painter.

        This is where most workflows begin. The checkpoint decides what your pictures can look like: its style, what it
        knows how to draw, and which sizes it is comfortable with. `picturebook` is small, comes with Jacquard, draws simple
        scenes of 128 x 128 pixels and needs no graphics card. Files of Stable Diffusion 1, 2, XL, 3 and 3.5 and of Flux.1
        can be loaded.

        ckpt_name: The model file. 'picturebook' comes with Jacquard; your own files go into models/checkpoints
        """

    def Compare(
        self, *,
        a: float | Link[float | int] = 0.0,
        comparison: Literal['a < b', 'a <= b', 'a = b', 'a >= b', 'a > b', 'a is not b'] | Link[str] = 'a < b',
        b: float | Link[float | int] = 0.0,
    ) -> BOOLEAN_bool_Node:
        """Compare Numbers. Say whether one number is less than another, equal, or more.

        The answer is a switch, on or off: connect it to the condition of *If*, or to *go_on* of a sub-workflow that *While*
        runs. Ask "a < b" rather than "a = b" of numbers with decimals, since 0.1 + 0.2 is not exactly 0.3. Whole numbers
        are exact up to 9,007,199,254,740,992 (2 to the power of 53).

        a: The one number
        comparison: What is asked about the two
        b: The other number
        """

    def ConditioningAverage(
        self, *,
        conditioning_to: CONDITIONING | list[Any] | Link[CONDITIONING],
        conditioning_from: CONDITIONING | list[Any] | Link[CONDITIONING],
        conditioning_to_strength: float | Link[float | int] = 1.0,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Blend Prompts. Mix two prompts into one that lies between them.

        Try it to slide from one idea to another, such as from "a red flower" to "a blue bird". It costs no extra time when
        sampling.

        conditioning_to: The prompt that a strength of 1 gives
        conditioning_from: The prompt that a strength of 0 gives
        conditioning_to_strength: How much of the first prompt: 1 only it, 0.5 half of each, 0 only the second
        """

    def ConditioningCombine(
        self, *,
        conditioning_1: CONDITIONING | list[Any] | Link[CONDITIONING],
        conditioning_2: CONDITIONING | list[Any] | Link[CONDITIONING],
    ) -> CONDITIONING_CONDITIONING_Node:
        """Combine Prompts. Let two prompts guide the picture at the same time.

        At every step the model is asked about each prompt, and the answers are averaged. Good for two ideas that should
        both be there but must not blend word by word. Each prompt more makes every step slower.

        conditioning_1: The first prompt
        conditioning_2: The second prompt
        """

    def ConditioningConcat(
        self, *,
        conditioning_to: CONDITIONING | list[Any] | Link[CONDITIONING],
        conditioning_from: CONDITIONING | list[Any] | Link[CONDITIONING],
    ) -> CONDITIONING_CONDITIONING_Node:
        """Join Prompts. Put one prompt behind the other, each encoded on its own.

        The model sees both, but words of one do not rub off on words of the other: "a red car" joined with "green hills"
        is less likely to give a green car.

        conditioning_to: The prompt that comes first
        conditioning_from: The prompt that is appended
        """

    def ConditioningSetArea(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
        width: int | Link[int] = 64,
        height: int | Link[int] = 64,
        x: int | Link[int] = 0,
        y: int | Link[int] = 0,
        strength: float | Link[float | int] = 1.0,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Limit Prompt to Area. Let a prompt count only in a rectangle of the picture.

        Put a house to the left and a tree to the right: limit each prompt to its place, and join both with a prompt for
        the whole picture by Combine Prompts. Where several count, they are mixed; at the edges of an area a prompt fades
        out, so that no seam shows. Every area makes each step slower.

        conditioning: The prompt to limit
        width: How wide the area is, in pixels
        height: How high the area is, in pixels
        x: How far its left edge is from that of the picture, in pixels
        y: How far its top edge is from that of the picture, in pixels
        strength: How much it counts beside the other prompts there: 2 twice as much as they, 0 nothing
        """

    def ConditioningSetAreaPercentage(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
        width: float | Link[float | int] = 1.0,
        height: float | Link[float | int] = 1.0,
        x: float | Link[float | int] = 0.0,
        y: float | Link[float | int] = 0.0,
        strength: float | Link[float | int] = 1.0,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Limit Prompt to Share of Picture. Let a prompt count only in a rectangle that is given as a share of the picture.

        The same as Limit Prompt to Area, for pictures of any size: the left half has a *width* of 0.5 and a *height* of 1.

        conditioning: The prompt to limit
        width: How wide the area is: 0.5 half of the picture, 1 all of it
        height: How high the area is: 0.5 half of the picture, 1 all of it
        x: Where its left edge is: 0 at the left of the picture, 0.5 in the middle
        y: Where its top edge is: 0 at the top of the picture, 0.5 in the middle
        strength: How much it counts beside the other prompts there: 2 twice as much as they, 0 nothing
        """

    def ConditioningSetAreaStrength(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
        strength: float | Link[float | int] = 1.0,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Set Prompt Strength. Set how much a prompt counts beside others that it is combined with.

        Alone it changes nothing. It takes the place of the strength of an area.

        conditioning: The prompt to limit
        strength: How much it counts beside the other prompts there: 2 twice as much as they, 0 nothing
        """

    def ConditioningSetMask(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
        mask: MASK | Picture | Link[MASK],
        strength: float | Link[float | int] = 1.0,
        set_cond_area: Literal['default', 'mask bounds'] | Link[str] = 'default',
    ) -> CONDITIONING_CONDITIONING_Node:
        """Limit Prompt to Mask. Let a prompt count only where a mask is white.

        Like Limit Prompt to Area, for places of any shape. Combine it with a prompt for the rest of the picture. A soft
        edge of the mask blends the two.

        conditioning: The prompt to limit
        mask: White (1) where the prompt counts, black (0) where it does not, grey for less
        strength: How much it counts beside the other prompts there: 2 twice as much as they, 0 nothing
        set_cond_area: What the model sees for this prompt: the whole picture (default), or only the rectangle
            around the mask
        """

    def ConditioningSetTimestepRange(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
        start: float | Link[float | int] = 0.0,
        end: float | Link[float | int] = 1.0,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Limit Prompt in Time. Let a prompt count during a part of the sampling only.

        The beginning decides about the composition, the end about details. Combine two prompts that are limited to two
        parts to change over from one to the other. Workflows for Stable Diffusion 3 limit the negative prompt to the
        beginning.

        conditioning: The prompt to limit
        start: When it begins to count: 0 with the first step, 0.5 halfway
        end: When it ceases to count: 1 with the last step
        """

    def ConditioningZeroOut(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
    ) -> CONDITIONING_CONDITIONING_Node:
        """Zero Out Prompt. Replace a prompt by nothing at all: numbers that are all zero.

        A few model families were trained with this as their *negative*. It is not the same as an empty text, which the
        text encoder still turns into something.

        conditioning: Any prompt; only its shape is used
        """

    def DiffusersLoader(
        self, *,
        model_path: str | Link[str],
    ) -> DiffusersLoaderNode:
        """Load Diffusers Folder. Load a whole painter from a folder as the library diffusers writes it, with its parts in folders of their own.

        Load Checkpoint does the same for folders in models/checkpoints. Use this one for workflows that name it.

        model_path: The folder with a model_index.json, from models/diffusers
        """

    def DiffusionEquation(
        self, *,
        u: IMAGE | LATENT | Picture | Tensor | Link[IMAGE | LATENT | MASK],
        force: Literal['none', 'edges', 'target', 'given', 'reaction'] | Link[str] = 'none',
        time: float | Link[float | int] = 8.0,
        steps: int | Link[int] = 20,
        strength: float | Link[float | int] = 1.0,
        other: IMAGE | LATENT | Picture | Tensor | Link[IMAGE | LATENT | MASK] | None = None,
        mask: MASK | Picture | Link[MASK] | None = None,
        edge_threshold: float | Link[float | int] = 0.05,
        feed: float | Link[float | int] = 0.055,
        kill: float | Link[float | int] = 0.062,
        boundary: Literal['reflect', 'periodic'] | Link[str] = 'reflect',
        solver: Literal['auto', 'explicit', 'spectral', 'implicit'] | Link[str] = 'auto',
    ) -> DiffusionEquationNode:
        """Evolve picture. Let a picture or a latent evolve in time, like heat that spreads: du/dt = laplace(u) + f(u, x).

        Without a force it is the blur that noise grows from, and that a sampler undoes. With *edges* noise goes and
        outlines stay; *reaction* grows patterns out of bright spots; *target* turns one picture into another. The time is
        counted in pixels (in a latent: in cells), so a larger picture needs a longer one.

        u: The picture or the latent at the time 0
        force: none: heat, a blur. edges: a blur that keeps edges. target: pulled towards the second picture. given:
            the second picture is added at every moment. reaction: two substances that make spots and stripes
        time: For how long; without a force, a time t blurs as far as the square root of 2 t
        steps: In how many steps to watch it; the solver divides those that are too long
        strength: How strong the force is; of the reaction, 4 times as much makes it half as large
        other: The target, or the force: of the same kind as the first. Pictures are fitted to its size
        mask: Optional: white where it evolves, black where it stays as it is
        edge_threshold: Steps above this are edges that stay
        feed: Of the reaction: how fast new substance comes in
        kill: Of the reaction: how fast what was made goes away
        boundary: reflect: nothing flows over them; periodic: what leaves comes in on the other side
        solver: explicit: many short steps. spectral: exact by waves, without a mask and edges. implicit: any length
            of step
        """

    def DisableNoise(
        self,
    ) -> NOISE_NOISE_Node:
        """No Noise. Add no noise before sampling, for a latent that is noisy already.

        Use it for the second of two samplers that share a picture: the first one left noise in it on purpose."""

    def DualCLIPLoader(
        self, *,
        clip_name1: str | Link[str],
        clip_name2: str | Link[str],
        type: Literal['sdxl', 'sd3', 'flux', 'hunyuan_video', 'hidream', 'hunyuan_image'] | Link[str] = 'sdxl',
        device: Literal['default', 'cpu'] | Link[str] = 'default',
    ) -> CLIP_CLIP_Node:
        """Load Two Text Encoders. Load the two text encoders of a family that reads prompts twice.

        Flux wants clip_l and t5xxl, SDXL clip_l and clip_g; Stable Diffusion 3 can do with two of its three. T5 also needs
        its tokenizer: most files hold it, and if yours does not, the message says where to put it.

        clip_name1: One of the files, such as t5xxl; in any order
        clip_name2: The other file, such as clip_l
        type: The family of the model that paints; it decides how prompts are read
        device: Where it works: cpu leaves the memory of the graphics card to the rest, and takes longer
        """

    def EmptyLatentImage(
        self, *,
        width: int | Link[int] = 512,
        height: int | Link[int] = 512,
        batch_size: int | Link[int] = 1,
    ) -> LATENT_LATENT_Node:
        """Empty Canvas. An empty canvas for the sampler to paint on; it sets the size of your pictures and how many you get.

        Every checkpoint has a size that it was trained on: 128 x 128 for the bundled picturebook, 512 for SD 1.5, 1024 for
        SDXL. Far away from it pictures fall apart or repeat themselves. A batch needs more memory but is faster than as
        many runs.

        width: Width of the picture in pixels. Use a size that the checkpoint knows
        height: Height of the picture in pixels. Use a size that the checkpoint knows
        batch_size: How many pictures to make at once, each with noise of its own
        """

    def EmptySD3LatentImage(
        self, *,
        width: int | Link[int] = 1024,
        height: int | Link[int] = 1024,
        batch_size: int | Link[int] = 1,
    ) -> LATENT_LATENT_Node:
        """Empty Canvas (SD3, Flux). An empty canvas with the 16 channels of Stable Diffusion 3 and Flux; it sets the size of your pictures.

        These families paint well from 512 to 1536 pixels in any proportions, best with as many pixels as 1024 x 1024. Empty
        Canvas works for them, too: a canvas without anything on it is fitted to the model.

        width: Width of the picture in pixels; 1024 is what they know best
        height: Height of the picture in pixels; 1024 is what they know best
        batch_size: How many pictures to make at once, each with noise of its own
        """

    def FluxGuidance(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
        guidance: float | Link[float | int] = 3.5,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Flux Guidance. Set how closely Flux follows your prompt.

        Flux dev was trained to take this number with the prompt, so it plays the part that *cfg* plays elsewhere; leave the
        sampler's *cfg* at 1. Flux schnell does not look at it. Flux Fill wants about 30.

        conditioning: The prompt to follow
        guidance: How closely to follow it: 2 to 4 as a rule; lower looks more natural
        """

    def FluxKontextImageScale(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
    ) -> IMAGE_IMAGE_Node:
        """Resize Image for Kontext. Resize pictures to the size that Flux Kontext knows best: about one million pixels, in similar proportions.

        Kontext was trained on 17 sizes. The one that is most like your picture is taken, and a small rest at the edges is
        cut off.

        image: The pictures to edit with Flux Kontext
        """

    def ForEach(
        self, *,
        items: Any,
        body: str | Link[str],
        extra: Any = None,
    ) -> output_Any_Node:
        """For Each. Run a sub-workflow once for each item and collect what it gives.

        The sub-workflow needs an input named *item*; it may have *index* (0, 1, 2 ...) and *extra*, too. Its first output
        is what is collected; where that is a list, all that is in it. Where it is nothing for one item (*If* without
        *otherwise*), the loop gives nothing. Items that did not change since the last run are not run again.

        items: What to go through: a list, or a stream that is collected first
        body: The sub-workflow to run for each item. Its input 'item' gets the item
        extra: Optional: given to the sub-workflow's input 'extra' every time
        """

    def ForEachFile(
        self, *,
        folder: str | Link[str] = '',
        pattern: str | Link[str] = '*',
        recursive: bool | Link[bool] = False,
    ) -> STRING_str_Node:
        """For Each File. Name the files of a folder, one after the other: the nodes after it run once for each name.

        The names fit the file inputs of other nodes, such as Load Image. For pictures alone, Load Images from Folder does
        both at once.

        folder: A folder inside the input folder, such as 'holiday' or 'cats/red'; empty is the input folder
        pattern: Which files, such as '*.txt'; * stands for anything
        recursive: Look into the folders inside of it, too
        """

    def ForEachLine(
        self, *,
        text: str | Link[str] = '',
    ) -> ForEachLineNode:
        """For Each Line. Read a text line by line: the nodes after it run once for each line.

        Write one prompt a line and connect it to the text encoder, and every prompt is painted.

        text: One item a line; empty lines are left out
        """

    def ForEachNumber(
        self, *,
        start: int | Link[int] = 0,
        stop: int | Link[int] = 4,
        step: int | Link[int] = 1,
    ) -> INT_int_Node:
        """For Each Number. Count: the nodes after it run once for each number.

        Connect it to a seed for as many versions, or to *cfg* or *steps* to compare settings. From 0 to 4 in steps of 1 it
        gives 0, 1, 2 and 3.

        start: The first number
        stop: Where to end; this number itself is no longer given
        step: How far from each number to the next; below 0 counts down
        """

    def GetImageSize(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
    ) -> GetImageSizeNode:
        """Get Image Size. Tell how wide and high pictures are, in pixels, and how many there are.

        Connect the numbers to nodes that make something of the same size, or to Calculate for twice as large.

        image: The pictures to measure
        """

    def GrowMask(
        self, *,
        mask: MASK | Picture | Link[MASK],
        expand: int | Link[int] = 0,
        tapered_corners: bool | Link[bool] = True,
    ) -> MASK_MASK_Node:
        """Grow Mask. Make a mask larger or smaller.

        Grow it by 4 to 16 pixels when inpainting leaves a rim of the old content; shrink it to keep away from edges.

        mask: The mask to enlarge or shrink
        expand: How many pixels the mask grows on every side; below 0 it shrinks
        tapered_corners: Cut the corners off, which looks rounder; else they stay square
        """

    def If(
        self, *,
        then: Any,
        condition: bool | Link[bool] = True,
        otherwise: Any = None,
    ) -> output_Any_Node:
        """If. Use one of two things, depending on a condition; the nodes that only feed the other one do not run.

        Both must be of one type, such as two pictures. Without *otherwise*, what follows simply does not run while the
        condition is off.

        condition: Which of the two is used
        then: Used when the condition is on
        otherwise: Used when the condition is off; unconnected, what follows does not run
        """

    def ImageBatch(
        self, *,
        image1: IMAGE | Picture | Link[IMAGE | MASK],
        image2: IMAGE | Picture | Link[IMAGE | MASK],
    ) -> IMAGE_IMAGE_Node:
        """Batch Images. Put pictures together into one batch, so that the nodes after it handle all of them alike.

        Chain several of these for more than two. Different sizes are fitted to the first picture, cutting off what
        sticks out.

        image1: The pictures that come first; they set the size
        image2: The pictures that come after; cropped and resized to the first where they differ
        """

    def ImageBlend(
        self, *,
        image1: IMAGE | Picture | Link[IMAGE | MASK],
        image2: IMAGE | Picture | Link[IMAGE | MASK],
        blend_factor: float | Link[float | int] = 0.5,
        blend_mode: Literal['normal', 'multiply', 'screen', 'overlay', 'soft_light', 'difference'] | Link[str] = 'normal',
    ) -> IMAGE_IMAGE_Node:
        """Blend Images. Lay one picture over another like layers in a painting program.

        With *normal* and a factor of 0.5 you see half of each. *difference* at a factor of 1 is black where both are
        equal, which makes it good for comparing two versions.

        image1: The lower picture; it sets the size
        image2: The upper picture; it is cropped and resized to the lower one where they differ
        blend_factor: How much of the effect: 0 gives the lower picture, 1 the full effect
        blend_mode: normal mixes, multiply darkens, screen lightens, overlay and soft_light add contrast, difference
            compares
        """

    def ImageBlur(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        blur_radius: int | Link[int] = 1,
        sigma: float | Link[float | int] = 1.0,
    ) -> IMAGE_IMAGE_Node:
        """Blur Image. Make pictures softer (Gaussian blur).

        Raise *blur_radius* for a stronger blur: 1 takes off the edge, 10 blurs small things away. *sigma* is counted in
        radii, so 1.0 suits every radius.

        image: The pictures to soften
        blur_radius: How many pixels away the blur still reaches
        sigma: How evenly the reach is used: 0.3 keeps to the middle, 1 and more is a full blur
        """

    def ImageCompositeMasked(
        self, *,
        destination: IMAGE | Picture | Link[IMAGE | MASK],
        source: IMAGE | Picture | Link[IMAGE | MASK],
        x: int | Link[int] = 0,
        y: int | Link[int] = 0,
        resize_source: bool | Link[bool] = False,
        mask: MASK | Picture | Link[MASK] | None = None,
    ) -> IMAGE_IMAGE_Node:
        """Paste Image. Paste one picture onto another, through a mask if you have one.

        Good for bringing back the untouched part of a picture after inpainting: paste the new picture onto the old one
        with the inpainting mask. The mask is stretched to the pasted picture.

        destination: The picture to paste onto
        source: The picture to paste
        x: Where the left edge of the pasted picture goes, in pixels
        y: Where the upper edge of the pasted picture goes, in pixels
        resize_source: Stretch the pasted picture to the size of the one below first
        mask: Optional: white where the pasted picture shows, black where it is see-through
        """

    def ImageCrop(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        width: int | Link[int] = 512,
        height: int | Link[int] = 512,
        x: int | Link[int] = 0,
        y: int | Link[int] = 0,
    ) -> IMAGE_IMAGE_Node:
        """Crop Image. Cut a rectangle out of pictures.

        (0, 0) is the upper left corner. Where the rectangle reaches beyond the picture, the result is smaller.

        image: The pictures to cut from
        width: Width of the part to keep, in pixels
        height: Height of the part to keep, in pixels
        x: How far from the left edge the part begins
        y: How far from the top edge the part begins
        """

    def ImageFromBatch(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        batch_index: int | Link[int] = 0,
        length: int | Link[int] = 1,
    ) -> IMAGE_IMAGE_Node:
        """Select from Batch. Take one picture, or a few in a row, out of a batch.

        Make four pictures at once, look at them, and send only the best one on to be enlarged. A number beyond the end
        gives the last picture.

        image: The batch to choose from
        batch_index: The number of the first picture to keep; the first is 0
        length: How many pictures to keep from there on
        """

    def ImageInvert(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
    ) -> IMAGE_IMAGE_Node:
        """Invert Image. Swap light and dark, and every colour for its opposite, like a photographic negative.

        Useful for a mask that was drawn the other way round, or for sketches with white lines on black.

        image: The pictures to invert
        """

    def ImagePadForOutpaint(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        left: int | Link[int] = 0,
        top: int | Link[int] = 0,
        right: int | Link[int] = 0,
        bottom: int | Link[int] = 0,
        feathering: int | Link[int] = 40,
    ) -> ImagePadForOutpaintNode:
        """Pad Image for Outpainting. Add empty space around a picture and a mask that says what is new: the start of "outpainting".

        Connect both outputs to VAE Encode (for Inpainting) and the sampler paints what lies beyond the old edges.
        *feathering* of a quarter of the picture's side is a good start.

        image: The picture to extend
        left: How many pixels to add on the left
        top: How many pixels to add at the top
        right: How many pixels to add on the right
        bottom: How many pixels to add at the bottom
        feathering: How far the painting may reach into the old picture, so that the seam blends in
        """

    def ImageScale(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        upscale_method: Literal['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'] | Link[str] = 'nearest-exact',
        width: int | Link[int] = 512,
        height: int | Link[int] = 512,
        crop: Literal['disabled', 'center'] | Link[str] = 'disabled',
    ) -> IMAGE_IMAGE_Node:
        """Resize Image. Resize pictures to an exact width and height.

        Set one of the two to 0 to keep the proportions. When both are given and the shape changes, *crop* decides between
        cutting the edges off and stretching.

        image: The pictures to resize
        upscale_method: lanczos is sharpest for enlarging, area is best for shrinking, bilinear and bicubic are
            fast, nearest-exact keeps hard pixels
        width: New width in pixels; 0 follows the height in proportion
        height: New height in pixels; 0 follows the width in proportion
        crop: center cuts off what does not fit the new shape; disabled stretches the picture
        """

    def ImageScaleBy(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        upscale_method: Literal['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'] | Link[str] = 'nearest-exact',
        scale_by: float | Link[float | int] = 1.0,
    ) -> IMAGE_IMAGE_Node:
        """Resize Image By. Resize pictures by a factor, keeping their proportions.

        A factor of 2 doubles each side and makes four times as many pixels. Resizing invents no detail; for that, send
        the result through VAE Encode and a sampler with a *denoise* of about 0.3.

        image: The pictures to resize
        upscale_method: lanczos is sharpest for enlarging, area is best for shrinking, bilinear and bicubic are
            fast, nearest-exact keeps hard pixels
        scale_by: How many times larger each side gets: 2 doubles it, 0.5 halves it
        """

    def ImageSharpen(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        sharpen_radius: int | Link[int] = 1,
        sigma: float | Link[float | int] = 1.0,
        alpha: float | Link[float | int] = 1.0,
    ) -> IMAGE_IMAGE_Node:
        """Sharpen Image. Bring out edges and fine detail (unsharp mask).

        Begin with an *alpha* of 0.1: the default of 1, which saved workflows count on, is a strong effect. Too much gives
        bright and dark halos along edges.

        image: The pictures to sharpen
        sharpen_radius: The size of the details to bring out, in pixels; 1 or 2 as a rule
        sigma: How evenly the radius is used; 1.0 suits every radius
        alpha: How strongly: 0.05 to 0.2 looks natural, 1 is harsh, 0 changes nothing
        """

    def ImageToMask(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        channel: Literal['red', 'green', 'blue', 'alpha'] | Link[str] = 'red',
    ) -> MASK_MASK_Node:
        """Image to Mask. Use one colour channel of a picture as a mask: bright is masked, dark is kept.

        A black-and-white picture gives the mask that you see. *alpha* takes the opaque parts of a picture that has
        transparency; the pictures of Load Image have theirs on the MASK output instead.

        image: The pictures to take the mask from
        channel: Which part becomes the mask; for a black-and-white picture red, green and blue are the same
        """

    def InpaintModelConditioning(
        self, *,
        positive: CONDITIONING | list[Any] | Link[CONDITIONING],
        negative: CONDITIONING | list[Any] | Link[CONDITIONING],
        vae: VAE | Link[VAE],
        pixels: IMAGE | Picture | Link[IMAGE | MASK],
        mask: MASK | Picture | Link[MASK],
        noise_mask: bool | Link[bool] = True,
    ) -> InpaintModelConditioningNode:
        """Prepare Inpainting. Show a picture and the place to repaint to a model that was made for inpainting, such as Flux Fill.

        These models look at what surrounds the hole, so what they paint fits in. They take a *denoise* of 1. With an
        ordinary checkpoint use Paint Only Inside Mask instead.

        positive: The prompt that says what you want to see
        negative: The prompt that says what you do not want
        vae: The VAE of the checkpoint that will paint
        pixels: The picture to change
        mask: White (1) where something new should be painted, black (0) where the picture is kept
        noise_mask: On keeps everything outside the mask exactly; off lets the model repaint all of it
        """

    def InstructPixToPixConditioning(
        self, *,
        positive: CONDITIONING | list[Any] | Link[CONDITIONING],
        negative: CONDITIONING | list[Any] | Link[CONDITIONING],
        vae: VAE | Link[VAE],
        pixels: IMAGE | Picture | Link[IMAGE | MASK],
    ) -> InstructPixToPixConditioningNode:
        """Prepare Editing by Instruction. Show a picture to a model that edits by instruction, or that follows edges or depths (Flux Canny and Depth).

        The model sees the picture at every step while it paints a new one of the same size, so *denoise* stays at 1. An
        ordinary checkpoint has no place for the picture and is refused by the sampler.

        positive: The instruction, such as "make it winter"
        negative: The prompt that says what you do not want
        vae: The VAE of the checkpoint that will paint
        pixels: The picture to edit, or the edges or depths to follow
        """

    def InvertMask(
        self, *,
        mask: MASK | Picture | Link[MASK],
    ) -> MASK_MASK_Node:
        """Invert Mask. Swap what is masked and what is kept.

        For instance to paint a new background instead of a new subject, with the same mask.

        mask: The mask to turn round
        """

    def JoinLists(
        self, *,
        list0: Any = None,
        list1: Any = None,
        list2: Any = None,
        list3: Any = None,
        list4: Any = None,
        list5: Any = None,
        list6: Any = None,
        list7: Any = None,
    ) -> output_Any_Node:
        """Join Lists. Put lists one after the other; a single thing counts as a list of one.

        Use it to make a list of a few pictures or prompts, which List to Each then hands on one by one.

        list0: What comes first: a list, a stream, or a single thing
        list1: What comes after that
        list2: What comes after that
        list3: What comes after that
        list4: What comes after that
        list5: What comes after that
        list6: What comes after that
        list7: What comes after that
        """

    def KSampler(
        self, *,
        model: MODEL | Link[MODEL],
        positive: CONDITIONING | list[Any] | Link[CONDITIONING],
        negative: CONDITIONING | list[Any] | Link[CONDITIONING],
        latent_image: LATENT | Tensor | Link[LATENT],
        seed: int | Link[int] = 0,
        steps: int | Link[int] = 20,
        cfg: float | Link[float | int] = 8.0,
        sampler_name: Literal['euler', 'euler_ancestral', 'heun', 'dpm_2', 'dpm_2_ancestral', 'lms', 'dpmpp_2s_ancestral', 'dpmpp_sde', 'dpmpp_2m', 'dpmpp_2m_sde', 'dpmpp_3m_sde', 'lcm', 'ddim'] | Link[str] = 'euler',
        scheduler: Literal['simple', 'sgm_uniform', 'karras', 'exponential', 'ddim_uniform', 'beta', 'normal', 'linear_quadratic', 'kl_optimal'] | Link[str] = 'simple',
        denoise: float | Link[float | int] = 1.0,
    ) -> LATENT_LATENT_Node:
        """Sampler. Paint a picture: start from noise and take it away step by step, guided by your prompts.

        The heart of every workflow. Good values to begin with: 20 steps, a guidance of 5 to 8, *denoise* 1. Keep the seed
        to study what another setting changes; randomize it for a new picture every time. With an encoded picture as
        input, lower *denoise* to keep more of it.

        model: The model that paints, from a checkpoint
        seed: Decides about the noise at the start. The same seed gives the same picture again
        steps: In how many steps noise becomes a picture: 20 to 30 as a rule; more is slower
        cfg: How closely to follow the prompt: 4 to 8 as a rule; 1 ignores the negative prompt, high values burn
            colours
        sampler_name: The method of stepping. euler and dpmpp_2m are good first choices
        scheduler: How noise is spread over the steps. normal and karras are good first choices
        positive: The prompt that says what you want to see
        negative: The prompt that says what you do not want; it may be empty text
        latent_image: An empty canvas, or an encoded picture to start from
        denoise: How much to repaint: 1 starts from pure noise, 0.3 to 0.7 changes a given picture, 0 returns it as
            it is
        """

    def KSamplerAdvanced(
        self, *,
        model: MODEL | Link[MODEL],
        positive: CONDITIONING | list[Any] | Link[CONDITIONING],
        negative: CONDITIONING | list[Any] | Link[CONDITIONING],
        latent_image: LATENT | Tensor | Link[LATENT],
        add_noise: Literal['enable', 'disable'] | Link[str] = 'enable',
        noise_seed: int | Link[int] = 0,
        steps: int | Link[int] = 20,
        cfg: float | Link[float | int] = 8.0,
        sampler_name: Literal['euler', 'euler_ancestral', 'heun', 'dpm_2', 'dpm_2_ancestral', 'lms', 'dpmpp_2s_ancestral', 'dpmpp_sde', 'dpmpp_2m', 'dpmpp_2m_sde', 'dpmpp_3m_sde', 'lcm', 'ddim'] | Link[str] = 'euler',
        scheduler: Literal['simple', 'sgm_uniform', 'karras', 'exponential', 'ddim_uniform', 'beta', 'normal', 'linear_quadratic', 'kl_optimal'] | Link[str] = 'simple',
        start_at_step: int | Link[int] = 0,
        end_at_step: int | Link[int] = 10000,
        return_with_leftover_noise: Literal['disable', 'enable'] | Link[str] = 'disable',
    ) -> LATENT_LATENT_Node:
        """Sampler (Advanced). Paint only some of the steps, to hand a half-finished picture from one sampler to the next.

        For example: steps 0 to 12 with one prompt or model (*leftover noise* enabled), then 12 to the end with another
        (*add noise* disabled, the same number of steps). For everything else Sampler is simpler.

        model: The model that paints, from a checkpoint
        add_noise: enable adds the seed's noise first; disable goes on with a latent that is noisy yet
        noise_seed: Decides about the noise at the start. The same seed gives the same picture again
        steps: In how many steps noise becomes a picture: 20 to 30 as a rule; more is slower
        cfg: How closely to follow the prompt: 4 to 8 as a rule; 1 ignores the negative prompt, high values burn
            colours
        sampler_name: The method of stepping. euler and dpmpp_2m are good first choices
        scheduler: How noise is spread over the steps. normal and karras are good first choices
        positive: The prompt that says what you want to see
        negative: The prompt that says what you do not want; it may be empty text
        latent_image: An empty canvas, or an encoded picture to start from
        start_at_step: The first step to do; above 0 it keeps more of the picture given
        end_at_step: The step to end before; anything from *steps* on means to the end
        return_with_leftover_noise: enable leaves the noise of the steps not done in, for a second sampler to go on
        """

    def KSamplerSelect(
        self, *,
        sampler_name: Literal['euler', 'euler_ancestral', 'heun', 'dpm_2', 'dpm_2_ancestral', 'lms', 'dpmpp_2s_ancestral', 'dpmpp_sde', 'dpmpp_2m', 'dpmpp_2m_sde', 'dpmpp_3m_sde', 'lcm', 'ddim'] | Link[str] = 'euler',
    ) -> SAMPLER_SAMPLER_Node:
        """Choose Sampler. Choose the method by which noise is taken away, as a part of its own.

        Connect it to Sampler (Custom). The methods differ in speed and in how they treat detail.

        sampler_name: The method of stepping. euler and dpmpp_2m are good first choices
        """

    def LatentFromBatch(
        self, *,
        samples: LATENT | Tensor | Link[LATENT],
        batch_index: int | Link[int] = 0,
        length: int | Link[int] = 1,
    ) -> LATENT_LATENT_Node:
        """Select Latent from Batch. Take one latent, or a few in a row, out of a batch.

        A latent that is taken out keeps its place in the noise: sampling it again with the same seed gives the same
        picture as in the batch. So make four, choose one, and go on with that one alone.

        samples: The batch to choose from
        batch_index: The number of the first latent to keep; the first is 0
        length: How many latents to keep from there on
        """

    def LatentUpscale(
        self, *,
        samples: LATENT | Tensor | Link[LATENT],
        upscale_method: Literal['nearest-exact', 'bilinear', 'area', 'bicubic', 'bislerp'] | Link[str] = 'nearest-exact',
        width: int | Link[int] = 512,
        height: int | Link[int] = 512,
        crop: Literal['disabled', 'center'] | Link[str] = 'disabled',
    ) -> LATENT_LATENT_Node:
        """Upscale Latent. Enlarge a latent to a given size, as the middle of a two-pass workflow.

        The result looks blotchy until a second sampler goes over it, with a *denoise* of about 0.5: it paints fresh detail
        at the larger size while keeping the composition.

        samples: The latent to enlarge
        upscale_method: How to fill in between: bislerp keeps the latent's contrast best, nearest-exact is crisp,
            area is soft
        width: New width of the picture in pixels; 0 follows the height in proportion
        height: New height of the picture in pixels; 0 follows the width in proportion
        crop: center cuts off what does not fit the new shape; disabled stretches the picture
        """

    def LatentUpscaleBy(
        self, *,
        samples: LATENT | Tensor | Link[LATENT],
        upscale_method: Literal['nearest-exact', 'bilinear', 'area', 'bicubic', 'bislerp'] | Link[str] = 'nearest-exact',
        scale_by: float | Link[float | int] = 1.5,
    ) -> LATENT_LATENT_Node:
        """Upscale Latent By. Enlarge a latent by a factor, as the middle of a two-pass workflow.

        Follow it with a second sampler at a *denoise* of about 0.5, which paints fresh detail at the larger size.

        samples: The latent to enlarge
        upscale_method: How to fill in between: bislerp keeps the latent's contrast best, nearest-exact is crisp,
            area is soft
        scale_by: How many times larger each side gets; 1.5 to 2 works well for a second pass
        """

    def ListToBatch(
        self, *,
        images: IMAGE | Picture | list[IMAGE] | list[Picture] | Link[IMAGE | MASK],
    ) -> IMAGE_IMAGE_Node:
        """List to Batch. Put all pictures of a stream together into one batch.

        It waits for the last picture. All need the same size: put Resize Image before it where they differ.

        images: All pictures of a stream or a list; they need one size
        """

    def ListToEach(
        self, *,
        values: Any,
    ) -> ListToEachNode:
        """List to Each. Take a list apart: the nodes after it run once for each item.

        An input that takes a list, such as that of List to Batch, collects the results again.

        values: The list, or a stream that is collected first
        """

    def LoadImage(
        self, *,
        image: str | Link[str],
    ) -> LoadImageNode:
        """Load Image. Load a picture: as the start of image-to-image, for inpainting, or to edit.

        PNG, JPEG, WebP, GIF, TIFF, BMP and AVIF are read; photographs are turned upright, and colours of another colour
        profile become sRGB. Transparent parts become the mask, so a picture with a hole erased into it is ready for
        inpainting.

        image: A picture from the input folder, or upload one
        """

    def LoadImageMask(
        self, *,
        image: str | Link[str],
        channel: Literal['alpha', 'red', 'green', 'blue'] | Link[str] = 'alpha',
    ) -> MASK_MASK_Node:
        """Load Mask. Load a mask from a picture file.

        For a black-and-white picture choose *red* (white is masked). For a picture with erased parts choose *alpha* (the
        erased parts are masked).

        image: A picture from the input folder, or upload one
        channel: What becomes the mask: alpha masks the transparent parts; red, green or blue mask the bright ones
        """

    def LoadImageSetFromFolderNode(
        self, *,
        folder: str | Link[str] = '',
        resize_method: Literal['None', 'Stretch', 'Crop', 'Pad'] | Link[str] = 'None',
        width: int | Link[int] = -1,
        height: int | Link[int] = -1,
        buckets: bool | Link[bool] = False,
    ) -> LoadImageSetFromFolderNodeNode:
        """Load Image Dataset from Folder. Load all pictures of a folder at once, to train on them.

        Ten to thirty pictures of one thing, each with another background, are a good set. Use *Load Image and Text Dataset
        from Folder* where each picture has a caption. What cannot be used is left out and named.

        folder: A folder inside the input folder, such as 'my cat'. Pictures of a folder in it that is called
            '3_best' count three times
        resize_method: How pictures come to one size: Crop cuts edges off, Pad adds black ones, Stretch changes
            proportions; None takes only pictures that have it already, and crops where they are sorted into buckets
        width: Width in pixels; -1 is that of the first picture
        height: Height in pixels; -1 is that of the first picture
        buckets: Sort pictures by shape, so that hardly anything is cut off: a batch for wide ones, one for tall
            ones ... Width x height is then the area that all of them have
        """

    def LoadImageTextSetFromFolderNode(
        self, *,
        clip: CLIP | Link[CLIP],
        folder: str | Link[str] = '',
        resize_method: Literal['None', 'Stretch', 'Crop', 'Pad'] | Link[str] = 'None',
        width: int | Link[int] = -1,
        height: int | Link[int] = -1,
        caption: str | Link[str] = '',
        buckets: bool | Link[bool] = False,
    ) -> LoadImageTextSetFromFolderNodeNode:
        """Load Image and Text Dataset from Folder. Load all pictures of a folder with their captions, to train on them.

        The caption of `cat.png` is the text in `cat.txt` beside it. Say in it what the model is to keep apart from the
        thing itself ("a striped cat in the snow"): what is named can be changed later by the prompt. What cannot be used is
        left out and named.

        folder: A folder inside the input folder, such as 'my cat'. Pictures of a folder in it that is called
            '3_best' count three times
        clip: The text encoder of the checkpoint that is trained
        resize_method: How pictures come to one size: Crop cuts edges off, Pad adds black ones, Stretch changes
            proportions; None takes only pictures that have it already, and crops where they are sorted into buckets
        width: Width in pixels; -1 is that of the first picture
        height: Height in pixels; -1 is that of the first picture
        caption: The caption of all pictures without one of their own
        buckets: Sort pictures by shape, so that hardly anything is cut off: a batch for wide ones, one for tall
            ones ... Width x height is then the area that all of them have
        """

    def LoadImagesFromFolder(
        self, *,
        folder: str | Link[str] = '',
        pattern: str | Link[str] = '*',
        recursive: bool | Link[bool] = False,
        start: int | Link[int] = 0,
        limit: int | Link[int] = 0,
        on_error: Literal['stop', 'skip'] | Link[str] = 'stop',
    ) -> LoadImagesFromFolderNode:
        """Load Images from Folder. Load all pictures of a folder, one after the other; the nodes after it run once for each picture.

        Ten thousand pictures need hardly more memory than ten, because each is opened when its turn comes. Run it again and
        only new or changed files are worked on. Files come in the order of their names, *2* before *10*.

        folder: A folder inside the input folder, such as 'holiday' or 'cats/red'; empty is the input folder
        pattern: Which files, such as '*.png' or 'cat* dog*'; * stands for anything
        recursive: Look into the folders inside of it, too
        start: How many files to leave out at the beginning
        limit: How many files to take at most; 0 takes all
        on_error: When a file cannot be read: stop the whole run there, or report it and go on with the others
        """

    def LoraLoader(
        self, *,
        model: MODEL | Link[MODEL],
        clip: CLIP | Link[CLIP],
        lora_name: str | Link[str],
        strength_model: float | Link[float | int] = 1.0,
        strength_clip: float | Link[float | int] = 1.0,
    ) -> LoraLoaderNode:
        """Load LoRA. Add a LoRA: a small file that teaches a model a style, a person or a thing.

        Put it between the checkpoint and the nodes that use it; several can follow each other. Many LoRAs answer to words
        that their author names: write them into the prompt. The checkpoint itself is not changed.

        model: The model to change; the original stays as it is
        clip: The text encoder to change; the original stays as it is
        lora_name: The LoRA file, from models/loras. It must suit the model's family
        strength_model: How much to change the model: 1 as it was trained, 0 not at all, below 0 the opposite
        strength_clip: How much to change the text encoder; as a rule the same as the other strength
        """

    def LoraLoaderModelOnly(
        self, *,
        model: MODEL | Link[MODEL],
        lora_name: str | Link[str],
        strength_model: float | Link[float | int] = 1.0,
    ) -> LoraLoaderModelOnlyNode:
        """Load LoRA (Model Only). Add a LoRA to the part that paints, and leave the text encoder as it is.

        Use it for models whose text encoders are loaded apart, such as Flux, and for LoRAs that make a model quicker.

        model: The model to change; the original stays as it is
        lora_name: The LoRA file, from models/loras. It must suit the model's family
        strength_model: How much to change the model: 1 as it was trained, 0 not at all, below 0 the opposite
        """

    def LoraModelLoader(
        self, *,
        model: MODEL | Link[MODEL],
        lora: LORA_MODEL | Link[LORA_MODEL],
        strength_model: float | Link[float | int] = 1.0,
    ) -> LoraModelLoaderNode:
        """Use Trained LoRA. Add a LoRA that was trained in this workflow, without saving it first.

        Connect it behind Train LoRA to paint with what was learnt; Save LoRA keeps it for other workflows.

        model: The model to change; the original stays as it is
        lora: The LoRA that a training made
        strength_model: How much to change the model: 1 as it was trained, 0 not at all, below 0 the opposite
        """

    def LossGraphNode(
        self, *,
        loss: LOSS_MAP | Link[LOSS_MAP],
        filename_prefix: str | Link[str] = 'loss_graph',
        **others: Any,
    ) -> NodeHandle:
        """Plot Loss Graph. Look at how the loss of a training fell.

        The pale line is the loss of each step, which jumps, because each step sees other pictures and other noise; the
        dark line is smoothed. A line that has stopped falling says that more steps bring little. A line that rises says
        that the learning rate is too high.

        loss: The losses of a training
        filename_prefix: How the names of the pictures in the temp folder begin
        """

    def MaskToImage(
        self, *,
        mask: MASK | Picture | Link[MASK],
    ) -> IMAGE_IMAGE_Node:
        """Mask to Image. Turn a mask into a black-and-white picture: white is masked.

        Do this to preview a mask, to save it, or to use picture nodes such as Blur Image on it.

        mask: The mask to look at
        """

    def ModelSamplingAuraFlow(
        self, *,
        model: MODEL | Link[MODEL],
        shift: float | Link[float | int] = 1.73,
    ) -> MODEL_MODEL_Node:
        """Model Sampling (AuraFlow). Change how a flow model spreads its steps, beginning from the value that AuraFlow was made for.

        It does the same as Model Sampling (SD3); published workflows use it for several families.

        model: The model to change; the original stays as it is
        shift: How long to stay with coarse shapes: more for large pictures, less for small ones; 1 spreads the
            steps evenly
        """

    def ModelSamplingContinuousEDM(
        self, *,
        model: MODEL | Link[MODEL],
        sampling: Literal['v_prediction', 'edm', 'eps'] | Link[str] = 'v_prediction',
        sigma_max: float | Link[float | int] = 120.0,
        sigma_min: float | Link[float | int] = 0.002,
    ) -> MODEL_MODEL_Node:
        """Model Sampling (EDM). Tell a model that it was trained on any noise level between two ("EDM"), not on a list of a thousand.

        A few models derived from Stable Diffusion XL, such as CosXL, need this. Leave the limits unless the model's author
        gives others.

        model: The model to change; the original stays as it is
        sampling: What the model was trained to give; its author says which one it is
        sigma_max: The highest noise level that it knows
        sigma_min: The lowest noise level that it knows
        """

    def ModelSamplingDiscrete(
        self, *,
        model: MODEL | Link[MODEL],
        sampling: Literal['eps', 'v_prediction', 'lcm', 'x0', 'img_to_img'] | Link[str] = 'eps',
        zsnr: bool | Link[bool] = False,
    ) -> MODEL_MODEL_Node:
        """Model Sampling (Discrete). Tell a Stable Diffusion model how it was trained, when its file does not say.

        You need this for some v-prediction checkpoints, whose pictures are otherwise grey noise, and for LCM models, which
        paint in 4 to 8 steps. The author's page says which one it is.

        model: The model to change; the original stays as it is
        sampling: What the model was trained to give: eps for most, v_prediction or lcm where its author says so
        zsnr: On for models that were trained from nothing but noise (zero terminal SNR); they reach black
        """

    def ModelSamplingFlux(
        self, *,
        model: MODEL | Link[MODEL],
        max_shift: float | Link[float | int] = 1.15,
        base_shift: float | Link[float | int] = 0.5,
        width: int | Link[int] = 1024,
        height: int | Link[int] = 1024,
    ) -> MODEL_MODEL_Node:
        """Model Sampling (Flux). Fit how Flux spreads its steps to the size of your picture.

        Without this node Flux is set for 1024 x 1024. Smaller pictures get a little more detail with their own size here,
        and larger ones hold together better.

        model: The model to change; the original stays as it is
        max_shift: The shift for a picture of 1024 x 1024 pixels
        base_shift: The shift for a picture of 256 x 256 pixels
        width: Width of the picture that you paint, in pixels
        height: Height of the picture that you paint, in pixels
        """

    def ModelSamplingSD3(
        self, *,
        model: MODEL | Link[MODEL],
        shift: float | Link[float | int] = 3.0,
    ) -> MODEL_MODEL_Node:
        """Model Sampling (SD3). Change how a flow model, such as Stable Diffusion 3.5, spreads its steps between coarse shapes and details.

        3 is what Stable Diffusion 3 uses. A higher shift makes compositions calmer and details fewer; a lower one does the
        opposite.

        model: The model to change; the original stays as it is
        shift: How long to stay with coarse shapes: more for large pictures, less for small ones; 1 spreads the
            steps evenly
        """

    def PreviewImage(
        self, *,
        images: IMAGE | Picture | Link[IMAGE | MASK],
    ) -> NodeHandle:
        """Preview Image. Look at pictures without keeping them.

        Connect it anywhere to see what comes out of a node. The files go into the temp folder, not among your pictures.

        images: The pictures to look at
        """

    def PrimitiveBoolean(
        self, *,
        value: bool | Link[bool] = False,
    ) -> BOOLEAN_bool_Node:
        """On or Off. A switch, on or off, that you set once and connect to as many inputs as you like.

        Connect it to any input that is a switch itself.

        value: On or off
        """

    def PrimitiveFloat(
        self, *,
        value: float | Link[float | int] = 0.0,
    ) -> FLOAT_float_Node:
        """Number. A number with decimals that you set once and connect to as many inputs as you like.

        For instance one *denoise* for two samplers.

        value: A number, with decimals if you like
        """

    def PrimitiveInt(
        self, *,
        value: int | Link[int] = 0,
    ) -> INT_int_Node:
        """Whole Number. A whole number that you set once and connect to as many inputs as you like.

        Set to *increment* or *randomize* it changes before every run, so that several samplers can share one seed.

        value: A number without decimals; it can stay, count up or be drawn at random
        """

    def PrimitiveString(
        self, *,
        value: str | Link[str] = '',
    ) -> STRING_str_Node:
        """Text. A line of text that you write once and connect to as many inputs as you like.

        For instance one file name for several Save Image nodes.

        value: One line of text
        """

    def PrimitiveStringMultiline(
        self, *,
        value: str | Link[str] = '',
    ) -> STRING_str_Node:
        """Long Text. Text of several lines that you write once and connect to as many inputs as you like.

        For instance one prompt for two checkpoints that you want to compare.

        value: Text of any length
        """

    def RandomNoise(
        self, *,
        noise_seed: int | Link[int] = 0,
    ) -> NOISE_NOISE_Node:
        """Noise. The noise that a picture is made of, as a part of its own.

        Connect it to Sampler (Custom, Advanced). Keep the seed to see what another setting changes; randomize it for a new
        picture every time.

        noise_seed: Decides about the noise at the start. The same seed gives the same picture again
        """

    def RebatchImages(
        self, *,
        images: IMAGE | Picture | list[IMAGE] | list[Picture] | Link[IMAGE | MASK],
        batch_size: int | Link[int] = 1,
    ) -> IMAGE_IMAGE_Node:
        """Rebatch Images. Cut pictures into batches of one size; the nodes after it run once for each batch.

        Larger batches are faster and need more memory. Pictures of different sizes cannot share a batch, so a new size
        begins a new batch.

        images: Pictures from a stream, a list, or one large batch
        batch_size: How many pictures each of the new batches holds at most
        """

    def ReferenceLatent(
        self, *,
        conditioning: CONDITIONING | list[Any] | Link[CONDITIONING],
        latent: LATENT | Tensor | Link[LATENT] | None = None,
    ) -> CONDITIONING_CONDITIONING_Node:
        """Refer to Picture. Let a prompt refer to a picture, for models such as Flux Kontext that edit what they are shown.

        "Make the car red" then speaks of the car in the picture. Several of these behind each other refer to several
        pictures.

        conditioning: The prompt that says what to do with the picture
        latent: The picture as a latent, from VAE Encode; without one nothing changes
        """

    def RepeatEach(
        self, *,
        value: Any,
        times: int | Link[int] = 2,
    ) -> RepeatEachNode:
        """Repeat Each. Do what follows several times with the same thing, such as three versions of every prompt.

        In a stream each item is repeated before the next one comes, and the repetitions of an item belong together:
        collecting them gives a list for each item.

        value: What to repeat; in a stream, each item is repeated
        times: How many times
        """

    def RepeatImageBatch(
        self, *,
        image: IMAGE | Picture | Link[IMAGE | MASK],
        amount: int | Link[int] = 1,
    ) -> IMAGE_IMAGE_Node:
        """Repeat Images. Repeat a batch of pictures, one time after the other.

        With an *amount* of 3, a batch of two pictures becomes a batch of six. For one picture that is to be made in
        several versions, encode it and use Repeat Latents, which gives each copy noise of its own.

        image: The pictures to repeat
        amount: How many times the batch appears in the result
        """

    def RepeatLatentBatch(
        self, *,
        samples: LATENT | Tensor | Link[LATENT],
        amount: int | Link[int] = 1,
    ) -> LATENT_LATENT_Node:
        """Repeat Latents. Repeat a batch of latents, for several versions of one picture.

        Encode a picture, repeat it four times and sample with a *denoise* of about 0.6: each copy gets noise of its own,
        so you get four different versions.

        samples: The latents to repeat
        amount: How many times the batch appears in the result
        """

    def Reroute(
        self, *,
        value: Any,
    ) -> output_Any_Node:
        """Reroute. Pass a value on unchanged, to lead wires around other nodes and keep a graph easy to read.

        It takes on the type of what is connected to it.

        value: Anything at all
        """

    def SDTurboScheduler(
        self, *,
        model: MODEL | Link[MODEL],
        steps: int | Link[int] = 1,
        denoise: float | Link[float | int] = 1.0,
    ) -> SIGMAS_SIGMAS_Node:
        """Noise Levels (Turbo). Decide which noise levels a turbo model visits: the few that it was made for.

        Connect it to Sampler (Custom) with the sampler euler_ancestral and a *cfg* of 1. Such models paint in one step,
        and a little better in two to four.

        model: The model that will paint: one that was made for few steps, such as SDXL Turbo
        steps: In how many steps noise becomes a picture: 1 to 4 as a rule
        denoise: How much to repaint: 1 starts from pure noise, less keeps more of a given picture
        """

    def SamplerCustom(
        self, *,
        model: MODEL | Link[MODEL],
        positive: CONDITIONING | list[Any] | Link[CONDITIONING],
        negative: CONDITIONING | list[Any] | Link[CONDITIONING],
        sampler: SAMPLER | Link[SAMPLER],
        sigmas: SIGMAS | Link[SIGMAS],
        latent_image: LATENT | Tensor | Link[LATENT],
        add_noise: bool | Link[bool] = True,
        noise_seed: int | Link[int] = 0,
        cfg: float | Link[float | int] = 8.0,
    ) -> SamplerCustomNode:
        """Sampler (Custom). Paint over noise levels of your own, with a sampler that you chose.

        Sampler does all of this in one node; take this one when you want to change the noise levels, or when a published
        workflow does.

        model: The model that paints
        add_noise: On adds the seed's noise first; off goes on with a latent that is noisy already
        noise_seed: Decides about the noise at the start. The same seed gives the same picture again
        cfg: How closely to follow the prompt: 4 to 8 as a rule, 1 for Flux; 1 ignores the negative prompt
        positive: The prompt that says what you want to see
        negative: The prompt that says what you do not want; it may be empty text
        sampler: The method of stepping, from Choose Sampler
        sigmas: The noise levels to visit, from a scheduler node
        latent_image: An empty canvas, or an encoded picture to start from
        """

    def SamplerCustomAdvanced(
        self, *,
        noise: NOISE | Link[NOISE],
        guider: GUIDER | Link[GUIDER],
        sampler: SAMPLER | Link[SAMPLER],
        sigmas: SIGMAS | Link[SIGMAS],
        latent_image: LATENT | Tensor | Link[LATENT],
    ) -> SamplerCustomAdvancedNode:
        """Sampler (Custom, Advanced). Paint with parts that you put together: noise, guidance, sampler, noise levels.

        Published workflows for Flux are built like this. Sampler with a *cfg* of 1 paints the same in one node.

        noise: The noise to start from, from Noise or No Noise
        guider: The model with what leads it, from Guide by Prompt or Guide by Two Prompts
        sampler: The method of stepping, from Choose Sampler
        sigmas: The noise levels to visit, from a scheduler node
        latent_image: An empty canvas, or an encoded picture to start from
        """

    def SaveImage(
        self, *,
        images: IMAGE | Picture | Link[IMAGE | MASK],
        filename_prefix: str | Link[str] = 'Jacquard',
        **others: Any,
    ) -> NodeHandle:
        """Save Image. Save pictures as PNG files in the output folder.

        Files are numbered and never overwritten. Each holds the workflow that made it, with seed, versions and models:
        drop it on the editor to get the workflow back.

        images: The pictures to save; each becomes a file
        filename_prefix: How file names begin. 'cats/red' saves into the folder cats; %date:yyyy-MM-dd%, %width%,
            %batch_num% or %KSampler.seed% are filled in
        """

    def SaveLoRANode(
        self, *,
        lora: LORA_MODEL | Link[LORA_MODEL],
        prefix: str | Link[str] = 'loras/ComfyUI_trained_lora',
        steps: int | Link[int] | None = None,
        format: Literal['kohya', 'diffusers'] | Link[str] = 'kohya',
        **others: Any,
    ) -> NodeHandle:
        """Save LoRA. Save a LoRA that was trained as a file in the output folder.

        Files are numbered and never overwritten. What lies in *loras* there can be chosen in Load LoRA like the files in
        models/loras.

        lora: The LoRA to save
        prefix: How the file's name begins. In the folder loras it can be chosen as a LoRA at once; %date:yyyy-MM-
            dd% and %KSampler.seed% are filled in
        steps: After how many steps it was; it becomes a part of the name
        format: kohya for most programs of this field; diffusers for that library, which has no LoHa, LoKr and OFT
        """

    def SetLatentNoiseMask(
        self, *,
        samples: LATENT | Tensor | Link[LATENT],
        mask: MASK | Picture | Link[MASK],
    ) -> LATENT_LATENT_Node:
        """Paint Only Inside Mask. Tell the sampler to paint only inside a mask and to keep everything else.

        Encode a picture with VAE Encode, set the mask here, and sample with a *denoise* below 1: what is under the mask is
        changed but still guides the result. To replace it altogether, use VAE Encode (for Inpainting).

        samples: The latent of the picture that you want to change
        mask: White (1) where the sampler may paint, black (0) where the picture is kept
        """

    def ShowPath(
        self, *,
        model: MODEL | Link[MODEL],
        positive: CONDITIONING | list[Any] | Link[CONDITIONING],
        negative: CONDITIONING | list[Any] | Link[CONDITIONING],
        latent_image: LATENT | Tensor | Link[LATENT],
        vae: VAE | Link[VAE],
        seed: int | Link[int] = 0,
        steps: int | Link[int] = 20,
        cfg: float | Link[float | int] = 8.0,
        sampler_name: Literal['euler', 'euler_ancestral', 'heun', 'dpm_2', 'dpm_2_ancestral', 'lms', 'dpmpp_2s_ancestral', 'dpmpp_sde', 'dpmpp_2m', 'dpmpp_2m_sde', 'dpmpp_3m_sde', 'lcm', 'ddim'] | Link[str] = 'euler',
        scheduler: Literal['simple', 'sgm_uniform', 'karras', 'exponential', 'ddim_uniform', 'beta', 'normal', 'linear_quadratic', 'kl_optimal'] | Link[str] = 'simple',
        denoise: float | Link[float | int] = 1.0,
        states: int | Link[int] = 24,
    ) -> ShowPathNode:
        """Show the path. See how a picture comes out of noise: what is there at each noise level, and what the model sees in it.

        It does what Sampler does, and shows the way on the node: on the left the noisy picture, on the right the clean one
        that the model predicts. Go through it with the slider or the arrow keys. List to Each gives the states one by one
        to other nodes.

        model: The model that paints, from a checkpoint
        seed: Decides about the noise at the start. The same seed gives the same picture again
        steps: In how many steps noise becomes a picture: 20 to 30 as a rule; more is slower
        cfg: How closely to follow the prompt: 4 to 8 as a rule; 1 ignores the negative prompt, high values burn
            colours
        sampler_name: The method of stepping. euler and dpmpp_2m are good first choices
        scheduler: How noise is spread over the steps. normal and karras are good first choices
        positive: The prompt that says what you want to see
        negative: The prompt that says what you do not want; it may be empty text
        latent_image: An empty canvas, or an encoded picture to start from
        denoise: How much to repaint: 1 starts from pure noise, 0.3 to 0.7 changes a given picture, 0 returns it as
            it is
        vae: The VAE of the checkpoint, which makes pictures of the states
        states: How many states to show at most, spread evenly from noise to picture
        """

    def SplitSigmas(
        self, *,
        sigmas: SIGMAS | Link[SIGMAS],
        step: int | Link[int] = 0,
    ) -> SplitSigmasNode:
        """Split Noise Levels. Share noise levels between two samplers, so that the second one goes on where the first one stops.

        For example to change the prompt or the model on the way. Give the second sampler No Noise: its picture is noisy
        already.

        sigmas: The noise levels of the whole run
        step: After how many steps the second sampler takes over
        """

    def Switch(
        self, *,
        index: int | Link[int] = 0,
        case0: Any = None,
        case1: Any = None,
        case2: Any = None,
        case3: Any = None,
        case4: Any = None,
        case5: Any = None,
        case6: Any = None,
        case7: Any = None,
        default: Any = None,
    ) -> output_Any_Node:
        """Switch. Use one of up to eight things by its number; the nodes that only feed the others do not run.

        All must be of one type. Connect a Whole Number to *index* to steer several switches at once.

        index: The number of the case that is used; the first is 0
        case0: Used when the index is 0
        case1: Used when the index is 1
        case2: Used when the index is 2
        case3: Used when the index is 3
        case4: Used when the index is 4
        case5: Used when the index is 5
        case6: Used when the index is 6
        case7: Used when the index is 7
        default: Used when there is no case with this index
        """

    def TrainLoraNode(
        self, *,
        model: MODEL | Link[MODEL],
        latents: LATENT | Tensor | list[LATENT] | list[Tensor] | Link[LATENT],
        positive: CONDITIONING | list[Any] | list[CONDITIONING] | list[list[Any]] | Link[CONDITIONING],
        batch_size: int | Link[int] = 1,
        grad_accumulation_steps: int | Link[int] = 1,
        steps: int | Link[int] = 16,
        learning_rate: float | Link[float | int] = 0.0005,
        rank: int | Link[int] = 8,
        optimizer: Literal['AdamW', 'Adam', 'SGD', 'RMSprop'] | Link[str] = 'AdamW',
        loss_function: Literal['MSE', 'L1', 'Huber', 'SmoothL1'] | Link[str] = 'MSE',
        seed: int | Link[int] = 0,
        training_dtype: Literal['bf16', 'fp32'] | Link[str] = 'bf16',
        lora_dtype: Literal['bf16', 'fp32'] | Link[str] = 'bf16',
        algorithm: Literal['LoRA', 'LoHa', 'LoKr', 'OFT'] | Link[str] = 'LoRA',
        gradient_checkpointing: bool | Link[bool] = True,
        existing_lora: str | Link[str] | None = '[None]',
        alpha: float | Link[float | int] = 0.0,
        layers: Literal['attention', 'blocks', 'blocks and convolutions'] | Link[str] = 'blocks',
        warmup_steps: int | Link[int] = 0,
        schedule: Literal['constant', 'linear', 'cosine'] | Link[str] = 'constant',
        snr_gamma: float | Link[float | int] = 0.0,
        sample_prompt: CONDITIONING | list[Any] | Link[CONDITIONING] | None = None,
        vae: VAE | Link[VAE] | None = None,
        sample_every: int | Link[int] = 50,
    ) -> TrainLoraNodeNode:
        """Train LoRA. Teach a model something from your pictures: a thing, a face, a style. What it learns is a LoRA, a small file.

        Encode your pictures with VAE Encode, write what they show, and connect both. The node shows how the loss falls and
        how long it still takes. With a sample prompt it also shows what the model paints by now. Then paint with the model
        that it gives, and keep the LoRA with Save LoRA. The model that you connect is not changed. When you cancel it, or
        the computer stops, run the same workflow again: it goes on from where it was.

        model: The model to learn; the original stays as it is
        latents: Your pictures, encoded: two or more, in one batch or several of different sizes. 10 to 30 are a
            good number
        positive: What the pictures show: one caption for each, in the same order, or one for all
        batch_size: How many pictures a step learns from; more is steadier, slower, and takes memory
        grad_accumulation_steps: How many batches are added up before the model is changed: as a larger batch,
            without its memory
        steps: How often the model is changed: 50 to 100 for each picture are a good start
        learning_rate: How far each step goes. Too high and pictures burn; too low and nothing is learnt
        rank: How much the LoRA can learn: 4 to 16 for a thing, more for a style
        optimizer: How steps are found. AdamW is a good choice
        loss_function: How errors are counted. MSE is usual; the others forgive odd pictures
        seed: Decides about the dice of the training. The same seed gives the same LoRA again
        training_dtype: What the model computes in: bf16 takes half the memory, fp32 is more exact
        lora_dtype: What the LoRA's numbers are kept in when it is done
        algorithm: The kind of change. LoRA is read everywhere
        gradient_checkpointing: Compute parts twice to keep less in memory; about a third slower
        existing_lora: A LoRA to train further; its own kind and rank count then
        alpha: How strong the change is for its rank; 0 is as the rank
        layers: What is trained: only attention, all of its blocks, or convolutions as well
        warmup_steps: In how many steps the learning rate rises at the start
        schedule: How the learning rate goes on
        snr_gamma: Above 0, steps with little noise count less; 5 is usual. 0 is off
        sample_prompt: A prompt that is painted now and then while the model learns, to see what it knows
        vae: Decodes those pictures; without it they are rough previews
        sample_every: After how many steps a picture is painted; 0 is never
        """

    def TrainModel(
        self, *,
        model: MODEL | Link[MODEL],
        latents: LATENT | Tensor | list[LATENT] | list[Tensor] | Link[LATENT],
        positive: CONDITIONING | list[Any] | list[CONDITIONING] | list[list[Any]] | Link[CONDITIONING],
        batch_size: int | Link[int] = 1,
        grad_accumulation_steps: int | Link[int] = 1,
        steps: int | Link[int] = 100,
        learning_rate: float | Link[float | int] = 1e-05,
        optimizer: Literal['AdamW', 'Adam', 'SGD', 'RMSprop'] | Link[str] = 'AdamW',
        loss_function: Literal['MSE', 'L1', 'Huber', 'SmoothL1'] | Link[str] = 'MSE',
        seed: int | Link[int] = 0,
        gradient_checkpointing: bool | Link[bool] = True,
        warmup_steps: int | Link[int] = 0,
        schedule: Literal['constant', 'linear', 'cosine'] | Link[str] = 'constant',
        snr_gamma: float | Link[float | int] = 0.0,
        sample_prompt: CONDITIONING | list[Any] | Link[CONDITIONING] | None = None,
        vae: VAE | Link[VAE] | None = None,
        sample_every: int | Link[int] = 50,
    ) -> TrainModelNode:
        """Train Whole Model. Teach all weights of a model something from your pictures: it can learn more than a LoRA, and forget more.

        For small models: it takes about six times the memory of the model in float32. What it learnt is the difference to
        the model that you connect, which is not changed; Save LoRA keeps it. For large models use Train LoRA.

        model: The model to learn; the original stays as it is. A small one, loaded in float32
        latents: Your pictures, encoded: two or more, in one batch or several of different sizes. 10 to 30 are a
            good number
        positive: What the pictures show: one caption for each, in the same order, or one for all
        batch_size: How many pictures a step learns from; more is steadier, slower, and takes memory
        grad_accumulation_steps: How many batches are added up before the model is changed: as a larger batch,
            without its memory
        steps: How often the model is changed: 50 to 100 for each picture are a good start
        learning_rate: How far each step goes. Too high and pictures burn; too low and nothing is learnt
        optimizer: How steps are found. AdamW is a good choice
        loss_function: How errors are counted. MSE is usual; the others forgive odd pictures
        seed: Decides about the dice of the training. The same seed gives the same LoRA again
        gradient_checkpointing: Compute parts twice to keep less in memory; about a third slower
        warmup_steps: In how many steps the learning rate rises at the start
        schedule: How the learning rate goes on
        snr_gamma: Above 0, steps with little noise count less; 5 is usual. 0 is off
        sample_prompt: A prompt that is painted now and then while the model learns, to see what it knows
        vae: Decodes those pictures; without it they are rough previews
        sample_every: After how many steps a picture is painted; 0 is never
        """

    def TripleCLIPLoader(
        self, *,
        clip_name1: str | Link[str],
        clip_name2: str | Link[str],
        clip_name3: str | Link[str],
    ) -> CLIP_CLIP_Node:
        """Load Three Text Encoders. Load the three text encoders of Stable Diffusion 3 and 3.5: clip_l, clip_g and t5xxl.

        Without t5xxl the model still works and needs much less memory; load the other two with Load Two Text Encoders then.

        clip_name1: One of the files, such as clip_l; in any order
        clip_name2: Another one, such as clip_g
        clip_name3: The third one, such as t5xxl
        """

    def UNETLoader(
        self, *,
        unet_name: str | Link[str],
        weight_dtype: Literal['default', 'fp8_e4m3fn', 'fp8_e4m3fn_fast', 'fp8_e5m2'] | Link[str] = 'default',
    ) -> MODEL_MODEL_Node:
        """Load Diffusion Model. Load only the part that paints, for models that come in several files, such as Flux and Stable Diffusion 3.5.

        Load its text encoders (Load Two Text Encoders) and its VAE (Load VAE) beside it. GGUF and scaled fp8 files are
        loaded here too, and stay as small in memory as they are on the disk.

        unet_name: The file with the part that paints, from models/diffusion_models
        weight_dtype: How to hold the weights: default as they are in the file; fp8 takes half the memory of fp16,
            and loses detail
        """

    def VAEDecode(
        self, *,
        samples: LATENT | Tensor | Link[LATENT],
        vae: VAE | Link[VAE],
    ) -> IMAGE_IMAGE_Node:
        """VAE Decode. Turn a latent into pictures that you can see and save.

        The step after every sampler. Washed-out or broken colours mean that the VAE does not belong to the checkpoint.

        samples: What a sampler gives
        vae: The VAE of the checkpoint that painted it
        """

    def VAEEncode(
        self, *,
        pixels: IMAGE | Picture | Link[IMAGE | MASK],
        vae: VAE | Link[VAE],
    ) -> LATENT_LATENT_Node:
        """VAE Encode. Turn pictures into a latent, so that a sampler can start from them instead of from an empty canvas.

        Give the sampler a *denoise* below 1: about 0.3 keeps most of the picture, 0.7 changes a lot. A picture of any
        size comes back in this size.

        pixels: The pictures to start from
        vae: The VAE of the checkpoint that will go on painting
        """

    def VAEEncodeForInpaint(
        self, *,
        pixels: IMAGE | Picture | Link[IMAGE | MASK],
        vae: VAE | Link[VAE],
        mask: MASK | Picture | Link[MASK],
        grow_mask_by: int | Link[int] = 6,
    ) -> LATENT_LATENT_Node:
        """VAE Encode (for Inpainting). Prepare a picture for having a part replaced: what is under the mask is wiped out before encoding.

        Use it with a *denoise* of 1, since nothing of the old content is left to keep. To change a part only a little, use
        VAE Encode and Paint Only Inside Mask instead.

        pixels: The picture to change
        vae: The VAE of the checkpoint that will paint
        mask: White (1) where something new should be painted, black (0) where the picture is kept
        grow_mask_by: Let the new part reach this many pixels over the mask's edge, so that the seam blends in
        """

    def VAELoader(
        self, *,
        vae_name: str | Link[str],
    ) -> VAE_VAE_Node:
        """Load VAE. Load a VAE on its own, to use instead of the one inside the checkpoint.

        You need this when a checkpoint comes without a VAE, or when its pictures look washed out and its author recommends
        another one. A VAE of another model family gives coloured noise.

        vae_name: The VAE file, from models/vae. It must suit the checkpoint's family
        """

    def While(
        self, *,
        state: Any,
        body: str | Link[str],
        max_iterations: int | Link[int] = 100,
        go_on: bool | Link[bool] = True,
    ) -> output_Any_Node:
        """While. Run a sub-workflow again and again until it says that it is enough.

        Each turn gets the *state* that the turn before it gave. Its outputs are the new *state*, and *go_on*: on for
        another turn, off to end; *Compare Numbers* gives such an answer. How often is not known beforehand, so set
        *max_iterations* to what is reasonable.

        state: What the first turn begins with
        body: The sub-workflow to run in each turn: input 'state', outputs 'state' and 'go_on'
        max_iterations: How many turns there may be; wanting to go on after that is an error
        go_on: Off: there is no turn at all, and the state stays as it is
        """
