"""`chaoskit shrink`: makes a kept run that fails smaller, and tells what of it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.hash_seed import pin_hash_seed_of
from chaoskit.cli.values import AUTO, parse_jobs, parse_shrink_budget
from chaoskit.core.units import plural

if TYPE_CHECKING:
    from chaoskit.session import Kept
    from chaoskit.story import Told


def shrink(
    run: options.Run,
    *,
    budget: options.ShrinkBudget = None,
    jobs: options.Jobs = None,
    json: options.Json = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = 0,
) -> ExitCode:
    """Make a kept run that fails as small as it gets, and keep that one within it as its story.

    It goes on from the story that is there. The story fails in the same way and replays exactly; its reports say which fault,
    operation and delay it needs. Exits with 0 when a story was kept. The same run gives the same story.
    """
    pin_hash_seed_of(run)
    from chaoskit.cli.watching import Watching
    from chaoskit.session import shrink_kept

    console = Console(color=color, quiet=quiet, verbose=verbose, json=json, progress=not no_progress)
    limits = None if budget is None else parse_shrink_budget(budget)
    kept = shrink_kept(run, budget=limits, jobs=parse_jobs(jobs or AUTO), watcher=Watching(console))
    _tell(kept, console)
    return ExitCode.VALID


def _tell(kept: Kept, console: Console) -> None:
    from chaoskit.replay import command_line
    from chaoskit.reports import render_text

    story, told = kept.story, kept.told
    assert told is not None, "it was shrunk just now"
    assert story is not None and story.shrinking is not None, "a run that was shrunk has a story"
    assert story.directory is not None, "a loaded run has a directory"
    if console.json:
        shrinking = story.shrinking
        before, after = msgspec.to_builtins(shrinking.before), msgspec.to_builtins(shrinking.after)
        console.emit(
            {
                "before": before,
                "after": after,
                "runs": told.shrinking.runs,
                "stopped": told.shrinking.stopped,
                "unchanged": told.unchanged,
                "causes": msgspec.to_builtins(shrinking.flips),
                "run": story.directory,
            }
        )
        return
    if told.unchanged:
        console.tell(_unchanged_text(told))
    text = render_text(story, color=console.color, width=console.width)
    if console.quiet:
        console.tell(text.partition("\n")[0])
        return
    console.say()
    console.put(text)
    console.say(f"replay     {command_line(story.directory)}")
    console.say(f"story      {story.directory}")


def _unchanged_text(told: Told) -> str:
    shrinking = told.shrinking
    if shrinking.stopped is not None:
        return f"Nothing was dropped, but it ended early: {shrinking.stopped}."
    return f"Nothing more can be dropped: {plural(shrinking.runs, 're-run')} found nothing smaller that fails in the same way."
