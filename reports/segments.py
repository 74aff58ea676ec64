"""What travels over connections, for people: the ports, and how the bytes begin: `port 49152 to 80, 18 bytes: GET / HTTP/1.1⏎⏎`.

The rest of a segment is bookkeeping of the connection. Bytes of TLS stand in a journal as zeros: only how many is said of them.
"""

from __future__ import annotations

from chaoskit.core.units import plural
from chaoskit.reports.words import show

TEXT_MAX = 60  # characters of the bytes that are shown
LABEL_MAX = 16
BYTES_MAX = 12  # of what is no text
_LAYOUTS = {"TCP": (3, 4, 12), "UDP": (0, 1, 2)}  # where source port, destination port and data stand in what travels


def segment_text(kind: str, fields: object) -> str | None:
    """Ports and bytes of a segment or a datagram, from its decoded body; None for any other message."""
    parts = _parts(kind, fields)
    if parts is None:
        return None
    source, destination, content = parts
    if not content:
        return f"port {source} to {destination}"
    said = _said(content)
    return f"port {source} to {destination}, {plural(len(content), 'byte')}{': ' if said else ''}{said}"


def segment_label(kind: str, fields: object) -> str:
    """A few words for a picture: how the text begins that it carries, else its type."""
    line = first_line(kind, fields)
    return kind if not line else _beginning(line, LABEL_MAX)


def first_line(kind: str, fields: object) -> str:
    """The first line of the text that a segment or a datagram carries, the beginning of it; empty for anything else."""
    parts = _parts(kind, fields)
    text = _as_text(parts[2]) if parts is not None else None
    return "" if text is None else _beginning(text.partition("⏎")[0], TEXT_MAX)


def _parts(kind: str, fields: object) -> tuple[int, int, bytes] | None:
    layout = _LAYOUTS.get(kind.partition("-")[0])
    if layout is None or not isinstance(fields, list) or len(fields) <= max(layout):
        return None
    source, destination, content = (fields[place] for place in layout)
    return (source, destination, content) if isinstance(content, bytes) else None


def _said(content: bytes) -> str:
    if not any(content):
        return ""
    text = _as_text(content)
    if text is not None:
        return _beginning(text, TEXT_MAX)
    return show(content[:BYTES_MAX]) + ("…" if len(content) > BYTES_MAX else "")


def _as_text(content: bytes) -> str | None:
    """The bytes as a line of text, ends of lines as signs; None if they are not for reading."""
    try:
        text = content.decode().replace("\r\n", "⏎").replace("\n", "⏎")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _beginning(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
