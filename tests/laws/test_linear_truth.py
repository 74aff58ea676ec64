"""Truth: every way to judge a history of every kind of object, held to brute force on millions of histories.

By family: every history of up to four calls by three clients on two values, calls without an answer included, modulo symmetry;
and two hundred thousand larger random ones. `make quality` runs all and prints a table. One family, by one way, alone:

    python -m pytest -m quality tests/laws/test_linear_truth.py -k "stack and path"
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pytest
from alphabets import NAMES, Alphabet, alphabet
from every_history import every_history, random_history
from judges import Case, by_blocks, by_path, by_search
from path_oracle import SPECS, path_alphabet, repeats_of
from truth import Note, Told, tally

RANDOM = 200_000
CALLS = 4
CLIENTS = 3
LARGER = (4, 9)  # calls of the random ones
CHANGES = (0, 1, 2, 3)  # of what a correct object would have done
JUDGES: dict[str, Callable[[Alphabet, Iterable[Case]], Iterator[Told]]] = {
    "search": by_search,
    "path": by_path,
    "blocks": by_blocks,
}
REGISTERS = ("register", "register:initial=1", "cas-register")
BY_PATH = [name for name in NAMES if name in SPECS]
ALL_SMALL = [("search", name) for name in NAMES] + [("path", name) for name in BY_PATH] + [("blocks", name) for name in REGISTERS]
ALL_LARGER = [("search", name) for name in NAMES] + [("path", name) for name in SPECS] + [("blocks", name) for name in REGISTERS]
SIZES = {"search": (3,), "path": (2, 3, 4), "blocks": (3, 5)}  # by way: how many values the larger ones are about


def larger_alphabet(way: str, name: str, size: int) -> Alphabet:
    """The letters of the larger histories."""
    return path_alphabet(name, size) if way == "path" else alphabet(name, size)


def larger(way: str, name: str, letters: Alphabet, *, count: int, seed: object) -> Iterator[Case]:
    """Larger histories as a correct object might have answered, or nearly; for what needs it, with values that are put in once."""
    draw = random.Random(f"{way} {name} {seed}")
    how = {"repeats": 1.0, "wild": 0.4, "answered": 0.6} if way == "search" else {"repeats": repeats_of(name)}
    for _ in range(count):
        yield random_history(draw, letters, calls=draw.randint(*LARGER), changes=CHANGES, **how)


def assert_true(judged: Iterable[Told], note: Note, *, family: str, way: str, histories: str) -> None:
    """Notes what was judged, and fails with the first mistakes where there are any."""
    line, mistakes = tally(judged, family=family, way=way, histories=histories)
    note(line)
    assert not mistakes, (line, mistakes)


@pytest.mark.quality
@pytest.mark.parametrize(("way", "name"), ALL_SMALL)
def test_every_small_history_is_judged_as_by_brute_force(way: str, name: str, impatient: None, note: Note) -> None:
    """Of up to four calls by three clients on two values; the failing completion too, and orders that replay."""
    letters = alphabet(name)
    cases = (case for calls in range(1, CALLS + 1) for case in every_history(letters, calls=calls, clients=CLIENTS))
    what = f"every one to {CALLS} calls, {CLIENTS} clients, 2 values"
    assert_true(JUDGES[way](letters, cases), note, family=name, way=way, histories=what)


@pytest.mark.quality
@pytest.mark.parametrize(("way", "name"), ALL_LARGER)
def test_many_larger_histories_are_judged_as_by_brute_force(way: str, name: str, impatient: None, note: Note) -> None:
    """Two hundred thousand of four to nine calls."""
    judge = partial(by_search, in_turn=True) if way == "search" else JUDGES[way]
    judged = (
        told
        for size in SIZES[way]
        for letters in [larger_alphabet(way, name, size)]
        for told in judge(letters, larger(way, name, letters, count=-(-RANDOM // len(SIZES[way])), seed=size))
    )
    assert_true(judged, note, family=name, way=way, histories="random, {} to {} calls".format(*LARGER))
