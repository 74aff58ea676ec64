"""An anomaly in text: its operations as bars in lanes, the faults in force below them, and its sentences, numbered.

    c1  w3  write k3=4      |--ok--|
    c2  w7  write k3=5              |--ok--|
    c4  r9  read k3 → 4                     |--ok--|
            partition {n1} | {n2 n3}  ██████████████░░

The axis counts events, so that a bar says only what came before what. `░` marks a fault that began earlier or ended
later than is drawn.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

from chaoskit.core.verdict import plain
from chaoskit.reports.anomalies import Anomaly
from chaoskit.reports.lanes import Band, Lanes, Span
from chaoskit.reports.words import showing

Paint = Callable[[str, str], str]  # (text, what it is: a status, an op type, or "faint") → the text, coloured or not

WIDTH = 100

_STEP_MIN, _STEP_MAX = 2, 9  # columns from one event to the next
_LABEL_MAX = 46
_TEXT_MIN = 40  # columns that a sentence gets even where there are fewer
_EDGE = 2  # columns on either side for what lies beyond the first and the last event


def uncoloured(text: str, _: str) -> str:
    """The paint that is none."""
    return text


def anomaly_lines(anomaly: Anomaly, *, paint: Paint = uncoloured, width: int = WIDTH) -> list[str]:
    """Diagram, sentences and circumstances of an anomaly, a blank line between them; words are wrapped to the width."""
    violation, columns = anomaly.violation, width - 2
    sentences = [f"{number}. {plain(sentence)}" for number, sentence in enumerate(violation.sentences, start=1)]
    blocks = [
        _diagram(anomaly, paint, columns),
        wrapped(sentences, columns, hang=3) or wrapped([violation.summary], columns),
        wrapped(anomaly.circumstances, columns, hang=2),
    ]
    lines: list[str] = []
    for block in filter(None, blocks):
        lines += [*([""] if lines else []), *(f"  {line}" for line in block)]
    return lines


def wrapped(texts: Iterable[str], width: int, *, hang: int = 0) -> list[str]:
    """Lines of at most this width, as far as their words allow; what goes on begins `hang` columns further in."""
    wrapper = textwrap.TextWrapper(
        width=max(width, _TEXT_MIN),
        subsequent_indent=" " * hang,
        expand_tabs=False,
        replace_whitespace=False,  # what a model wrote is spelled out later, not smoothed away here
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line for text in texts for line in wrapper.wrap(text)]


def _diagram(anomaly: Anomaly, paint: Paint, width: int) -> list[str]:
    lanes = anomaly.lanes
    if not lanes.spans:
        return []
    labels = _labels(anomaly, lanes)
    label_width = max(map(len, labels))
    step = max(_STEP_MIN, min(_STEP_MAX, (width - label_width - 2 - 2 * _EDGE) // lanes.places))
    drawn = [paint(_bar(span, lanes.places, step), span.operation.type) for span in lanes.spans]
    drawn += [paint(_stripe(band, lanes.places, step), "faint") for band in lanes.bands]
    lines = [f"{label:<{label_width}}  {bar}" for label, bar in zip(labels, drawn, strict=True)]
    if lanes.operations_all > len(lanes.spans):
        lines.append(f"({showing(len(lanes.spans), lanes.operations_all, 'operation')})")
    if lanes.faults_all > len(lanes.bands):
        lines.append(f"({showing(len(lanes.bands), lanes.faults_all, 'fault')})")
    return lines


def _labels(anomaly: Anomaly, lanes: Lanes) -> list[str]:
    operations = [span.operation for span in lanes.spans]
    names = [anomaly.name(operation.index) for operation in operations]
    lane_width, name_width = _widest(operation.lane for operation in operations), _widest(names)
    indent = " " * (lane_width + name_width + 4)
    return [
        _cut(f"{operation.lane:<{lane_width}}  {name:<{name_width}}  {operation.outcome}")
        for operation, name in zip(operations, names, strict=True)
    ] + [_cut(f"{indent}{band.fault.label}{'' if band.fault.effects else ' (no effect)'}") for band in lanes.bands]


def _bar(span: Span, places: int, step: int) -> str:
    """`|--ok--|`; an operation that may still happen goes on as `- - ->` to the edge."""
    length = (span.end - span.begin) * step
    word = span.operation.type if length >= len(span.operation.type) + 2 else ""
    bar = f"|{word.center(length - 2, '-')}|"
    if span.open_ended:
        rest = (places - span.end) * step
        bar = bar[:-1] + ("- " * (rest // 2 + 1))[:rest] + ">"
    return " " * (_EDGE + span.begin * step) + bar


def _stripe(band: Band, places: int, step: int) -> str:
    begin, end = (round(place * step) + _EDGE for place in (band.begin, band.end))
    cells = ["█" if begin <= column <= end else " " for column in range(places * step + 2 * _EDGE)]
    if band.begin < 0:
        cells[:_EDGE] = "░" * _EDGE
    if band.end > places - 1:
        cells[-_EDGE:] = "░" * _EDGE
        cells[end:-_EDGE] = "█" * (len(cells) - _EDGE - end)
    return "".join(cells)


def _widest(texts: Iterable[str]) -> int:
    return max(map(len, texts))


def _cut(label: str) -> str:
    return label if len(label) <= _LABEL_MAX else f"{label[: _LABEL_MAX - 1]}…"
