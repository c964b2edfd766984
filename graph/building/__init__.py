"""From a flat document to a checked graph of calls; all messages about wrong edges and values are made here.

Runs nothing and looks up nothing.
"""
