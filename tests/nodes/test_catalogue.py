"""The built-in catalogue as published workflows know it: ids, sockets, their order and their defaults.

The table is in the notation `name:TYPE=default`, `?` for an optional input, `->` before what comes out.
"""

import re
import subprocess
import sys

import pytest

import diffusion
import nodes
from graph.api import Registry
from graph.node_types.node_type import REQUIRED

FIELD = """
CheckpointLoaderSimple ckpt_name:COMBO -> MODEL CLIP VAE
VAELoader vae_name:COMBO -> VAE
DiffusersLoader model_path:COMBO -> MODEL CLIP VAE
UNETLoader unet_name:COMBO weight_dtype:COMBO=default -> MODEL
CLIPLoader clip_name:COMBO type:COMBO=stable_diffusion device:COMBO=default -> CLIP
DualCLIPLoader clip_name1:COMBO clip_name2:COMBO type:COMBO=sdxl device:COMBO=default -> CLIP
TripleCLIPLoader clip_name1:COMBO clip_name2:COMBO clip_name3:COMBO -> CLIP
LoraLoader model:MODEL clip:CLIP lora_name:COMBO strength_model:FLOAT=1.0 strength_clip:FLOAT=1.0 -> MODEL CLIP report
LoraLoaderModelOnly model:MODEL lora_name:COMBO strength_model:FLOAT=1.0 -> MODEL report
LoraModelLoader model:MODEL lora:LORA_MODEL strength_model:FLOAT=1.0 -> MODEL report
SaveLoRANode lora:LORA_MODEL prefix:STRING=loras/ComfyUI_trained_lora ?steps:INT format:COMBO=kohya ->
TrainLoraNode model:MODEL latents:LATENT positive:CONDITIONING batch_size:INT=1 grad_accumulation_steps:INT=1 steps:INT=16 learning_rate:FLOAT=0.0005 rank:INT=8 optimizer:COMBO=AdamW loss_function:COMBO=MSE seed:INT=0 training_dtype:COMBO=bf16 lora_dtype:COMBO=bf16 algorithm:COMBO=LoRA gradient_checkpointing:BOOLEAN=True ?existing_lora:COMBO alpha:FLOAT=0.0 layers:COMBO=blocks warmup_steps:INT=0 schedule:COMBO=constant snr_gamma:FLOAT=0.0 ?sample_prompt:CONDITIONING ?vae:VAE sample_every:INT=50 -> MODEL LORA LOSS STEPS report
TrainModel model:MODEL latents:LATENT positive:CONDITIONING batch_size:INT=1 grad_accumulation_steps:INT=1 steps:INT=100 learning_rate:FLOAT=1e-05 optimizer:COMBO=AdamW loss_function:COMBO=MSE seed:INT=0 gradient_checkpointing:BOOLEAN=True warmup_steps:INT=0 schedule:COMBO=constant snr_gamma:FLOAT=0.0 ?sample_prompt:CONDITIONING ?vae:VAE sample_every:INT=50 -> MODEL DIFFERENCE LOSS STEPS report
CLIPTextEncodeSDXL clip:CLIP width:INT=1024 height:INT=1024 crop_w:INT=0 crop_h:INT=0 target_width:INT=1024 target_height:INT=1024 text_g:STRING= text_l:STRING= -> CONDITIONING
CLIPTextEncodeSDXLRefiner ascore:FLOAT=6.0 width:INT=1024 height:INT=1024 text:STRING= clip:CLIP -> CONDITIONING
CLIPTextEncodeFlux clip:CLIP clip_l:STRING= t5xxl:STRING= guidance:FLOAT=3.5 -> CONDITIONING
CLIPTextEncodeSD3 clip:CLIP clip_l:STRING= clip_g:STRING= t5xxl:STRING= empty_padding:COMBO=none -> CONDITIONING
ConditioningSetTimestepRange conditioning:CONDITIONING start:FLOAT=0.0 end:FLOAT=1.0 -> CONDITIONING
ConditioningSetArea conditioning:CONDITIONING width:INT=64 height:INT=64 x:INT=0 y:INT=0 strength:FLOAT=1.0 -> CONDITIONING
ConditioningSetAreaPercentage conditioning:CONDITIONING width:FLOAT=1.0 height:FLOAT=1.0 x:FLOAT=0.0 y:FLOAT=0.0 strength:FLOAT=1.0 -> CONDITIONING
ConditioningSetAreaStrength conditioning:CONDITIONING strength:FLOAT=1.0 -> CONDITIONING
ConditioningSetMask conditioning:CONDITIONING mask:MASK strength:FLOAT=1.0 set_cond_area:COMBO=default -> CONDITIONING
FluxGuidance conditioning:CONDITIONING guidance:FLOAT=3.5 -> CONDITIONING
InpaintModelConditioning positive:CONDITIONING negative:CONDITIONING vae:VAE pixels:IMAGE mask:MASK noise_mask:BOOLEAN=True -> positive negative latent
InstructPixToPixConditioning positive:CONDITIONING negative:CONDITIONING vae:VAE pixels:IMAGE -> positive negative latent
ReferenceLatent conditioning:CONDITIONING ?latent:LATENT -> CONDITIONING
EmptySD3LatentImage width:INT=1024 height:INT=1024 batch_size:INT=1 -> LATENT
ModelSamplingDiscrete model:MODEL sampling:COMBO=eps zsnr:BOOLEAN=False -> MODEL
ModelSamplingSD3 model:MODEL shift:FLOAT=3.0 -> MODEL
ModelSamplingAuraFlow model:MODEL shift:FLOAT=1.73 -> MODEL
ModelSamplingFlux model:MODEL max_shift:FLOAT=1.15 base_shift:FLOAT=0.5 width:INT=1024 height:INT=1024 -> MODEL
ModelSamplingContinuousEDM model:MODEL sampling:COMBO=v_prediction sigma_max:FLOAT=120.0 sigma_min:FLOAT=0.002 -> MODEL
FluxKontextImageScale image:IMAGE -> IMAGE
BasicScheduler model:MODEL scheduler:COMBO=simple steps:INT=20 denoise:FLOAT=1.0 -> SIGMAS
SDTurboScheduler model:MODEL steps:INT=1 denoise:FLOAT=1.0 -> SIGMAS
SplitSigmas sigmas:SIGMAS step:INT=0 -> high_sigmas low_sigmas
KSamplerSelect sampler_name:COMBO=euler -> SAMPLER
RandomNoise noise_seed:INT=0 -> NOISE
DisableNoise -> NOISE
BasicGuider model:MODEL conditioning:CONDITIONING -> GUIDER
CFGGuider model:MODEL positive:CONDITIONING negative:CONDITIONING cfg:FLOAT=8.0 -> GUIDER
SamplerCustom model:MODEL add_noise:BOOLEAN=True noise_seed:INT=0 cfg:FLOAT=8.0 positive:CONDITIONING negative:CONDITIONING sampler:SAMPLER sigmas:SIGMAS latent_image:LATENT -> output denoised_output
SamplerCustomAdvanced noise:NOISE guider:GUIDER sampler:SAMPLER sigmas:SIGMAS latent_image:LATENT -> output denoised_output
CLIPTextEncode text:STRING= clip:CLIP -> CONDITIONING
CLIPSetLastLayer clip:CLIP stop_at_clip_layer:INT=-1 -> CLIP
ConditioningCombine conditioning_1:CONDITIONING conditioning_2:CONDITIONING -> CONDITIONING
ConditioningAverage conditioning_to:CONDITIONING conditioning_from:CONDITIONING conditioning_to_strength:FLOAT=1.0 -> CONDITIONING
ConditioningConcat conditioning_to:CONDITIONING conditioning_from:CONDITIONING -> CONDITIONING
ConditioningZeroOut conditioning:CONDITIONING -> CONDITIONING
EmptyLatentImage width:INT=512 height:INT=512 batch_size:INT=1 -> LATENT
KSampler model:MODEL seed:INT=0 steps:INT=20 cfg:FLOAT=8.0 sampler_name:COMBO=euler scheduler:COMBO=simple positive:CONDITIONING negative:CONDITIONING latent_image:LATENT denoise:FLOAT=1.0 -> LATENT
KSamplerAdvanced model:MODEL add_noise:COMBO=enable noise_seed:INT=0 steps:INT=20 cfg:FLOAT=8.0 sampler_name:COMBO=euler scheduler:COMBO=simple positive:CONDITIONING negative:CONDITIONING latent_image:LATENT start_at_step:INT=0 end_at_step:INT=10000 return_with_leftover_noise:COMBO=disable -> LATENT
ShowPath model:MODEL seed:INT=0 steps:INT=20 cfg:FLOAT=8.0 sampler_name:COMBO=euler scheduler:COMBO=simple positive:CONDITIONING negative:CONDITIONING latent_image:LATENT denoise:FLOAT=1.0 vae:VAE states:INT=24 -> result x x0 levels
DiffusionEquation u:IMAGE,LATENT force:COMBO=none time:FLOAT=8.0 steps:INT=20 strength:FLOAT=1.0 ?other:IMAGE,LATENT ?mask:MASK edge_threshold:FLOAT=0.05 feed:FLOAT=0.055 kill:FLOAT=0.062 boundary:COMBO=reflect solver:COMBO=auto -> result report
VAEDecode samples:LATENT vae:VAE -> IMAGE
VAEEncode pixels:IMAGE vae:VAE -> LATENT
VAEEncodeForInpaint pixels:IMAGE vae:VAE mask:MASK grow_mask_by:INT=6 -> LATENT
SetLatentNoiseMask samples:LATENT mask:MASK -> LATENT
LatentUpscale samples:LATENT upscale_method:COMBO=nearest-exact width:INT=512 height:INT=512 crop:COMBO=disabled -> LATENT
LatentUpscaleBy samples:LATENT upscale_method:COMBO=nearest-exact scale_by:FLOAT=1.5 -> LATENT
LoadImage image:COMBO -> IMAGE MASK
LoadImageMask image:COMBO channel:COMBO=alpha -> MASK
SaveImage images:IMAGE filename_prefix:STRING=Jacquard ->
PreviewImage images:IMAGE ->
ImageScale image:IMAGE upscale_method:COMBO=nearest-exact width:INT=512 height:INT=512 crop:COMBO=disabled -> IMAGE
ImageScaleBy image:IMAGE upscale_method:COMBO=nearest-exact scale_by:FLOAT=1.0 -> IMAGE
ImageInvert image:IMAGE -> IMAGE
ImageBlur image:IMAGE blur_radius:INT=1 sigma:FLOAT=1.0 -> IMAGE
ImageSharpen image:IMAGE sharpen_radius:INT=1 sigma:FLOAT=1.0 alpha:FLOAT=1.0 -> IMAGE
ImageBlend image1:IMAGE image2:IMAGE blend_factor:FLOAT=0.5 blend_mode:COMBO=normal -> IMAGE
ImageCrop image:IMAGE width:INT=512 height:INT=512 x:INT=0 y:INT=0 -> IMAGE
ImageBatch image1:IMAGE image2:IMAGE -> IMAGE
ImagePadForOutpaint image:IMAGE left:INT=0 top:INT=0 right:INT=0 bottom:INT=0 feathering:INT=40 -> IMAGE MASK
ImageCompositeMasked destination:IMAGE source:IMAGE x:INT=0 y:INT=0 resize_source:BOOLEAN=False ?mask:MASK -> IMAGE
InvertMask mask:MASK -> MASK
GrowMask mask:MASK expand:INT=0 tapered_corners:BOOLEAN=True -> MASK
MaskToImage mask:MASK -> IMAGE
ImageToMask image:IMAGE channel:COMBO=red -> MASK
PrimitiveInt value:INT=0 -> INT
PrimitiveFloat value:FLOAT=0.0 -> FLOAT
PrimitiveString value:STRING= -> STRING
PrimitiveStringMultiline value:STRING= -> STRING
PrimitiveBoolean value:BOOLEAN=False -> BOOLEAN
Compare a:FLOAT=0.0 comparison:COMBO=a < b b:FLOAT=0.0 -> BOOLEAN
Calculate a:FLOAT=0.0 operation:COMBO=a + b b:FLOAT=0.0 -> FLOAT INT
GetImageSize image:IMAGE -> width height batch_size
ImageFromBatch image:IMAGE batch_index:INT=0 length:INT=1 -> IMAGE
RepeatImageBatch image:IMAGE amount:INT=1 -> IMAGE
RebatchImages images:IMAGE batch_size:INT=1 -> IMAGE
LatentFromBatch samples:LATENT batch_index:INT=0 length:INT=1 -> LATENT
RepeatLatentBatch samples:LATENT amount:INT=1 -> LATENT
BatchToList image:IMAGE -> IMAGE
ListToBatch images:IMAGE -> IMAGE
LoadImagesFromFolder folder:STRING= pattern:STRING=* recursive:BOOLEAN=False start:INT=0 limit:INT=0 on_error:COMBO=stop -> IMAGE MASK name
Reroute value:* -> output
If condition:BOOLEAN=True then:* ?otherwise:* -> output
Switch index:INT=0 ?case0:* ?case1:* ?case2:* ?case3:* ?case4:* ?case5:* ?case6:* ?case7:* ?default:* -> output
RepeatEach value:* times:INT=2 -> value number
ListToEach values:* -> value number
ForEachNumber start:INT=0 stop:INT=4 step:INT=1 -> INT
ForEachLine text:STRING= -> line number
JoinLists ?list0:* ?list1:* ?list2:* ?list3:* ?list4:* ?list5:* ?list6:* ?list7:* -> output
ForEach items:* body:BODY extra:*=None -> output
Accumulate items:* initial:* body:BODY -> output
While state:* body:BODY max_iterations:INT=100 go_on:BOOLEAN=True -> output
LoadImageSetFromFolderNode folder:STRING= resize_method:COMBO=None width:INT=-1 height:INT=-1 buckets:BOOLEAN=False -> IMAGE report
LoadImageTextSetFromFolderNode folder:STRING= clip:CLIP resize_method:COMBO=None width:INT=-1 height:INT=-1 caption:STRING= buckets:BOOLEAN=False -> IMAGE CONDITIONING captions report
LossGraphNode loss:LOSS_MAP filename_prefix:STRING=loss_graph ->
ForEachFile folder:STRING= pattern:STRING=* recursive:BOOLEAN=False -> STRING
"""  # noqa: E501 - a node a line
ROWS = {row.split()[0]: row.strip() for row in FIELD.strip().splitlines()}


@pytest.fixture(scope="module")
def registry():
    registry = Registry()
    nodes.add_to(registry)
    return registry


def written(node_type):
    def inputs():
        for item in node_type.inputs:
            default = "" if item.default is REQUIRED or item.optional else f"={item.default}"
            yield f"{'?' * item.optional}{item.name}:{item.type.name}{default}"

    return " ".join([node_type.id, *inputs(), "->", *(item.name for item in node_type.outputs)])


@pytest.mark.parametrize("node_id", ROWS)
def test_the_sockets_are_the_field_s(registry, node_id):
    assert written(registry.get(node_id)) == ROWS[node_id]


def test_the_table_names_every_built_in_node(registry):
    assert {node_type.id for node_type in registry} == set(ROWS)


def test_what_feeds_a_run_is_marked_as_such(registry):
    assert {node_type.id for node_type in registry if node_type.side_effect} == {
        "SaveImage",
        "PreviewImage",
        "SaveLoRANode",
        "LossGraphNode",
        "ShowPath",
    }
    uses_the_model = {
        "KSampler",
        "KSamplerAdvanced",
        "ShowPath",
        "CLIPTextEncode",
        "CheckpointLoaderSimple",
        "VAELoader",
    }
    uses_the_model |= {"VAEDecode", "VAEEncode", "VAEEncodeForInpaint", "SamplerCustom", "SamplerCustomAdvanced"}
    uses_the_model |= {"DiffusersLoader", "UNETLoader", "CLIPLoader", "DualCLIPLoader", "TripleCLIPLoader"}
    uses_the_model |= {"CLIPTextEncodeSDXL", "CLIPTextEncodeSDXLRefiner", "CLIPTextEncodeFlux", "CLIPTextEncodeSD3"}
    uses_the_model |= {"InpaintModelConditioning", "InstructPixToPixConditioning"}
    uses_the_model |= {"LoraLoader", "LoraLoaderModelOnly", "LoraModelLoader", "TrainLoraNode", "TrainModel"}
    uses_the_model |= {"LoadImageTextSetFromFolderNode"}
    assert {node_type.id for node_type in registry if node_type.lane == "device"} == uses_the_model
    files = {"LoadImage", "LoadImageMask", "LoadImagesFromFolder", "ForEachFile", "SaveImage", "PreviewImage"}
    files |= {"SaveLoRANode"}
    files |= {"LoadImageSetFromFolderNode", "LossGraphNode"}
    assert {node_type.id for node_type in registry if node_type.lane == "io"} == files


def test_seeds_have_a_seed_widget(registry):
    seeds = {
        f"{node_type.id}.{item.name}"
        for node_type in registry
        for item in node_type.inputs
        if item.widget is not None and item.widget.kind == "seed"
    }
    assert seeds == {
        "KSampler.seed",
        "KSamplerAdvanced.noise_seed",
        "ShowPath.seed",
        "PrimitiveInt.value",
        "RandomNoise.noise_seed",
        "SamplerCustom.noise_seed",
        "TrainLoraNode.seed",
        "TrainModel.seed",
    }


def test_every_sampler_and_scheduler_can_be_chosen(registry):
    sampler = registry.get("KSampler")
    assert sampler.by_name["sampler_name"].widget.options == tuple(diffusion.samplers.SAMPLERS)
    assert sampler.by_name["scheduler"].widget.options == tuple(diffusion.schedules.SCHEDULES)


def test_every_resize_method_can_be_chosen(registry):
    for node_id in ("ImageScale", "ImageScaleBy"):
        assert registry.get(node_id).by_name["upscale_method"].widget.options == diffusion.pixels.RESIZE_METHODS


def test_every_node_explains_itself_to_a_newcomer(registry):
    for node_type in registry:
        assert len(node_type.help) > 100, node_type.id
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?", node_type.category), node_type.id
        for item in (*node_type.inputs, *(node_type.outputs if len(node_type.outputs) > 1 else ())):
            assert len(item.tooltip) > 8, f"{node_type.id}.{item.name}"
            assert not item.tooltip.endswith("."), f"{node_type.id}.{item.name}"


@pytest.mark.process
def test_listing_the_nodes_loads_no_torch():
    code = "import sys, nodes; from graph.api import Registry; nodes.add_to(Registry()); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
