"""The commands of the command line, one a file, and what they share. `main.py` chooses; nothing else imports from here.

`model_library/` knows what the model files are; its own `__init__` is its map.
"""
