"""Weights as files store them, and how they are widened when a model computes with them. Knows no family.

- `contract`: what a stored weight can do
- `plain`: numbers of one type
- `scaled`: eight bits with a scale: scaled fp8, int8
- `gguf`: blocks of GGUF
- `eight_bits`: numbers of eight bits in a form that is widened quickly
- `rotation`: the rotation of int8 weights
- `gguf_blocks`: blocks of 32 values
- `gguf_k_blocks`: blocks of 256 values
- `narrowing`: weights held in fewer bits than the file has
- `spellings`: which tensors of a file belong together, and in what format; free of torch
- `mapping`: a file mapped into memory
- `reading`: from a file to stored weights
- `scratch`: memory for one wide weight
- `stand_in`: a tensor by its looks, in the place of a weight
- `modules`: modules that hold a stored weight
"""
