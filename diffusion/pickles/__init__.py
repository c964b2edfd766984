"""From a pickled weight file to a safetensors file, without running what the pickle says.

A pickle is a program. torch's weights-only unpickler obeys only the parts of it that make tensors and plain containers;
here that is done in a process of its own which can reach no network, start no program and take no more memory than the
weights need. Nothing else in this house opens a pickle.

- `confinement`: what the process gives up before it opens the file
- `contents`: the weights in what was unpickled, and what was dropped
- `opening`: the weights-only unpickler, and what no weight file needs
- `streaming`: a safetensors file, written tensor by tensor
- `__main__`: the process
"""
