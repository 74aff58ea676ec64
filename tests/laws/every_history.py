"""Every small history of an alphabet, and random larger ones, each with what the definition says of it.

Modulo symmetry: of histories that are the same but for the names of values and processes one is enough, and so of those that
differ only in an answer that nothing asked could ever have led to. Whether a history is linearizable is decided by trying every
order over numbered states; a law of `test_linear_oracle` holds that to `check.linear.brute`, which asks the spec itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from alphabets import Alphabet

from chaoskit.check.linear.normalise import NEVER
from chaoskit.testing.small_histories import Interval, overlaps


class Shape(NamedTuple):
    """How calls overlap, as bits by call: who must come before each, who returned, and what was known at each completion."""

    intervals: tuple[Interval, ...]
    before: tuple[int, ...]
    returned: int
    ends: tuple[tuple[int, int, int], ...]  # position, calls that had begun, calls that had returned; in order


def shape_of(intervals: Sequence[Interval]) -> Shape:
    """The shape of calls with these intervals, which are by beginning."""
    numbers = range(len(intervals))

    def bits(which: list[bool]) -> int:
        return sum(1 << number for number in numbers if which[number])

    return Shape(
        intervals=tuple(intervals),
        before=tuple(bits([other < began for _, other in intervals]) for began, _ in intervals),
        returned=bits([ended != NEVER for _, ended in intervals]),
        ends=tuple(
            (end, bits([began < end for began, _ in intervals]), bits([ended <= end for _, ended in intervals]))
            for end in sorted(ended for _, ended in intervals if ended != NEVER)
        ),
    )


def first_failure(alphabet: Alphabet, chosen: Sequence[int], shape: Shape) -> int | None:
    """The first completion up to which these calls have no order that the spec and real time allow; None when they have one."""
    if _has_order(alphabet, chosen, shape, (1 << len(chosen)) - 1, shape.returned):
        return None
    return next(end for end, known, done in shape.ends if not _has_order(alphabet, chosen, shape, known, done))


def _has_order(alphabet: Alphabet, chosen: Sequence[int], shape: Shape, known: int, returned: int) -> bool:
    """Can all that returned happen, and of the other known calls whichever are needed?"""
    stack = [(known, alphabet.initial)]
    seen = set(stack)
    while stack:
        left, state = stack.pop()
        if not left & returned:
            return True
        for number, letter in enumerate(chosen):
            if not left >> number & 1 or shape.before[number] & left:
                continue
            for after in alphabet.after(letter, state):
                config = (left ^ (1 << number), after)
                if config not in seen:
                    seen.add(config)
                    stack.append(config)
    return False


def explains(alphabet: Alphabet, chosen: Sequence[int], shape: Shape, order: Sequence[int]) -> bool:
    """Is this a linearization: all that returned, none twice, in an order that real time and the spec allow?"""
    later = 0
    for number in reversed(order):
        if later & (shape.before[number] | 1 << number):
            return False
        later |= 1 << number
    states = {alphabet.initial}
    for number in order:
        states = {after for state in states for after in alphabet.after(chosen[number], state)}
    return bool(states) and not shape.returned & ~later


@cache
def shapes(returns: tuple[bool, ...], clients: int) -> tuple[Shape, ...]:
    """Every way in which such calls overlap."""
    return tuple(shape_of(intervals) for intervals in overlaps(returns, clients=clients))


def every_choice(alphabet: Alphabet, calls: int) -> Iterator[tuple[int, ...]]:
    """Every sequence of so many letters, modulo symmetry: of each class the least, every answer that cannot be as its first."""
    firsts: dict[frozenset[int], dict[int, int]] = {}

    def reduced(chosen: tuple[int, ...]) -> tuple[int, ...]:
        letters = frozenset(chosen)
        if letters not in firsts:
            firsts[letters] = _first_answers(alphabet, letters, calls)
        return tuple(map(firsts[letters].__getitem__, chosen))

    for chosen in product(range(len(alphabet.choices)), repeat=calls):
        if reduced(chosen) == chosen and all(
            chosen <= reduced(tuple(map(renaming.__getitem__, chosen))) for renaming in alphabet.renamings
        ):
            yield chosen


def _first_answers(alphabet: Alphabet, letters: frozenset[int], calls: int) -> dict[int, int]:
    """Each letter; one that can never happen after so many of these as the first that asks the same and cannot either."""
    reached = {alphabet.initial}
    for _ in range(calls):
        reached |= {after for state in sorted(reached) for letter in letters for after in alphabet.after(letter, state)}

    def is_possible(letter: int) -> bool:
        return any(alphabet.after(letter, state) for state in reached)

    return {
        letter: letter
        if is_possible(letter)
        else next((other for other in alphabet.same_question[letter] if not is_possible(other)), letter)
        for letter in letters
    }


def every_history(alphabet: Alphabet, *, calls: int, clients: int) -> Iterator[tuple[tuple[int, ...], Shape]]:
    """Every history of exactly so many calls by so many clients, not counting those that never return, modulo symmetry."""
    for chosen in every_choice(alphabet, calls):
        for shape in shapes(tuple(alphabet.returns[letter] for letter in chosen), clients):
            yield chosen, shape


def random_history(
    draw: random.Random,
    alphabet: Alphabet,
    *,
    calls: int,
    repeats: float = 1.0,
    answered: float = 0.0,
    changes: Sequence[int] = (0, 0, 1, 1, 2),
    wild: float = 0.0,
) -> tuple[tuple[int, ...], Shape]:
    """Calls that an object might have answered so, or nearly: some answers are changed afterwards.

    `repeats`: how likely a value that was put before may be put again. `answered`: how likely only calls that return are drawn
    from. `changes`: how many there are, one of these. `wild`: how likely a change makes it another question.
    """
    state, used = alphabet.initial, set[object]()
    chosen: list[int] = []
    for _ in range(calls):
        fresh = legal = alphabet.legal(state)
        if repeats < 1:
            fresh = [letter for letter in legal if alphabet.puts[letter] not in used or draw.random() < repeats]
        if answered and draw.random() < answered:
            fresh = [letter for letter in fresh if alphabet.returns[letter]] or fresh
        letter = draw.choice(fresh or legal or range(len(alphabet.choices)))
        used |= {alphabet.puts[letter]} - {None}
        if alphabet.returns[letter] or draw.random() < 0.5:
            state = draw.choice(alphabet.after(letter, state) or (state,))
        chosen.append(letter)
    for _ in range(draw.choice(changes)):
        place = draw.randrange(calls)
        among = alphabet.returning if wild and draw.random() < wild else alphabet.same_call
        chosen[place] = draw.choice(among[chosen[place]])
    return _overlapping(draw, alphabet, chosen)


def _overlapping(draw: random.Random, alphabet: Alphabet, chosen: list[int]) -> tuple[tuple[int, ...], Shape]:
    """These calls, each around its place in this order."""
    width = draw.choice((0.6, 1.5, 3.0))
    events = []
    for place, letter in enumerate(chosen):
        events.append((place - width * draw.random(), place, True))
        if alphabet.returns[letter]:
            events.append((place + width * draw.random(), place, False))
    at = {(place, begins): position for position, (_, place, begins) in enumerate(sorted(events))}
    order = sorted(range(len(chosen)), key=lambda place: at[place, True])
    shape = shape_of([(at[place, True], at.get((place, False), NEVER)) for place in order])
    return tuple(chosen[place] for place in order), shape
