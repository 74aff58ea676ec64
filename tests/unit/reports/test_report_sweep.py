"""A wire sweep as text, as JSON and as a page: findings first, a letter for each cell, and nothing of a handler's as markup."""

from __future__ import annotations

import json
import re

import msgspec

from chaoskit.core.sweep import COMPLETE, Cell, Message, SweepRecord, spans_of
from chaoskit.reports.sweep import render_sweep
from chaoskit.reports.sweep_json import sweep_json
from chaoskit.reports.sweep_text import sweep_lines, sweep_text

TEXT = """\
chaoskit 0.1.0 · sweep greeting with the bug hasty · hi and bye

INVALID  hang, crash in 5 of 9 cells

  1. hang: the handler never ended (3 cells)
     stall@0..1:client, stall@3:client
     stall@0:client: the handler said </script><img src=x onerror=alert(1)>\\u001b[31m at 0
     again  chaoskit sweep greeting --bug hasty --cell stall@0:client

  2. crash (KeyError): an error that the handler may not end with (2 cells)
     eof@0:client, fail@1:server
     eof@0:client: the handler said </script><img src=x onerror=alert(1)>\\u001b[31m at 0
     again  chaoskit sweep greeting --bug hasty --cell eof@0:client

what the client says: 3 bytes in 2 messages
  message  1-2
  byte     0
  stall    HH.H
  eof      Xe-

what the handler answers: 2 bytes in 1 message
  message  1-
  byte     0
  fail     eX

  H  hang                       3  the handler never ended
  X  crash                      2  an error that the handler may not end with
  .  complete                   1  everything was answered, and the handler ended
  -  short                      1  the handler ended quietly before everything was answered
  e  failed                     2  an error that the handler may end with

reproduce  chaoskit sweep greeting --bug hasty
digest     dddddddddddddddddddddddddddddddd
"""


def words(page: str) -> str:
    """The text of a page without its script, its white space evened out."""
    body = re.sub(r"<script>.*?</script>", "", page.partition("<body>")[2], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def test_the_text_has_the_findings_the_matrix_and_the_legend(sweep_record: SweepRecord) -> None:
    """Whole, to the last space; what a handler said is spelled out where it could steer a terminal."""
    assert sweep_text(sweep_record) == TEXT


def test_a_long_side_goes_on_below_with_its_bytes_counted(sweep_record: SweepRecord) -> None:
    """64 bytes a block; a message that goes on has no second number."""
    cells = [
        Cell(fault="eof", at=at, side="client", outcome=COMPLETE, detail="", sentence="", ended=0, received=0, written=0)
        for at in range(70)
    ]
    messages = [Message(side="client", first=0, data="00" * 66), Message(side="client", first=66, data="00" * 4)]
    lines = sweep_lines(msgspec.structs.replace(sweep_record, cells=cells, spans=spans_of(cells), messages=messages))
    assert "  message  1---------------------------------------------------------------" in lines
    assert lines[lines.index("  byte     64") - 1] == "  message  --2---"
    assert lines[lines.index("  byte     64") + 1] == "  eof      ......"


def test_the_json_has_the_same_for_scripts(sweep_record: SweepRecord) -> None:
    """Findings with the cells that they are, and the matrix as strings."""
    found = json.loads(sweep_json(sweep_record))
    assert (found["verdict"], found["cells"], found["outcomes"]["hang"]) == ("invalid", 9, 3)
    assert [(each["outcome"], each["detail"], each["bytes"]) for each in found["findings"]] == [
        ("hang", "", ["stall@0..1:client", "stall@3:client"]),
        ("crash", "KeyError", ["eof@0:client", "fail@1:server"]),
    ]
    assert found["findings"][1]["reproduce"] == "chaoskit sweep greeting --bug hasty --cell eof@0:client"
    assert found["matrix"] == {"client": {"stall": "HH.H", "eof": "Xe-"}, "server": {"fail": "eX"}}
    assert found["letters"]["H"] == "hang"


def test_the_page_shows_every_cell_with_a_letter_and_a_class(sweep_record: SweepRecord) -> None:
    """A block for each message, and one for where the client hangs up."""
    page = render_sweep(sweep_record)
    assert len(re.findall(r'<td role="gridcell" tabindex="-1" class="cell ', page)) == len(sweep_record.cells)
    assert re.findall(r"<caption>(.*?)</caption>", page) == ["message 1", "message 2", "the end", "message 1"]
    assert 'class="cell hang" data-cell="stall@3:client"' in page
    text = words(page)
    assert "INVALID hang, crash in 5 of 9 cells" in text
    assert "byte 0 is 68 69 stall H H eof X e" in text
    assert "stall@0..1:client hang 2" in text
    assert "again chaoskit sweep greeting --bug hasty --cell eof@0:client" in text


def test_a_sweep_without_findings_says_so(sweep_record: SweepRecord) -> None:
    """On the page and in the text."""
    good = [msgspec.structs.replace(cell, outcome=COMPLETE) for cell in sweep_record.cells]
    record = msgspec.structs.replace(sweep_record, cells=good, spans=spans_of(good))
    assert "VALID  no finding in 9 cells: every handler ended, left nothing behind, and answered as it may" in sweep_text(record)
    assert "VALID no finding in 9 cells" in words(render_sweep(record))
    assert "Nothing: under every fault at every byte" in words(render_sweep(record))


def test_what_a_handler_said_is_text(sweep_record: SweepRecord) -> None:
    """Never markup: the page has one script, ours, under a policy with its hash."""
    page = render_sweep(sweep_record)
    assert "<img" not in page
    assert page.count("<script") == page.count("</script>") == 1
    policy = r"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-"
    assert re.search(policy, page)


def test_equal_sweeps_give_equal_pages(sweep_record: SweepRecord) -> None:
    """Nothing of the machine or the hour is in one."""
    assert render_sweep(sweep_record) == render_sweep(msgspec.structs.replace(sweep_record))
