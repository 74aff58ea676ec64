"""What must hold among Raft nodes at every instant."""

from __future__ import annotations

from chaoskit.model import Breach, Invariant, View, Watch


def _one_leader_per_term() -> Watch:
    leaders: dict[int, str] = {}

    def watch(view: View, node: str) -> Breach | None:
        state = view[node]
        if state["role"] != "leader":
            return None
        term = state["term"]
        other = leaders.setdefault(term, node)
        if other == node:
            return None
        return Breach(kind="two-leaders", summary=f"{other} and {node} both led term {term}", nodes=[other, node])

    return watch


def _committed_prefixes_agree() -> Watch:
    committed: dict[int, tuple[int, str]] = {}  # commit index → (digest of the log up to there, who committed it first)

    def watch(view: View, node: str) -> Breach | None:
        state = view[node]
        commit, digest = state["commit"], state["state"]
        first, other = committed.setdefault(commit, (digest, node))
        if first == digest:
            return None
        return Breach(
            kind="logs-diverge",
            summary=f"{other} and {node} committed different entries up to index {commit}",
            nodes=sorted({other, node}),
        )

    return watch


INVARIANTS = (
    Invariant(name="two-leaders", summary="a term has at most one leader", watch=_one_leader_per_term),
    Invariant(name="logs-diverge", summary="logs agree up to every committed index", watch=_committed_prefixes_agree),
)
