"""Shows a report in the person's own browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from chaoskit.cli.console import Console


def open_page(page: Path, console: Console) -> None:
    """Opens a page; says where it is when there is no browser."""
    if not webbrowser.open(page.resolve().as_uri()):
        console.note(f"note: no browser was found to show {page}.")
