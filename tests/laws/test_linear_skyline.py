"""Laws of the skyline: the next place that no better interval covers is the one that looking at every place finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check.linear.skyline import Skyline

INTERVALS = st.lists(st.tuples(st.integers(-5, 20), st.integers(-2, 25), st.integers(-3, 3)), max_size=12)
QUESTIONS = st.lists(st.tuples(st.integers(-12, 60), st.integers(-4, 4)), min_size=1, max_size=8)


def columns(rows: list[tuple[int, ...]], width: int) -> list[np.ndarray]:
    """Rows of numbers as columns."""
    return list(np.array(rows, dtype=np.int64).reshape(len(rows), width).T)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(INTERVALS, QUESTIONS)
def test_the_next_free_place_is_the_one_found_by_looking_at_each(
    intervals: list[tuple[int, int, int]], questions: list[tuple[int, int]]
) -> None:
    """Both ways, for places before, between and after all intervals, and for intervals that are empty."""
    begin, length, rank = columns(intervals, 3)
    places, asking = columns(questions, 2)
    skyline = Skyline(begin, begin + length, rank)

    def is_free(place: int, asked: int) -> bool:
        return not any(first <= place < first + size and better < asked for first, size, better in intervals)

    onward = [next(each for each in range(place, 100) if is_free(each, asked)) for place, asked in questions]
    back = [next(each for each in range(place, -100, -1) if is_free(each, asked)) for place, asked in questions]
    assert skyline.free_from(places, asking).tolist() == onward
    assert skyline.free_up_to(places, asking).tolist() == back
