"""`chaoskit convert`: writes a history in another format; the binary columns are read ten times as fast as text.

A command of its own, since it needs no specification and judges nothing, while `check` writes nothing.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.suggest import formats, written_formats
from chaoskit.core.errors import UsageError
from chaoskit.core.units import plural

Input = Annotated[str, typer.Argument(metavar="IN", help="A history, or a run directory.")]
Output = Annotated[str, typer.Argument(metavar="OUT", help="The file to write; its extension says in which format.")]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="How IN is written; else told by its content.", autocompletion=formats),
]
Target = Annotated[
    str | None,
    typer.Option("--to", metavar="NAME", help="How OUT is written; else told by its extension.", autocompletion=written_formats),
]
Keyed = Annotated[bool, typer.Option("--keyed", help="Every value of IN is a [key value] pair (Jepsen's independent tests).")]
KeyedOut = Annotated[bool, typer.Option("--keyed-out", help="Write every value as a [key value] pair.")]
Force = Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")]


def convert(
    input_: Input,
    output: Output,
    *,
    format_: Format = None,
    to: Target = None,
    keyed: Keyed = False,
    keyed_out: KeyedOut = False,
    force: Force = False,
    json: options.Json = False,
    color: options.Color = "auto",
    quiet: options.Quiet = 0,
) -> ExitCode:
    """Write a history in another format: jsonl, edn, or npz, binary columns for millions of events.

    OUT is written whole or not at all, and never over a file that is there, unless forced.
    """
    from chaoskit.formats.table import format_to_write
    from chaoskit.store.files import file_size
    from chaoskit.store.histories import read_history_file, write_history_file

    console = Console(color=color, quiet=quiet, json=json)
    target = format_to_write(output, to)
    path = _place(output, force=force)
    begin = perf_counter()
    history = read_history_file(input_, format=format_, keyed=keyed)
    read = perf_counter()
    write_history_file(path, history, format=target.name, keyed=keyed_out)
    seconds = {"read": read - begin, "write": perf_counter() - read}
    size = file_size(path)
    if json:
        console.emit({"file": output, "format": target.name, "events": len(history), "bytes": size, "seconds": seconds})
    console.tell(f"{output}: {plural(len(history), 'event')} as {target.name}, {plural(size, 'byte')}")
    return ExitCode.VALID


def _place(output: str, *, force: bool) -> Path:
    """Where to write. Raises `UsageError` when something is there already, or nothing to put it in."""
    path = Path(output)
    if path.is_dir():
        raise UsageError(f"expected a file to write but got {output!r}, which is a directory.")
    if path.exists() and not force:
        raise UsageError(f"expected a file that is not there yet but got {output!r}; add --force to replace it.")
    if not path.parent.is_dir():
        raise UsageError(f"expected a file in a directory that is there but got {output!r}; make {str(path.parent)!r} first.")
    return path
