"""`chaoskit report`: builds the reports of a kept run, anew or for the first time."""

from __future__ import annotations

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.github import tell_github
from chaoskit.cli.opening import open_page
from chaoskit.cli.show import incomplete_text
from chaoskit.cli.values import GITHUB, parse_reports
from chaoskit.core.errors import UsageError


def report(
    run: options.Run,
    *,
    report: options.Report = None,
    open_: options.Open = False,
    json: options.Json = False,
    color: options.Color = "auto",
    quiet: options.Quiet = 0,
) -> ExitCode:
    """Build report.html, report.txt and report.json of a kept run, or others. Exits with 0 whatever the verdict is."""
    from chaoskit.session import DEFAULT_REPORTS, write_reports
    from chaoskit.store.loading import load
    from chaoskit.store.runs import find_run

    console = Console(color=color, quiet=quiet, json=json)
    wanted = DEFAULT_REPORTS if report is None else parse_reports(report)
    kinds = tuple(kind for kind in wanted if kind != GITHUB)
    if open_ and "html" not in kinds:
        raise UsageError("expected a page to open but got --open without the html report; add html to --report.")
    directory = find_run(run)
    record = load(directory, incomplete=True)
    if not record.manifest.complete:
        console.note(incomplete_text(record))
    pages = write_reports(record, directory, kinds)
    if json:
        console.emit({"run": str(directory), "reports": {kind: str(page) for kind, page in zip(kinds, pages, strict=True)}})
    for page in pages:
        console.tell(str(page))
    if GITHUB in wanted:
        tell_github(record, console)
    if open_:
        open_page(pages[kinds.index("html")], console)
    return ExitCode.VALID
