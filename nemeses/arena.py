"""What a nemesis plans against: the cluster, what its model claims to survive, and how far the person wants to go.

Nothing here injects anything: an arena is a value, and the same arena and draws give the same plan. Limits are numbers of
nodes at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaoskit.core.fault import SELECTORS
from chaoskit.core.plan import Cluster
from chaoskit.draws import Draws
from chaoskit.sim.claim import Tolerates, amount
from chaoskit.sim.control import select_count

SPREAD = frozenset(SELECTORS) - {"primaries"}  # node specs that name a number of nodes, whichever they are
Who = list[str] | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Arena:
    """`leaders` is false for a protocol in which no node becomes leader or primary: nothing then waits for one to be elected.

    `connections` says that hosts speak over connections: else there is nothing that a toxic could lie on.
    """

    cluster: Cluster
    claim: Tolerates
    beyond_claim: bool = False
    leaders: bool = True
    connections: bool = False
    partition_clients: bool = False

    @property
    def nodes(self) -> list[str]:
        return self.cluster.nodes

    @property
    def mortal(self) -> list[str]:
        """The nodes that may be killed, paused, wiped or given a bad disk."""
        if self.beyond_claim:
            return self.nodes
        return [node for node in self.nodes if self.cluster.roles.get(node) not in self.claim.immune]

    def limit(self, amount_name: str) -> int:
        """How many nodes at once an amount of the claim allows; all of them beyond the claim."""
        most = len(self.nodes) if self.beyond_claim else amount(amount_name, len(self.nodes))
        return min(most, len(self.mortal))

    def allows(self, claimed: bool) -> bool:
        """Whether a yes or no of the claim allows it."""
        return claimed or self.beyond_claim

    def fits(self, spec: str, limit: int) -> bool:
        """Whether a node spec can mean `limit` nodes or fewer."""
        if spec in SPREAD:
            return select_count(spec, len(self.nodes))[0] <= limit
        return len(spec.split("+")) <= limit

    def aim(self, spec: str, limit: int, pool: list[str], draws: Draws) -> Who:
        """Whom a fault is aimed at: names, or a wish that can only be settled when it is injected (`primaries`, `role:NAME`).

        Chance is settled here and not at injection, so that the plan says it and other faults do not move it.
        """
        if spec not in SPREAD:
            return spec if spec == "primaries" or spec.startswith("role:") else spec.split("+")
        low, high = select_count(spec, len(self.nodes))
        return draws.sample(pool, draws.integer(low, max(low, min(high, limit)), "count"), "nodes")
