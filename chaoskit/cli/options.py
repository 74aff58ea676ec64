"""The options of the commands, each declared once: its name, how it is written, and a line of help."""

from __future__ import annotations

from typing import Annotated

import typer

from chaoskit.cli.suggest import bugs, conversations, models, nemeses, runs, workloads

# What several commands take

Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout, and nothing else there.")]
Color = Annotated[str, typer.Option("--color", metavar="WHEN", help="auto, always or never.")]
Quiet = Annotated[
    int, typer.Option("--quiet", "-q", count=True, metavar="", show_default=False, help="Only the verdict; -qq: only errors.")
]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, metavar="", show_default=False, help="More detail, and no progress bar.")
]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="Draw no progress bar.")]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 also for a violation and for an unknown verdict.")]
Open = Annotated[bool, typer.Option("--open", help="Show the page in a browser.")]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget", metavar="LIMITS", help="What checking may spend: states=2M,wall=60s. A wall limit is not reproducible."
    ),
]
Report = Annotated[
    str | None,
    typer.Option(
        "--report", metavar="KINDS", help="Which reports to write: html,txt,json (the default), junit and github too, or none."
    ),
]
Run = Annotated[str, typer.Argument(metavar="RUN", help="A run directory, its name, or 'latest'.", autocompletion=runs)]
Planned = Annotated[
    str, typer.Argument(metavar="RUN", help="A run directory, its name, 'latest', or a file with a plan.", autocompletion=runs)
]

# What a run is made of

Model = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL",
        help="A protocol (see 'chaoskit list models'), path/to/file.py:NAME or package.module:NAME; raft when left out.",
        autocompletion=models,
    ),
]
Seed = Annotated[
    str | None, typer.Option("--seed", metavar="SEED", help="A whole number, 0x… or random (the default); always printed first.")
]
Workload = Annotated[
    str | None, typer.Option("--workload", metavar="NAME", help="What clients ask for.", autocompletion=workloads)
]
Bug = Annotated[list[str] | None, typer.Option("--bug", metavar="NAME", help="Turn on a planted bug.", autocompletion=bugs)]
Nodes = Annotated[str | None, typer.Option("--nodes", metavar="N", help="How many nodes the cluster has.")]
Clients = Annotated[str | None, typer.Option("--clients", metavar="N", help="How many clients ask at once.")]
Ops = Annotated[str | None, typer.Option("--ops", metavar="N", help="How many operations the main phase has at most.")]
Rate = Annotated[str | None, typer.Option("--rate", metavar="N", help="Operations per virtual second, over all clients.")]
TimeLimit = Annotated[
    str | None,
    typer.Option("--time-limit", metavar="DURATION", help="How long the main phase lasts at most, in virtual time: 60s."),
]
OpTimeout = Annotated[
    str | None, typer.Option("--op-timeout", metavar="DURATION", help="How long a client waits for an answer: 500ms.")
]
Param = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter of the model or the workload; may be given again."),
]
Nemesis = Annotated[
    list[str] | None,
    typer.Option(
        "--nemesis",
        metavar="FAULTS",
        help="partition,kill or 'kill:interval=5s,targets=primaries'; all (within the claim), all! (beyond it) or none.",
        autocompletion=nemeses,
    ),
]
NemesisInterval = Annotated[
    str | None, typer.Option("--nemesis-interval", metavar="DURATION", help="The mean time between faults of a family: 5s.")
]
Network = Annotated[
    str | None,
    typer.Option("--network", metavar="WEATHER", help="latency=5ms..50ms,loss=1%,duplicate=1%, instead of what the seed draws."),
]
PartitionClients = Annotated[bool, typer.Option("--partition-clients", help="Let partitions cut off clients as well.")]

# How it is run and kept

Shrink = Annotated[
    bool, typer.Option("--shrink/--no-shrink", help="Make a run that fails as small as it gets, and tell that one.")
]
ShrinkBudget = Annotated[
    str | None,
    typer.Option(
        "--budget", metavar="LIMITS", help="What shrinking may spend: runs=2000,wall=60s. A wall limit is not reproducible."
    ),
]
Jobs = Annotated[
    str | None,
    typer.Option("--jobs", metavar="N", help="How many processes make runs: a number, or auto (the default): one a core."),
]
Config = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="Settings in TOML, under the flags' names; flags win.")
]
ShowConfig = Annotated[bool, typer.Option("--show-config", help="Print every setting and where it comes from, and run nothing.")]
Out = Annotated[
    str | None, typer.Option("--out", metavar="DIR", help="Where to keep the run, instead of .chaoskit/runs/<model>-<seed>-<n>.")
]
FirstSeed = Annotated[
    str | None, typer.Option("--seed", metavar="SEED", help="The first seed: a whole number, 0x… or random (the default).")
]
Runs = Annotated[
    str | None, typer.Option("--runs", metavar="N", help="How many seeds are tried; 1000 unless --runs or --for is given.")
]
For = Annotated[
    str | None, typer.Option("--for", metavar="DURATION", help="How long seeds are tried: 10m. Shrinking comes after that.")
]
StopAfter = Annotated[str | None, typer.Option("--stop-after", metavar="N", help="Stop after so many failing runs.")]
SoakOut = Annotated[
    str | None, typer.Option("--out", metavar="DIR", help="Where to keep it all, instead of .chaoskit/soaks/<model>-<seed>-<n>.")
]
StrictExercise = Annotated[
    bool, typer.Option("--strict-exercise", help="Exit with 3 when a valid run tried too little to mean anything.")
]

# What is swept

Conversation = Annotated[
    str,
    typer.Argument(
        metavar="CONVERSATION",
        help="A conversation (see 'chaoskit list conversations'), path/to/file.py:NAME or package.module:NAME.",
        autocompletion=conversations,
    ),
]
ConversationBug = Annotated[
    str | None, typer.Option("--bug", metavar="NAME", help="Sweep the handler with this planted bug instead.")
]
SweepCell = Annotated[
    str | None,
    typer.Option("--cell", metavar="CELL", help="Run one cell alone and print all that went over the wire: stall@17:client."),
]
SweepReport = Annotated[
    str,
    typer.Option(
        "--report",
        metavar="KINDS",
        show_default=False,
        help="Which reports to write: html,txt,json (the default), or none to keep nothing.",
    ),
]
DirectoryOfSweep = Annotated[
    str | None, typer.Option("--out", metavar="DIR", help="Where to keep it, instead of .chaoskit/sweeps/<conversation>-<n>.")
]
