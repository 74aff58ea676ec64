"""Faults as a person reads them: effective or not, refused, not reached, in the order they began."""

from __future__ import annotations

from chaoskit.core.fault import At, Fault, Resolution
from chaoskit.core.record import RunRecord
from chaoskit.reports.faults import fault_views, spans
from chaoskit.reports.panels import faults as panel
from chaoskit.reports.view import View


def fault(name: str, resolution: Resolution | None) -> Fault:
    """A kill of n1 that fell out so."""
    return Fault(id=name, when=At(time=5), who=["n1"], kind="kill", resolution=resolution)


def test_a_fault_is_effective_only_when_the_cluster_felt_it() -> None:
    """Injected without effect, refused and not reached are three other things."""
    faults = [
        fault("f1", Resolution(begin=5, end=9, nodes=["n1"])),
        fault("f2", Resolution(begin=6, end=9, nodes=["n1"])),
        fault("f3", Resolution(begin=7, nodes=["n1"], refused="too many down")),
        fault("f4", None),
    ]
    views = fault_views(faults, {"f1": {"crashed": 1}, "f2": {"crashed": 0}}, until=20)
    assert [view.state for view in views] == ["effective", "without effect", "refused", "not reached"]
    assert [view.begin for view in views] == [5, 6, None, None]
    assert spans(views) == [(5, 9)]
    assert views[2].reason == "too many down"


def test_a_fault_that_nothing_ended_lasts_to_the_end_of_the_run() -> None:
    """And is in force until then."""
    view = fault_views([fault("f1", Resolution(begin=5, nodes=["n1"]))], {}, until=20)[0]
    assert (view.end, view.lasts, view.overlaps(20, 25), view.overlaps(0, 4)) == (20, True, True, False)


def test_faults_stand_in_the_order_they_began_and_those_never_injected_last() -> None:
    """Not in the order they were planned."""
    faults = [fault("late", Resolution(begin=9)), fault("never", None), fault("early", Resolution(begin=1))]
    assert [view.id for view in fault_views(faults, {}, until=20)] == ["early", "late", "never"]


def test_the_faults_panel_tells_what_each_did_or_why_not(invalid_run: RunRecord) -> None:
    """The same in rows and in lines."""
    lines = panel.text(View(invalid_run))
    assert lines == [
        "5 faults planned: 2 effective, 1 without effect, 1 refused, 1 not reached.",
        "f1  partition {n1} | {n2 n3 n4 n5}  0.980 s to 1.700 s  effective; 96 dropped",
        "f3  packet n4  1.200 s to 1.500 s  without effect; loss=20000",
        "f2  kill n3  2.000 s to 2.600 s  effective; 1 crashed, 24 dropped",
        "f4  wipe n5  at 2.300 s  refused; raft does not claim to survive wipe",
        "f5  pause primaries  at the 9th leader-elected  not reached",
    ]
