"""`cache`: shows and manages the results that are cached on disk.

show: what is stored, and how long it took to compute. verify: reads everything, and sets damaged values aside.
clear: deletes everything. explain WORKFLOW: which nodes would run, and why.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from commands.caching import open_cache
from commands.folders import cache_folder
from commands.packs import load_installation
from commands.run import EXIT_FAILED, EXIT_REFUSED
from commands.terminal import MESSAGES, RESULTS, print_json, print_problems
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.building.seeds import advance_seeds, moved_seeds
from graph.building.source_map import name_of
from graph.caching.cache import Cache
from graph.caching.disk.disk_cache import DiskCache
from graph.caching.memory_cache import MemoryCache
from graph.document.reader import parse, read
from graph.document.workflow import Workflow
from graph.planning.dry_run import forecast

ACTIONS = ("show", "explain", "clear", "verify")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="show", help="what to do (default: show)")
    parser.add_argument(
        "workflow", nargs="?", type=Path, help="the workflow file to explain; - reads it from standard input"
    )
    parser.add_argument("--yes", action="store_true", help="clear without asking")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    if (arguments.action == "explain") != (arguments.workflow is not None):
        MESSAGES.print("[bold red]error[/]  'cache explain' wants a workflow file, and the other actions want none.")
        return EXIT_REFUSED
    folder = cache_folder(arguments.data_dir)
    is_there = _is_there(folder / "index.sqlite")
    if not is_there and arguments.action != "explain":
        if arguments.json:
            print_json({"folder": str(folder), "results": 0})
        else:
            RESULTS.print(f"Nothing is remembered in {escape(str(folder))} yet.", soft_wrap=True)
        return 0
    if not is_there:  # `explain` creates no folder
        return _explain(arguments, Cache(MemoryCache(0)))
    cache = open_cache(arguments.data_dir)
    try:
        return _explain(arguments, cache) if arguments.action == "explain" else _act(arguments, cache, folder)
    finally:
        cache.close()


def _act(arguments: argparse.Namespace, cache: Cache, folder: Path) -> int:
    disk = cache.disk
    if disk is None or (problem := disk.statistics().problem):
        MESSAGES.print(
            f"[bold red]error[/]  The cache in {escape(str(folder))} cannot be used: {escape(problem)}\n"
            "  To fix it: see that you may read and write there; to delete the folder costs time and nothing else",
            soft_wrap=True,
        )
        return EXIT_FAILED
    if arguments.action == "show":
        return _show(disk, folder, as_json=arguments.json)
    if arguments.action == "verify":
        return _verify(disk, as_json=arguments.json)
    return _clear(disk, folder, sure=arguments.yes, as_json=arguments.json)


def _is_there(path: Path) -> bool:
    """Whether a file exists; also if access is denied, which opening it will report."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _show(disk: DiskCache, folder: Path, *, as_json: bool) -> int:
    statistics, totals = disk.statistics(), disk.totals()
    if as_json:
        print_json({"folder": str(folder), **statistics.as_json(), "types": [asdict(item) for item in totals]})
        return 0
    if not statistics.results:
        RESULTS.print(f"Nothing is remembered in {escape(str(folder))}.", soft_wrap=True)
        return 0
    table = Table("Node type", box=None, pad_edge=False)
    for title in ("Results", "With values", "Size", "Took"):
        table.add_column(title, justify="right")
    for item in totals:
        table.add_row(
            escape(item.node_type), str(item.results), str(item.values), _size(item.nbytes), _time(item.seconds)
        )
    RESULTS.print(table)
    RESULTS.print(
        f"[bold]{_size(statistics.nbytes)}[/] of at most {_size(statistics.bound)} in {escape(str(folder))};"
        f" to make the values again would take [bold]{_time(sum(item.seconds for item in totals))}[/]",
        soft_wrap=True,
    )
    if statistics.bound < statistics.max_bytes and statistics.free is not None:
        RESULTS.print(
            f"[yellow]It would be {_size(statistics.max_bytes)}[/], but the disk has {_size(statistics.free)} free, "
            f"and {_size(statistics.kept_free)} are to stay free",
            soft_wrap=True,
        )
    return 0


def _verify(disk: DiskCache, *, as_json: bool) -> int:
    found = disk.verify()
    if as_json:
        print_json(asdict(found))
    else:
        for damage in found.damaged:
            MESSAGES.print(f"[bold red]damaged[/]  {escape(damage)}", soft_wrap=True)
        good = found.values - found.bad - found.unreadable
        RESULTS.print(f"[green]{good}[/] of {found.values} values are what was stored")
        if found.unreadable:
            RESULTS.print(f"{found.unreadable} hold arrays that nothing installed here can read")
    return EXIT_FAILED if found.damaged else 0


def _clear(disk: DiskCache, folder: Path, *, sure: bool, as_json: bool) -> int:
    statistics = disk.statistics()
    if not sure:
        MESSAGES.print(
            f"Forget {statistics.results} results ({_size(statistics.nbytes)}) in {escape(str(folder))}? [y/N] ",
            end="",
            soft_wrap=True,
        )
        try:
            sure = input().strip().lower() in ("y", "yes")
        except EOFError:
            sure = False
    if not sure:
        MESSAGES.print("Nothing was forgotten.")
        return EXIT_REFUSED
    freed = disk.clear()
    if as_json:
        print_json({"results": statistics.results, "freed": freed})
    else:
        RESULTS.print(f"Forgot {statistics.results} results; {_size(freed)} are free again.")
    return 0


def _explain(arguments: argparse.Namespace, cache: Cache) -> int:
    installation = load_installation(arguments)
    try:
        workflow = _load(arguments.workflow)
        graph = build(workflow, installation.registry, installation.files)
    except WorkflowError as error:
        print_problems(error.problems)
        return EXIT_REFUSED
    for item in forecast(graph, cache, installation.files):
        if arguments.json:
            print_json(item.as_json())
            continue
        verb = "[green]would run[/]   " if item.runs else "[cyan]not run[/]     "
        RESULTS.print(f"  {verb}{escape(name_of(workflow, item.node))}: {escape(item.reason.message)}", soft_wrap=True)
    moved = moved_seeds(workflow, advance_seeds(workflow, installation.registry))
    if moved and not arguments.json:
        RESULTS.print(
            f"This holds for the seeds in the file; a run changes {escape(', '.join(moved))} first.",
            soft_wrap=True,
        )
    return 0


def _load(path: Path) -> Workflow:
    return parse(sys.stdin.buffer.read(), name="standard input") if str(path) == "-" else read(path)


def _size(nbytes: int) -> str:
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if nbytes >= unit:
            return f"{nbytes / unit:.1f} {name}"
    return f"{nbytes / 2**10:.1f} KiB"


def _time(seconds: float) -> str:
    return f"{seconds:,.1f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"
