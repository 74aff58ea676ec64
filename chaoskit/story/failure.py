"""The failure that a story keeps, and the trial that looks for it in a run.

It is the same failure when the fingerprint is the same, and for planted bugs when the run is valid with their flags off, and
with only those flags on that the story does not need.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from chaoskit.catalogue import model_named
from chaoskit.core.canonical import canonical
from chaoskit.core.errors import ChaoskitError
from chaoskit.core.journal import Journal
from chaoskit.core.outcome import Outcome
from chaoskit.core.past import invocations_in_past
from chaoskit.core.plan import Plan
from chaoskit.core.verdict import Budget, Fingerprint, Verdict, Violation
from chaoskit.run import execute, judge
from chaoskit.shrink import Seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """The failure that a story keeps, and its trial: `Failure(…)(plan)` runs a plan and says whether it shows it.

    `bugs` are the planted bugs of the original run; `only_with_bug` asks for a valid run without those that the plan has.
    """

    fingerprint: Fingerprint
    bugs: tuple[str, ...] = ()
    only_with_bug: bool = True
    budget: Budget = field(default_factory=Budget)

    def __call__(self, plan: Plan) -> Seen:
        try:
            low, high = model_named(plan.model).sizes
            if not low <= len(plan.cluster.nodes) <= high:
                return Seen(shows=False, result=f"a cluster of {len(plan.cluster.nodes)} nodes")
            outcome, verdict = self.judged(plan)
            if verdict.fingerprint != self.fingerprint or not verdict.is_invalid:
                return Seen(shows=False, result=told(verdict), fingerprint=verdict.fingerprint)
            for bugs in self._innocent(plan):
                _, without = self.judged(msgspec.structs.replace(plan, bugs=bugs))
                if not without.is_valid:
                    return Seen(shows=False, result=f"{told(without)} also with bugs={bugs}", fingerprint=verdict.fingerprint)
        except ChaoskitError as error:
            return Seen(shows=False, result=str(error))
        return seen_in(outcome, verdict)

    def _innocent(self, plan: Plan) -> list[list[str]]:
        """The sets of bugs with which a run must be valid: none, and those of the original that this plan does without."""
        if not plan.bugs or not self.only_with_bug:
            return []
        others = [bug for bug in self.bugs if bug not in plan.bugs]
        return [[], others] if others else [[]]

    def judged(self, plan: Plan) -> tuple[Outcome, Verdict]:
        """The plan executed and judged. Raises what a model did to break its contract."""
        outcome = execute(plan)
        if outcome.error is not None:
            raise outcome.error
        if outcome.interrupted is not None:
            raise KeyboardInterrupt
        return outcome, judge(outcome, self.budget)


def failure_of(outcome: Outcome, verdict: Verdict, *, budget: Budget | None = None) -> Failure | None:
    """The failure that a run shows, None when it is not invalid. Where it fails without its bugs, too, they are not asked for."""
    fingerprint = verdict.fingerprint
    if not verdict.is_invalid or fingerprint is None or outcome.interrupted is not None:
        return None
    plan = outcome.plan
    failure = Failure(fingerprint=fingerprint, bugs=tuple(plan.bugs), budget=budget or Budget())
    return failure if not plan.bugs or failure(plan).shows else replace(failure, only_with_bug=False)


def told(verdict: Verdict) -> str:
    """What a run came to, in a few words: `valid`, the kinds of its violations, or why nobody knows."""
    if verdict.is_invalid:
        return ", ".join(dict.fromkeys(violation.kind for violation in verdict.all_violations()))
    return "; ".join([str(verdict.status), *verdict.reasons()])


def seen_in(outcome: Outcome, verdict: Verdict) -> Seen:
    """What a trial tells of a run that shows the failure: where, by which operations, and what led to it."""
    violation = verdict.all_violations()[0]
    ids, journal = outcome.invocation_ids, outcome.journal
    keys = [canonical(key) for key in violation.keys]
    instant = _shown_at(outcome, violation)
    hosts = dict.fromkeys(violation.nodes, instant)
    for index in violation.ops:
        hosts[_client(outcome, index)] = instant
    past = invocations_in_past(journal, hosts or dict.fromkeys(outcome.plan.cluster.nodes, instant))
    return Seen(
        shows=True,
        result=told(verdict),
        fingerprint=verdict.fingerprint,
        plan=outcome.plan,
        shown_at=instant,
        proof=[ids[index] for index in violation.ops if index in ids],
        same_keys=[invocation.id for invocation in outcome.plan.invocations or () if canonical(invocation.key) in keys],
        past=[ids[index] for index in past if index in ids],
        begins={identifier: int(outcome.history.times[index]) for index, identifier in ids.items()},
        felt=[fault.id for fault in outcome.plan.faults if outcome.felt(fault.id)],
        lost=lost_in(journal, outcome.plan.cluster.nodes, instant),
        moments=moments_in(journal, instant),
        decisions=addresses_of(journal),
        boots=boots_in(journal),
        reboots=reboots_in(journal),
    )


def _shown_at(outcome: Outcome, violation: Violation) -> int:
    """The instant at which it shows: as the checker says, else when the last of its operations ended (ns)."""
    if violation.time is not None:
        return violation.time
    history = outcome.history
    ends = [int(history.times[max(index, int(history.partners[index]))]) for index in violation.ops]
    return max(ends, default=outcome.stats.simulated)


def _client(outcome: Outcome, index: int) -> str:
    """The host of the client that asked for an operation."""
    clients = outcome.plan.cluster.clients
    return f"c{int(outcome.history[index].process) % clients}"


def moments_in(journal: Journal, until: int) -> list[int]:
    """The instants at which a message came, a timer went off or a sync ended, each once, in order."""
    acted = (entry[0] for _, entry in journal.entries() if entry[1] in ("deliver", "timer", "disk"))
    return list(dict.fromkeys(instant for instant in acted if instant <= until))


def lost_in(journal: Journal, nodes: Sequence[str], until: int) -> dict[str, int]:
    """How many messages of each type that one node sent to another did not arrive."""
    drops = (entry for _, entry in journal.entries() if entry[1] == "drop" and entry[0] <= until)
    return dict(Counter(entry[6] for entry in drops if entry[2] in nodes and entry[5] in nodes))


def boots_in(journal: Journal) -> dict[str, list[int]]:
    """The numbers of every node's boots."""
    found: dict[str, list[int]] = {}
    for _, entry in journal.entries():
        if entry[1] == "boot":
            found.setdefault(entry[2], []).append(entry[4])
    return found


def reboots_in(journal: Journal) -> dict[str, dict[str, int]]:
    """For each fault that kept nodes down: which of a node's boots came at its end."""
    found: dict[str, dict[str, int]] = {}
    ended, instant = "", -1
    for _, entry in journal.entries():
        if entry[1] == "fault-end":
            ended, instant = entry[4], entry[0]
        elif entry[1] == "boot" and entry[0] == instant:
            found.setdefault(ended, {})[entry[2]] = entry[4]
    return found


def addresses_of(journal: Journal) -> dict[str, list[str]]:
    """The addresses of random decisions that a run may have made, by purpose, read off its journal."""
    packets: Counter[str] = Counter()
    nodes: dict[str, None] = {}
    disks: Counter[str] = Counter()
    boots: Counter[str] = Counter()
    lost: dict[str, None] = {}
    for _, entry in journal.entries():
        kind, host, cause = entry[1], entry[2], entry[3]
        if kind == "boot":
            boots[host] = entry[4]
        if kind == "send":
            packets[f"packet/{cause}/{host}>{entry[5]}"] += 1
        if kind == "disk" and entry[4] == "sync":
            disks[f"disk/{host}/sync/{cause}"] += 1
        if kind == "disk" and entry[4] == "power loss":
            lost.update(dict.fromkeys(f"disk/{host}/{what}/{cause}/0" for what in ("power", "tear", "cut")))
        if kind in ("boot", "deliver", "timer", "disk"):
            nodes[f"node/{cause}/{host}.{boots[host]}/0"] = None
    numbered = {
        "packet": [f"{place}/{nth}" for place, count in packets.items() for nth in range(count)],
        "disk": [*(f"{place}/{nth}" for place, count in disks.items() for nth in range(count)), *lost],
    }
    return {**numbered, "node": list(nodes)}
