"""Each kind of file has the folder that nodes look into."""

from commands.folders import MODEL_KINDS
from commands.model_library.homes import folder_of, holds, place_of
from diffusion.model_files.model_file import KINDS, USABLE_KINDS


def test_a_file_in_the_folder_of_its_kind_is_where_it_belongs():
    assert (
        folder_of("vae", "vae") == folder_of("checkpoint", "diffusers") == folder_of("checkpoint", "checkpoints") == ""
    )
    assert folder_of("vae", "checkpoints") == "vae"
    assert folder_of("lora", "") == folder_of("unknown", "vae") == "", "of what lies elsewhere nothing is said"


def test_the_folders_are_those_of_the_field_and_each_that_is_read_says_what_it_holds():
    homes = {folder_of(kind, "nowhere") for kind in KINDS} - {""}
    assert homes - {"ipadapter"} <= set(MODEL_KINDS)
    assert all(holds(folder_of(kind, "nowhere")) for kind in USABLE_KINDS)
    assert place_of("vae") == "models/vae"
