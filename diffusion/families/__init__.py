"""The families of models, one file each, and the table of them. Free of torch.

- `family`: what a family declares
- `flux`, `sd1`, `sd2`, `sd3`, `sdxl`, `sdxl_refiner`: a family each
- `latent_format`: how latents of a VAE look to a model
- `table`: all of them by id
- `tensor_names`: what names and shapes of tensors say of a UNet, for families that recognise theirs

A new family is a file here and a row in `table`; its row among those that cannot be used yet
(`diffusion.model_files.known`) goes, and its text encoders and VAE are named in the files beside that. Its network is
asked by a denoiser in `diffusion.denoisers`, some twenty lines after `contract`. Where the tensors of its files go is a
table of rows in `diffusion.layouts`, with what no shape tells as JSON in `configs` there; how its text encoders are
joined is a style in `diffusion.text_encoding.styles`. The names and shapes of a real file go into
`tests/fixtures/headers`, which are mapped at full size, and a tiny model into `tests/support/tiny_families.py`.
"""
