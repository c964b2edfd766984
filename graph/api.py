"""The door for node authors and scripts: everything that a node may use, and nothing else.

from graph.api import node

@node("Shout", category="text")
def shout(text: str) -> str:
    \"\"\"Make a text loud.\"\"\"
    return text.upper() + "!"
"""

from graph.body import Body
from graph.context import Artifact, CancelledError, NodeContext
from graph.definition import node
from graph.errors import NodeError
from graph.expansion import Expand, Expansion
from graph.files import IMAGE_EXTENSIONS, FileNameError, Files, NumberedNames, safe_name, write_atomically
from graph.flow import BLOCK, MOST_ITEMS, Each, Item, Items, Lazy, get_all
from graph.identity import State, file_state
from graph.json_text import load_json
from graph.listing import in_words as why_disk_refused
from graph.listing import shown_name, unusable, why_unreadable
from graph.name_patterns import filled, unfilled
from graph.node_types import NodeType
from graph.registry import Registry
from graph.sockets import ANY, BOOLEAN, FLOAT, INT, STRING, SocketType, describe_value
from graph.widgets import Choice, FileChoice, Label, Number, Seed, Slider, Text, Toggle
from graph.workflow import Reference

__all__ = [
    "ANY",
    "BLOCK",
    "BOOLEAN",
    "FLOAT",
    "IMAGE_EXTENSIONS",
    "INT",
    "MOST_ITEMS",
    "STRING",
    "Artifact",
    "Body",
    "CancelledError",
    "Choice",
    "Each",
    "Expand",
    "Expansion",
    "FileChoice",
    "FileNameError",
    "Files",
    "Item",
    "Items",
    "Label",
    "Lazy",
    "NodeContext",
    "NodeError",
    "NodeType",
    "Number",
    "NumberedNames",
    "Reference",
    "Registry",
    "Seed",
    "Slider",
    "SocketType",
    "State",
    "Text",
    "Toggle",
    "describe_value",
    "file_state",
    "filled",
    "get_all",
    "load_json",
    "node",
    "safe_name",
    "shown_name",
    "unfilled",
    "unusable",
    "why_disk_refused",
    "why_unreadable",
    "write_atomically",
]
