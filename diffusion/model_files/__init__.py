"""What a file or folder of weights is, by its header: kind, family, variant, precision, what it needs. Free of torch.

- `recognise`: the answer for a path
- `model_file`: what the answer holds
- `likenesses`: what files are whose tensors were seen before
- `companions`: what else a model needs to paint
- `prefixes`: what files put in front of the names of tensors, and the parts of an all-in-one file
- `shapes`: the shapes of tensors as they count for a model
- `precision`: how weights are stored
- `signs`: by what a set of tensors is known
- `known`: families that are known and cannot be used yet
- `text_encoders`: which text encoder it is
- `vaes`: which VAE it is
- `loras`: LoRAs in all spellings, and whose they are
- `adapters`: what steers or helps another model
- `embeddings`: vectors of textual inversion
- `upscalers`: networks from small pictures to large ones
- `folders`: folders as diffusers and transformers write them
- `pickles`: what is never opened
- `hints`: what only values, metadata or the file's name tell
- `cards`: the licence that a model folder names for itself
- `loadable`: why a loader cannot load a file
- `unread`: which tensors of a file nobody reads
- `overriding`: what a file is when a person says something else
"""
