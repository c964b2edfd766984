"""LoRAs: small changes of a model's weights, which are added for the time in which it works.

- `contract`: what a change of one weight is
- `products`: changes that are products of small matrices: LoRA, LoHa, LoKr
- `bound`: changes that depend on the weight: OFT, DoRA
- `changes`: all kinds of changes in one table
- `lora`: a LoRA as a value
- `changed`: a stored weight with changes
- `merging`: LoRAs in a module while it works
- `fitting`: which changes fit a model
"""
