"""`nodes`: lists the node types, or describes one node type or pack."""

from __future__ import annotations

import argparse

from rich.markup import escape
from rich.table import Table

from commands.packs import load_installation, pack_problems
from commands.run import EXIT_REFUSED
from commands.terminal import MESSAGES, RESULTS, print_json
from graph.node_types.node_type import Input, Missing, NodeType
from graph.node_types.registry import Registry, describe
from graph.packs.loading import PackReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("node", nargs="?", help="a node type, or a pack; without one, all types are listed")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Lists the node types, or describes one."""
    installation = load_installation(arguments)
    registry = installation.registry
    if arguments.node is None:
        print_json(registry.catalogue()) if arguments.json else _list(registry)
        return 0
    node_type = registry.get(arguments.node)
    pack = next((pack for pack in installation.packs if pack.name == arguments.node), None)
    if node_type is None and pack is not None:
        print_json(pack.as_json()) if arguments.json else _print_pack(pack)
        return 0
    if node_type is None:
        close = registry.closest(arguments.node)
        remedy = f" Did you mean {close}?" if close else " 'python main.py nodes' lists them."
        MESSAGES.print(f"[bold red]error[/]  There is no node type {escape(repr(arguments.node))}.{remedy}")
        return EXIT_REFUSED
    print_json(describe(node_type)) if arguments.json else _print_type(node_type)
    return 0


def _list(registry: Registry) -> None:
    table = Table("Category", "Node type", "Title", "What it does", box=None, pad_edge=False)
    for node_type in sorted(registry, key=lambda item: (item.category, item.id)):
        table.add_row(
            node_type.category, node_type.id, escape(node_type.title), escape(node_type.help.split("\n", 1)[0])
        )
    RESULTS.print(table)


def _print_type(node_type: NodeType) -> None:
    RESULTS.print(f"[bold]{escape(node_type.title)}[/]  ({node_type.id}, {node_type.category})")
    RESULTS.print(escape(node_type.help) + "\n")
    table = Table("Input", "Type", "Default", "Help", box=None, pad_edge=False)
    for item in node_type.inputs:
        table.add_row(
            item.name, item.type.name + ("?" if item.optional else ""), escape(_default(item)), escape(item.tooltip)
        )
    RESULTS.print(table)
    for output in node_type.outputs:
        RESULTS.print(f"[bold]gives[/] {output.name}: {output.type.name}  {escape(output.tooltip)}")


def _print_pack(pack: PackReport) -> None:
    RESULTS.print(f"[bold]pack {escape(pack.name)}[/]")
    for line in pack_problems(pack):
        RESULTS.print(escape(line), soft_wrap=True)
    for node_id in pack.node_ids:
        RESULTS.print(f"[bold]has[/] {escape(node_id)}")
    for node_id in pack.missing:
        RESULTS.print(f"[bold]would have[/] {escape(node_id)}")
    if pack.details:
        RESULTS.print(escape(pack.details), soft_wrap=True)


def _default(item: Input) -> str:
    return "" if isinstance(item.default, Missing) or item.default is None else str(item.default)
