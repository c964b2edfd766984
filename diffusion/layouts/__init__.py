"""Where the tensors of the field's files go in the modules of diffusers and transformers: declared, never run over
weights. Free of torch.

- `contract`: what a layout is: pieces (which tensor of the file becomes which of the module) and a configuration
- `rows`: a table of rows with placeholders, and the pieces that it makes of the names in a file
- `templates`: the settings of a network that no shape tells, as JSON files in `configs/`
- `cutting`: a piece cut out of a plain tensor
- `plan`: one component of a file: module class, configuration, pieces, and what is left over
- `unet`: the UNet of SD1, SD2, SDXL and its refiner; `unet_blocks` numbers its blocks as the LDM layout does, and
  `unet_config` reads its settings off the shapes
- `sd3`: the transformer of SD3 and SD3.5
- `flux`: the transformer of Flux.1
- `vae`: the autoencoder that all of these share
- `clip`: text encoders of CLIP, in the layouts of transformers and of OpenCLIP
- `t5`: the text encoder T5, in the layouts of transformers and of GGUF
- `leftovers`: what files carry besides the weights of a component
"""
