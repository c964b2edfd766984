"""Reading what weight files say of themselves: their headers, never their weights. Free of torch.

A file comes from anywhere, so nothing of it is believed: each count, length and place is compared with the bytes that
are there, and a file that lies is refused with what was found and what to do, in bounded time and memory.

- `header`: names, types and shapes of a file's tensors
- `reading`: the header of a file, whatever its format; opens nothing that could block
- `safetensors`: headers of safetensors files
- `usual_lists`: the list of tensors in them, where it is written as usual
- `gguf`: headers of GGUF files
- `gguf_arrays`: the long arrays in their metadata
- `disguises`: what a file is instead: an unfinished download, a page, a pointer, a pickle
- `component_files`: which weight files the folder of a component has, and its settings
- `names`: names of tensors and files, checked, and fit to be printed
"""
