"""The levels of consistency that `chaoskit check` may be asked for, and the checkers that judge them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaoskit.core.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from chaoskit.check import Checker
    from chaoskit.check.watch import Watch
    from chaoskit.spec import Spec

LINEARIZABLE = "linearizable"
ALL_OF_SESSION = "session"


def level_names() -> dict[str, str]:
    """Every name that may be asked for, and what it promises in one line."""
    from chaoskit.check.weak import LEVELS, SESSION

    return {
        LINEARIZABLE: "one order of all operations keeps real time, as --spec says",
        **{level.name: level.summary for level in LEVELS.values()},
        ALL_OF_SESSION: f"all of {', '.join(SESSION)}",
    }


def parse_levels(text: str) -> list[str]:
    """The levels of `causal,session`, each once, in the order given. Raises `UsageError`."""
    from chaoskit.check.weak import SESSION

    wanted: list[str] = []
    for name in (word.strip() for word in text.split(",")):
        if name not in level_names():
            raise UsageError(f"{unknown_name('consistency level', name, level_names())} Write e.g. --consistency causal,session.")
        wanted += SESSION if name == ALL_OF_SESSION else [name]
    return list(dict.fromkeys(wanted))


def checkers_of(
    levels: Sequence[str],
    spec: Spec | None,
    *,
    power: bool | None = False,
    jobs: int = 1,
    every_key: bool = True,
    witness: bool | None = None,
    watch: Watch | None = None,
) -> list[Checker]:
    """A checker for each level. Raises `UsageError` when a level cannot be judged by this specification, or without one.

    `power`: what `linearizable` is worth is wanted, too; None: where that is quick. `jobs` processes search hard keys; not
    `every_key`: up to a bad one. `witness`: the orders that were found are wanted; None: of small histories. `watch` is told how
    far a search is.
    """
    from chaoskit.check import Linearizable
    from chaoskit.check.power import WithPower
    from chaoskit.check.weak import Consistent
    from chaoskit.spec.cas_register import CasRegister
    from chaoskit.spec.register import Register

    if power and LINEARIZABLE not in levels:
        raise UsageError(f"expected {LINEARIZABLE} among the levels for --power but got consistency={','.join(levels)!r}.")
    made: list[Checker] = []
    for level in levels:
        if level == LINEARIZABLE:
            if spec is None:
                raise UsageError(
                    "expected a specification but got no --spec; write e.g. '--spec cas-register' (see 'chaoskit list specs')."
                )
            checker = Linearizable(spec=spec, witness=witness, processes=jobs, stop_at_first=not every_key, watch=watch)
            made.append(checker if power is False else WithPower(checker, asked=bool(power)))
        elif spec is None:
            made.append(Consistent(level))
        elif isinstance(spec, Register | CasRegister):
            made.append(Consistent(level, initial=spec.initial, nil_read=spec.nil_read))
        else:
            raise UsageError(
                f"expected a register, or no --spec, for {level!r} but got spec={spec.name!r}; only linearizable judges others."
            )
    return made
