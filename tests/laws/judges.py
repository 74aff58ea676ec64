"""The ways in which histories of an alphabet are judged, each held to what the definition says of them.

    search   depth first, stop by stop, and by the strategy
    path     what judges an object of its kind without a search, one by one
    blocks   the same for registers, very many at once

Each says of a history what is wrong with its verdict: another one, another failing completion, an order that is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
from alphabets import Alphabet
from every_history import Shape, explains, first_failure
from truth import UNDECIDED, Told

from chaoskit.check.linear import blocks, strategy
from chaoskit.check.linear.columns import NO_VALUE, Columns
from chaoskit.check.linear.judged import Good
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import NEVER
from chaoskit.check.linear.paths import PATHS, judge
from chaoskit.check.linear.paths import first_failure as first_failure_by_path
from chaoskit.check.linear.replays import replayed
from chaoskit.check.linear.rows import Rows
from chaoskit.check.linear.search import Found, GaveUp, Stuck, depth_first, stop_by_stop
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove_registers
from chaoskit.core.canonical import Interner
from chaoskit.core.errors import InternalError
from chaoskit.spec import UNKNOWN
from chaoskit.spec.cas_register import CasRegister
from chaoskit.spec.register import Register

LIMIT = 100_000  # configurations
HORIZON = 64  # a position after all of a history
AT_ONCE = 2_000  # registers

Case = tuple[Sequence[int], Shape]
Explore = Callable[..., Found | Stuck | GaveUp]


def by_search(alphabet: Alphabet, cases: Iterable[Case], *, in_turn: bool = False) -> Iterator[Told]:
    """By the search in either order, and by the strategy; `in_turn`: depth first, and by one of the others in turn."""
    table = Table(alphabet.spec, alphabet.labels, alphabet.is_read)
    searches: list[tuple[Explore, ...]] = [(depth_first, stop_by_stop), (depth_first, strategy.search)]
    for chosen_searches, (chosen, shape) in zip(cycle(searches if in_turn else [(*searches[0], strategy.search)]), cases):
        failing = first_failure(alphabet, chosen, shape)
        wrong = _wrong_by_search(alphabet, table, chosen, shape, failing, chosen_searches)
        yield Told((chosen, shape), failing, wrong)


def _wrong_by_search(
    alphabet: Alphabet,
    table: Table,
    chosen: Sequence[int],
    shape: Shape,
    failing: int | None,
    searches: Sequence[Explore],
) -> str | None:
    problem = alphabet.problem(chosen, shape.intervals)
    layout = lay_out(problem)
    for explore in searches:
        found = explore(layout, table, limit=LIMIT)
        match found:
            case Found():
                if not explains(alphabet, chosen, shape, [call for call, _ in found.order]):
                    return f"{_name(explore)} has an order that is none"
                stuck = None
            case Stuck():
                stuck = problem.calls[layout.stops[found.stop].call].ended
            case _:
                return f"{_name(explore)} gave up"
        if stuck != failing:
            return f"{_name(explore)} fails at {stuck}, not at {failing}"
    return None


def _name(explore: Explore) -> str:
    return str(getattr(explore, "__name__", explore))


def by_path(alphabet: Alphabet, cases: Iterable[Case]) -> Iterator[Told]:
    """By the path of the spec."""
    spec, path = alphabet.spec.original, PATHS[type(alphabet.spec.original)]
    rows = _Rows(alphabet)
    for chosen, shape in cases:
        failing = first_failure(alphabet, chosen, shape)
        calls = rows.of(chosen, shape)
        try:
            judged = judge(calls, path, spec)
            if judged is None:
                wrong: str | None = UNDECIDED
            elif isinstance(judged, Good):
                replayed(calls, judged.order, spec, path.replay)
                wrong = None if failing is None else f"good, but it fails at {failing}"
                if wrong is None and not explains(alphabet, chosen, shape, judged.order.tolist()):
                    wrong = "has an order that is none"
            elif failing is None:
                wrong = "bad, but it is not"
            elif judged.is_first and judged.near != failing:
                wrong = _compared(judged.near, failing)
            else:
                found = first_failure_by_path(calls, judged, path, spec)
                wrong = UNDECIDED if found is None else _compared(found.position, failing)
        except (InternalError, AssertionError, IndexError, KeyError, ValueError) as error:
            wrong = f"{type(error).__name__}: {error}"
        yield Told((chosen, shape), failing, wrong)


def by_blocks(alphabet: Alphabet, cases: Iterable[Case]) -> Iterator[Told]:
    """By the blocks of registers: each history is a key of one with very many."""
    columns = _Columns(alphabet)
    waiting = iter(cases)
    while chunk := list(islice(waiting, AT_ONCE)):
        calls = columns.of(chunk)
        failing = [first_failure(alphabet, chosen, shape) for chosen, shape in chunk]
        judged = blocks.Blocks(calls, len(chunk))
        good = judged.decided & ~judged.bad
        order = judged.order()
        prove_registers(calls, order, good)
        starts = np.searchsorted(calls.key, np.arange(len(chunk)))
        orders = np.split(order - starts[calls.key[order]], np.searchsorted(calls.key[order], np.arange(1, len(chunk))))
        for key, (case, expected) in enumerate(zip(chunk, failing, strict=True)):
            if not judged.decided[key]:
                wrong: str | None = UNDECIDED
            elif not judged.bad[key]:
                is_right = expected is None and explains(alphabet, *case, orders[key].tolist())
                wrong = None if is_right else f"good, but it fails at {expected}, or its order is none"
            elif expected is None:
                wrong = "bad, but it is not"
            else:
                wrong = _fails_by(calls, key, int(judged.fails_by[key]), expected)
            yield Told(case, expected, wrong)


def _fails_by(calls: Columns, key: int, fails_by: int, expected: int) -> str | None:
    """The first failure of one key, judged by itself."""
    first, last = np.searchsorted(calls.key, [key, key + 1])
    of_key, since = calls.take(np.arange(first, last)), key * HORIZON
    alone = of_key._replace(
        began=of_key.began - since,
        ended=np.where(of_key.ended == calls.horizon, HORIZON, of_key.ended - since),
        key=np.zeros_like(of_key.key),
        horizon=HORIZON,
    )
    found = blocks.first_failure(alone, min(fails_by - since, HORIZON))
    return UNDECIDED if found is None else _compared(found.position, expected)


def _compared(position: int, failing: int) -> str | None:
    return None if position == failing else f"fails at {failing}, but was said to at {position}"


class _Rows:
    """Makes rows of histories: what their letters ask and get, as numbers of values."""

    def __init__(self, alphabet: Alphabet) -> None:
        values = Interner()
        functions = tuple(sorted(alphabet.spec.functions))
        labels = alphabet.labels
        self._f = np.array([functions.index(label.f) for label in labels])
        self._asked = np.array([values.intern(label.input) for label in labels])
        self._got = np.array([NO_VALUE if label.output is UNKNOWN else values.intern(label.output) for label in labels])
        self._of_all = {"horizon": HORIZON, "functions": functions, "values": values.values, "nil": values.intern(None)}

    def of(self, chosen: Sequence[int], shape: Shape) -> Rows:
        """One history."""
        letters = np.array(chosen)
        began, ended = np.array(shape.intervals).T
        ended = np.minimum(ended, HORIZON)
        return Rows(began, ended, self._f[letters], self._asked[letters], self._got[letters], **self._of_all)


class _Columns:
    """Makes columns of histories of registers: what their letters see and write, as numbers of values."""

    def __init__(self, alphabet: Alphabet) -> None:
        values = Interner()
        register = alphabet.spec.original
        assert isinstance(register, Register | CasRegister)
        told: list[tuple[str, Any, Any]] = [(label.f, label.input, label.output) for label in alphabet.labels]
        seen = [NO_VALUE if f == "write" else values.intern(asked[0] if f == "cas" else got) for f, asked, got in told]
        written = [NO_VALUE if f == "read" else values.intern(asked[1] if f == "cas" else asked) for f, asked, _ in told]
        self._seen, self._written = np.array(seen), np.array(written)
        self._initial = values.intern(register.initial)
        self._values = len(values) + 1

    def of(self, cases: Sequence[Case]) -> Columns:
        """Many histories as keys of one, one after the other."""
        horizon = len(cases) * HORIZON
        key = np.repeat(np.arange(len(cases)), [len(chosen) for chosen, _ in cases])
        letters = np.array([letter for chosen, _ in cases for letter in chosen])
        began, ended = np.array([interval for _, shape in cases for interval in shape.intervals]).T
        return Columns(
            began=began + key * HORIZON,
            ended=np.where(ended == NEVER, horizon, np.minimum(ended, HORIZON) + key * HORIZON),
            key=key,
            seen=self._seen[letters],
            written=self._written[letters],
            horizon=horizon,
            initial=self._initial,
            values=self._values,
        )
