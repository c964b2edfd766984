"""`models`: says what each model file is, what goes with it, or why it cannot be used; and where to put more.

A wrong guess is corrected with --set-kind and --set-family, which is remembered for the file under any name.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from commands.folders import find_extra_paths
from commands.model_library.library import Progress as Report
from commands.model_library.listing import ModelListing
from commands.model_library.opening import open_places
from commands.model_library.words import with_article
from commands.run import EXIT_REFUSED
from commands.terminal import MESSAGES, RESULTS, print_json
from graph.files.folders import FileNameError, Files
from server.errors import ApiError
from server.shapes.models import ModelInfo, ModelOverride, Models

_SHOWN = 20
"""How many left-out files are printed for a folder."""
_FOLDERS_FOR_ALL = ("checkpoints", "diffusion_models", "text_encoders", "vae", "loras")
"""They are printed even when nothing is in them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", nargs="?", help="a file, by its path or as folder/name; without one, all are listed")
    parser.add_argument("--set-kind", metavar="KIND", help="say what the file is: checkpoint, denoiser, lora, vae ...")
    parser.add_argument(
        "--set-family", metavar="FAMILY[/VARIANT]", help="say which family it is of: sd1, sdxl/v, flux/kontext ..."
    )
    parser.add_argument("--forget", action="store_true", help="forget what was said about the file")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Lists the models, or tells about one."""
    places = open_places(
        arguments.data_dir,
        arguments.models_dir,
        extra=find_extra_paths(arguments.models_dir, arguments.extra_model_paths),
    )
    listing = places.listing()
    try:
        if arguments.file is not None:
            return _one(arguments, listing, places.files)
        if arguments.set_kind or arguments.set_family or arguments.forget:
            MESSAGES.print("[bold red]error[/]  Name the file that this is about.")
            return EXIT_REFUSED
        with _progress() as report:
            found = listing.complete(report)
    finally:
        listing.close()
    print_json(msgspec.to_builtins(found)) if arguments.json else _print_all(found, places.files)
    return 0


def _one(arguments: argparse.Namespace, listing: ModelListing, files: Files) -> int:
    try:
        path = _find(arguments.file, files)
        if arguments.set_kind or arguments.set_family or arguments.forget:
            family, _, variant = (arguments.set_family or "").partition("/")
            wanted = ModelOverride(folder="", name="", kind=arguments.set_kind or "", family=family, variant=variant)
            listing.override_path(path, ModelOverride(folder="", name="") if arguments.forget else wanted)
        found = listing.of_path(path)
    except (FileNameError, ApiError) as error:
        MESSAGES.print(f"[bold red]error[/]  {escape(str(error).rstrip('.'))}. {escape(error.remedy)}", soft_wrap=True)
        return EXIT_REFUSED
    from diffusion.model_files.unread import unread

    strange = [] if found.problem else unread(path, found.kind, found.family)
    if arguments.json:
        print_json({**msgspec.to_builtins(found), "unread": strange})
    else:
        _print_one(found, listing.kinds(), strange)
    return 0


def _find(text: str, files: Files) -> Path:
    """Returns the path of a file given by path, or as folder/name. Raises `FileNameError`."""
    path = Path(text)
    if path.exists():
        return path.absolute()
    folder, _, name = text.removeprefix("models/").partition("/")
    if name and folder in files.roots:
        return files.path(folder, name)
    raise FileNameError(f"there is no file {text!r}", "Give its path, or folder/name as in the list.")


@contextmanager
def _progress() -> Iterator[Report]:
    """Shows how many headers were read, if that takes a while."""
    columns = TextColumn("Reading headers"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=MESSAGES, transient=True) as bar:
        task = bar.add_task("", visible=False)
        yield lambda read, of: bar.update(task, completed=read, total=of, visible=read < of)


def _print_all(found: Models, files: Files) -> None:
    for problem in found.problems:
        MESSAGES.print(f"[yellow]models[/] {escape(problem)}", soft_wrap=True)
    for folder in found.folders:
        models = [model for model in found.models if model.folder == folder.kind]
        missing = [item for item in found.left_out if item.folder == folder.kind]
        if not models and not missing and folder.kind not in _FOLDERS_FOR_ALL:
            continue
        places = ", ".join(str(root) for root in files.roots[folder.kind] if root.is_dir() or root.name == folder.kind)
        RESULTS.print(f"[bold]{escape(folder.kind)}[/]  [dim]{escape(places)}[/]", soft_wrap=True)
        if models:
            RESULTS.print(_table(models, found.kinds))
        for item in missing[:_SHOWN]:
            RESULTS.print(f"  [yellow]left out:[/] {escape(item.name)}  [dim]{item.reason}[/]")
        if len(missing) > _SHOWN:
            RESULTS.print(f"  [yellow]left out:[/] {len(missing) - _SHOWN:,} more")
        if not models:
            RESULTS.print(f"  [dim]none; put files here{': ' if folder.holds else ''}{escape(folder.holds)}[/]")


def _table(models: list[ModelInfo], kinds: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=True, show_header=False)
    table.add_column("name", overflow="fold")
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for model in models:
        what = model.what or kinds.get(model.kind, model.kind)
        table.add_row(
            escape(_on_one_line(model.name)),
            escape(what),
            escape(model.precision),
            _size(model.bytes),
            "\n".join(_notes(model, kinds)),
        )
    return table


def _on_one_line(name: str) -> str:
    """A name fit for a line of a table: what would break the line, or do something to the terminal, is escaped."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)


def _notes(model: ModelInfo, kinds: Mapping[str, str]) -> list[str]:
    """What is to be known of a model besides what it is, one line each."""
    lines = []
    if model.problem:
        lines.append(f"[red]{escape(model.problem)}[/] {escape(model.remedy)}")
    if model.belongs:
        kind = with_article(kinds.get(model.kind, model.kind))
        lines.append(f"[yellow]{escape(kind[0].upper() + kind[1:])} belongs into models/{escape(model.belongs)}.[/]")
    lines += [_need(need.role, need.names, need.there) for need in model.needs if not model.problem]
    if model.licence is not None:
        limits = f": {model.licence.limits}" if model.licence.limits else ""
        lines.append(f"[dim]{escape(model.licence.name + limits)} ({escape(model.licence.source)})[/]")
    if model.override:
        lines.append("[cyan]as you said[/]")
    return lines


def _need(role: str, names: list[str], there: list[str]) -> str:
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        return f"[green]{escape(role)}:[/] {escape(there[0])}{more}"
    return (
        f"[yellow]{escape(role)} is missing[/], such as {escape(names[0])}" if names else f"{escape(role)} is missing"
    )


def _print_one(model: ModelInfo, kinds: Mapping[str, str], strange: Sequence[str]) -> None:
    """Prints what one file is; `strange` are its tensors that nobody reads."""
    from diffusion.layouts.leftovers import in_words

    RESULTS.print(f"[bold]{escape(_on_one_line(model.name))}[/]  [dim]{_size(model.bytes)}[/]", soft_wrap=True)
    rows = {
        "kind": kinds.get(model.kind, model.kind),
        "family": f"{model.family}/{model.variant}" if model.variant else model.family,
        "what": model.what,
        "weights": model.precision,
        "inside": ", ".join(model.parts),
    }
    for title, value in rows.items():
        if value:
            RESULTS.print(f"  {title:<8} {escape(value)}", soft_wrap=True)
    for line in [*_notes(model, kinds), *([f"[yellow]{escape(in_words('it', strange))}[/]"] if strange else [])]:
        RESULTS.print(f"  {line}", soft_wrap=True)


def _size(nbytes: int) -> str:
    return f"{nbytes / 2**30:,.1f} GiB" if nbytes >= 2**30 else f"{nbytes / 2**20:,.1f} MiB"
