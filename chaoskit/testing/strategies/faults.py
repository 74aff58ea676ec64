"""Fault schedules: faults at set times on named nodes, few and plain, the simplest kinds first.

They are whole milliseconds long and begin at whole milliseconds, so that what is printed can be read. What a model does not
claim to survive is refused when it is injected, unless the plan goes beyond the claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.fault import At, Fault
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.nemeses.shapes import SHAPES
from chaoskit.nemeses.table import INJECTORS

_Drawn = tuple[str, int, int, list[str], dict[str, Any]]  # kind, begin and length (ms), whom, parameters

LASTING_MAX = 2000  # ms
SHARES = (0, 100_000, 500_000)  # ppm
OFFSETS = (50 * MILLISECOND, -50 * MILLISECOND, SECOND)
DELAYS = ("constant:20ms", "uniform:1ms..200ms")
PARAMETERS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "pause": st.just({}),
    "kill": st.sampled_from([{}, {"power_loss": True}]),
    "partition": st.sampled_from(
        [{"shape": "one"}, *({"shape": shape} for shape in sorted(set(SHAPES) - {"one", "primaries"})), {"direction": "out"}]
    ),
    "clock": st.sampled_from([{"offset": offset} for offset in OFFSETS]),
    "packet": st.sampled_from(
        [*({"delay": delay} for delay in DELAYS), {"loss": SHARES[2]}, {"duplicate": SHARES[2]}, {"reorder": SHARES[1]}]
    ),
    "disk": st.sampled_from([{"slow": DELAYS[0]}, {"fail_sync": SHARES[1]}, {"fail_write": SHARES[1]}]),
    "wipe": st.just({}),
    "toxic": st.sampled_from(
        [
            {"type": "latency", "latency": 20 * MILLISECOND},
            {"type": "slicer", "average_size": 1},
            {"type": "limit_data", "bytes": 10},
            {"type": "reset_peer"},
            {"type": "bandwidth"},
        ]
    ),
}


def fault_schedules(
    nodes: Sequence[str],
    *,
    kinds: Sequence[str] = ("pause", "kill", "partition"),
    horizon: int = SECOND,
    max_size: int = 3,
) -> st.SearchStrategy[list[Fault]]:
    """Schedules of at most so many faults within `horizon` (ns), by their begin, on nodes of these names.

    Raises `UsageError` for a kind that there is not, and for no nodes.
    """
    if not nodes:
        raise UsageError("expected the names of nodes to strike but got nodes=[].")
    for kind in kinds:
        if kind not in PARAMETERS:
            raise unknown_name("fault kind", kind, INJECTORS, listing="nemeses")
    if not kinds or not max_size:
        return st.just([])
    instants = st.integers(0, max(1, horizon // MILLISECOND))
    targets = st.lists(st.sampled_from(list(nodes)), min_size=1, max_size=max(1, len(nodes) // 2), unique=True)
    fault = st.sampled_from(list(kinds)).flatmap(
        lambda kind: st.tuples(st.just(kind), instants, st.integers(1, LASTING_MAX), targets, PARAMETERS[kind])
    )
    return _schedules(st.lists(fault, max_size=max_size))


@st.composite
def _schedules(draw: st.DrawFn, faults: st.SearchStrategy[list[_Drawn]]) -> list[Fault]:
    """Not a `map`: of what a map returns Hypothesis prints how it was made, and a person wants the faults."""
    drawn = sorted(draw(faults), key=lambda each: each[1])
    return [_fault(number, *each) for number, each in enumerate(drawn)]


def _fault(number: int, kind: str, begin: int, lasting: int, who: list[str], parameters: dict[str, Any]) -> Fault:
    return Fault(
        id=f"f{number}",
        when=At(time=begin * MILLISECOND),
        who=sorted(who),
        kind=kind,
        parameters=parameters,
        lasting=lasting * MILLISECOND,
    )
