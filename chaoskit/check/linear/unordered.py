"""Any element may leave: all that matters is that it was in, and who found nothing."""

from __future__ import annotations

import numpy as np

from chaoskit.check.linear.columns import Numbers
from chaoskit.check.linear.elements import AFTER, SPACING, Against, Elements, Points, judge, put_points
from chaoskit.check.linear.judged import Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.unordered_queue import UnorderedQueue


def judge_unordered(calls: Rows, spec: UnorderedQueue) -> Judged:
    """The verdict on one queue of distinct values."""
    return judge(calls, spec, AnyOrder())


class AnyOrder:
    """Any element may leave."""

    def arrange(self, elements: Elements, rank: Numbers, moments: Numbers) -> Points | Against:
        put = put_points(elements.put_began, elements.put_ended, moments)
        take = np.maximum(elements.take_began * SPACING + AFTER, put)
        place = np.arange(len(put))
        return Points(put, place, take, place + len(put))

    def deadlines(self, taken: Elements, left: Elements, ranks: tuple[Numbers, Numbers]) -> Numbers:
        return np.full(len(left.put), left.end)
