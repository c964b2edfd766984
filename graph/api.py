"""The interface for node authors, scripts and adapters: everything that a node may use, and nothing else.

from graph.api import node

@node("Shout", category="text")
def shout(text: str) -> str:
    \"\"\"Make a text loud.\"\"\"
    return text.upper() + "!"
"""

from graph.base.errors import NodeError
from graph.document.json_text import load_json
from graph.document.workflow import Reference
from graph.files.folders import IMAGE_EXTENSIONS, FileNameError, Files, safe_name, write_atomically
from graph.files.listing import in_words as why_disk_refused
from graph.files.listing import shown_name, unusable, why_unreadable
from graph.files.name_patterns import filled, unfilled
from graph.files.numbered_names import NumberedNames
from graph.node_types.body import BODY, Body
from graph.node_types.context import Artifact, CancelledError, NodeContext
from graph.node_types.decorator import node
from graph.node_types.digests import State, file_state
from graph.node_types.expansion import Expand, Expansion
from graph.node_types.flow import BLOCK, MOST_ITEMS, Each, Item, Items, Lazy, get_all
from graph.node_types.make_node_type import make_node_type
from graph.node_types.node_type import REQUIRED, Input, Lane, NodeDefinitionError, NodeType, Output
from graph.node_types.registry import DuplicateNodeError, Registry
from graph.node_types.sockets import ANY, BOOLEAN, COMBO, FLOAT, INT, STRING, SocketType, describe_value, generic, union
from graph.node_types.widgets import (
    Choice,
    FileChoice,
    Label,
    Number,
    Seed,
    Slider,
    SubworkflowChoice,
    Text,
    Toggle,
)

__all__ = [
    "ANY",
    "BLOCK",
    "BODY",
    "BOOLEAN",
    "COMBO",
    "FLOAT",
    "IMAGE_EXTENSIONS",
    "INT",
    "MOST_ITEMS",
    "REQUIRED",
    "STRING",
    "Artifact",
    "Body",
    "CancelledError",
    "Choice",
    "DuplicateNodeError",
    "Each",
    "Expand",
    "Expansion",
    "FileChoice",
    "FileNameError",
    "Files",
    "Input",
    "Item",
    "Items",
    "Label",
    "Lane",
    "Lazy",
    "NodeContext",
    "NodeDefinitionError",
    "NodeError",
    "NodeType",
    "Number",
    "NumberedNames",
    "Output",
    "Reference",
    "Registry",
    "Seed",
    "Slider",
    "SocketType",
    "State",
    "SubworkflowChoice",
    "Text",
    "Toggle",
    "describe_value",
    "file_state",
    "filled",
    "generic",
    "get_all",
    "load_json",
    "make_node_type",
    "node",
    "safe_name",
    "shown_name",
    "unfilled",
    "union",
    "unusable",
    "why_disk_refused",
    "why_unreadable",
    "write_atomically",
]
