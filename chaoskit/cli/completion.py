"""`chaoskit completion`: what a shell needs to complete commands, options, and the names of models, faults and runs."""

from __future__ import annotations

from typing import Annotated

import typer

from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.core.errors import unknown_name

PROGRAM = "chaoskit"
VARIABLE = "_CHAOSKIT_COMPLETE"  # by which the shell asks for suggestions
SHELLS = {
    "bash": 'eval "$(chaoskit completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(chaoskit completion zsh)" in ~/.zshrc, after compinit',
    "fish": "chaoskit completion fish > ~/.config/fish/completions/chaoskit.fish",
    "powershell": "chaoskit completion powershell | Out-String | Invoke-Expression, in $PROFILE",
}

Shell = Annotated[
    str,
    typer.Argument(
        metavar="SHELL",
        help=f"{', '.join(SHELLS)}.",
        autocompletion=lambda incomplete: [name for name in SHELLS if name.startswith(incomplete)],
    ),
]


def completion(shell: Shell) -> ExitCode:
    """Print the script that makes a shell complete chaoskit's commands and names; have your shell read it."""
    if shell not in SHELLS:
        raise unknown_name("shell", shell, SHELLS)
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    console = Console()
    console.say(get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell))
    console.say(f"# {SHELLS[shell]}")  # last: zsh looks at the first line
    return ExitCode.VALID
