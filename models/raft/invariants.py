"""What must hold among Raft nodes at every instant: the safety properties of the paper, as far as nodes observe themselves."""

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
        if state["log_length"] < commit:
            return None  # another invariant's business
        first, other = committed.setdefault(commit, (digest, node))
        if first == digest:
            return None
        return Breach(
            kind="logs-diverge",
            summary=f"{other} and {node} committed different entries up to index {commit}",
            nodes=sorted({other, node}),
        )

    return watch


def _committed_entries_stay() -> Watch:
    reached: dict[tuple[str, int], int] = {}  # (node, boot) → its highest commit index

    def watch(view: View, node: str) -> Breach | None:
        state = view[node]
        place = (node, state["boot"])
        commit, length = state["commit"], state["log_length"]
        highest = reached[place] = max(reached.get(place, 0), commit)
        if commit == highest and length >= commit:
            return None
        left = min(commit, length)
        return Breach(
            kind="committed-entry-removed",
            summary=f"{node} had committed entries up to index {highest} and holds them up to {left} only",
            nodes=[node],
        )

    return watch


INVARIANTS = (
    Invariant(name="two-leaders", summary="a term has at most one leader", watch=_one_leader_per_term),
    Invariant(name="logs-diverge", summary="logs agree up to every committed index", watch=_committed_prefixes_agree),
    Invariant(
        name="committed-entry-removed", summary="a log keeps what its node knows to be committed", watch=_committed_entries_stay
    ),
)
