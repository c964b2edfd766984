"""Loading node packs: finding, importing, watching and describing them, and what their results depend on.

The rest of the engine sees only the node types that come out.
"""
