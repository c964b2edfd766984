"""Reading what weight files say of themselves: their headers, never their weights. Free of torch.

- `header`: names, types and shapes of a file's tensors
"""
