"""Keeps what a node draws when a fault that restarted it goes: later boots keep the numbers that they had.

What a node draws is addressed by which of its boots it is. With one restart fewer every later boot would have another number,
and all that it draws, and says, and when, would be another story. So the plan says which numbers boots have where they do not
count on: `boot/n2/3 = 5` is *what would be the third boot of n2 is its fifth*. Once nothing that is drawn depends on it any
more, the numbers count on again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from chaoskit.core.fault import Fault
from chaoskit.core.plan import Plan
from chaoskit.shrink.contract import Seen
from chaoskit.shrink.plans import with_overrides

PURPOSE = "boot"
DRAWN = ("disk", "node", "packet")  # the purposes whose decisions are addressed by boots

_BOOT = re.compile(r"(?<![^/>])([^/>]+?)\.(\d+)(?=[./>]|$)")  # n2.3 in an address


def keeping_numbers(plan: Plan, changed: Plan, seen: Seen) -> Plan:
    """The changed plan, in which the boots that are left have the numbers that they had in the trial of the plan.

    A plan that says itself which numbers boots have is left as it is.
    """
    if changed.faults == plan.faults or not _matter(changed) or _numbers_said(changed) != _numbers_said(plan):
        return changed
    return _leaving_out(changed, seen, _gone(plan, changed, seen))


def keeping_later_numbers(plan: Plan, changed: Plan, seen: Seen) -> Plan:
    """The changed plan, in which a boot that is not ended any more has the number of the one that followed it.

    A node that is killed as soon as it stands draws what matters at its second boot: without the kill, its first is that one.
    """
    if not _matter(changed):
        return changed
    before = {node: _before(seen.boots.get(node, []), numbers) for node, numbers in _gone(plan, changed, seen).items()}
    return _leaving_out(changed, seen, before)


def skips(plan: Plan) -> list[str]:
    """The addresses that say where numbers do not count on: node by node, the lowest first."""
    found = [address for address in plan.overrides if address.startswith(f"{PURPOSE}/")]
    return sorted(found, key=lambda address: (address.split("/")[1], int(address.split("/")[2])))


def counting_on(plan: Plan, address: str) -> Plan:
    """The plan in which numbers count on there, with its decisions where they are made then."""
    _, node, number = address.split("/")
    skipped = plan.overrides[address] - int(number)
    overrides: dict[str, int] = {}
    for other, value in plan.overrides.items():
        if other == address:
            continue
        if other.startswith(f"{PURPOSE}/{node}/") and value > plan.overrides[address]:
            overrides[f"{PURPOSE}/{node}/{int(other.rpartition('/')[2]) - skipped}"] = value - skipped
        else:
            overrides[_lowered(other, node, int(number), skipped)] = value
    return with_overrides(plan, overrides)


def _matter(plan: Plan) -> bool:
    """Whether anything that is drawn depends on the numbers of boots."""
    return not all(purpose in plan.overrides for purpose in DRAWN) or any(_BOOT.search(address) for address in plan.overrides)


def _numbers_said(plan: Plan) -> dict[str, int]:
    return {address: plan.overrides[address] for address in skips(plan)}


def _before(boots: Sequence[int], numbers: Sequence[int]) -> list[int]:
    """The boots before those of these numbers."""
    return [earlier for earlier, later in pairwise(boots) if later in numbers]


def _leaving_out(plan: Plan, seen: Seen, gone: Mapping[str, Sequence[int]]) -> Plan:
    """The plan in which each node boots with the numbers that it had, but for these."""
    overrides = dict(plan.overrides)
    for node, numbers in gone.items():
        left = [number for number in seen.boots.get(node, ()) if number not in numbers]
        overrides = {address: value for address, value in overrides.items() if not address.startswith(f"{PURPOSE}/{node}/")}
        overrides.update(_skips(node, left))
    return with_overrides(plan, overrides)


def _gone(plan: Plan, changed: Plan, seen: Seen) -> Mapping[str, list[int]]:
    """The numbers of the boots that do not come in the changed plan, by node."""
    left = {fault.id: fault for fault in changed.faults}
    gone: dict[str, list[int]] = {}
    for fault in plan.faults:
        for node, number in seen.reboots.get(fault.id, {}).items():
            if node in changed.cluster.nodes and not _still_strikes(left.get(fault.id), node):
                gone.setdefault(node, []).append(number)
    return gone


def _still_strikes(fault: Fault | None, node: str) -> bool:
    return fault is not None and (isinstance(fault.who, str) or node in fault.who)


def _skips(node: str, numbers: Sequence[int]) -> dict[str, int]:
    """What to say so that the node's boots have these numbers."""
    found: dict[str, int] = {}
    following = 1
    for number in numbers:
        if number != following:
            found[f"{PURPOSE}/{node}/{following}"] = number
        following = number + 1
    return found


def _lowered(address: str, node: str, since: int, by: int) -> str:
    """An address in which the node's boots from a number on have lower ones."""

    def lower(match: re.Match[str]) -> str:
        number = int(match[2])
        return f"{node}.{number - by}" if match[1] == node and number >= since + by else match[0]

    return _BOOT.sub(lower, address)
