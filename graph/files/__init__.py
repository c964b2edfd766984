"""The folders that nodes read and write, the rules for names in them, and what is listed there.

What a node writes into a file is the node's business.
"""
