"""Laws of linearizability that the checker must keep, on random histories of a few keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check import Linearizable
from chaoskit.check.linear.brute import linearizable
from chaoskit.check.linear.normalise import Call, Problem, problems
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import Op
from chaoskit.core.verdict import Budget, Verdict, plain
from chaoskit.spec import UNKNOWN, Illegal, Label, Spec, State, Step, complete, spec_from_text
from chaoskit.spec.exact import exact
from chaoskit.testing.strategies import Ask, answered_histories

KINDS = {
    "phantom-read",
    "dirty-read",
    "lost-write",
    "duplicate-apply",
    "stale-read",
    "new-old-inversion",
    "non-linearizable",
}
RENAMED = {1: "one", 2: True, 3: 2.5, None: None}
LAW = settings(deadline=None, derandomize=True, max_examples=80)


ASKED = (
    Ask("read", None, (None, 1, 2, 3), looks=True),
    *(Ask("write", value) for value in (1, 2, 3)),
    *(Ask("cas", [old, new]) for old in (1, 2, 3) for new in (1, 2, 3)),
)


def register_histories() -> st.SearchStrategy[History]:
    """Reads, writes and cas on two keys by three slots, answered anyhow."""
    return answered_histories("cas-register", asks=ASKED, keys="xy", max_turns=20)


@st.composite
def distinct_histories(draw: st.DrawFn) -> History:
    """Reads and writes on two keys by three slots; every write has a value of its own, reads return what some event may have
    written, and a third of the completions are fail or info."""
    builder = HistoryBuilder()
    opened: dict[int, tuple[int, str, Any, Any]] = {}
    generation = [0, 0, 0]
    for slot in draw(st.lists(st.integers(0, 2), min_size=2, max_size=20)):
        if slot not in opened:
            f = draw(st.sampled_from(("read", "write")))
            value = len(builder) if f == "write" else None
            opened[slot] = (slot + 3 * generation[slot], f, draw(st.sampled_from("xy")), value)
            builder.append("invoke", *opened[slot])
            continue
        process, f, key, value = opened.pop(slot)
        kind = draw(st.sampled_from(("ok", "ok", "ok", "ok", "fail", "info")))
        if f == "read" and kind == "ok":
            value = draw(st.sampled_from((None, *range(len(builder)))))
        builder.append(kind, process, f, key, value)
        generation[slot] += kind == "info"
    return builder.build()


@dataclass(frozen=True)
class AllKeys:
    """Several registers as one object, so that nothing can be judged apart."""

    one: Spec
    name: str = "all-keys"
    functions: frozenset[str] = frozenset({"read", "write", "cas"})

    def init(self) -> State:
        return frozenset()

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, frozenset)
        cells = dict(state)
        answer = self.one.step(cells.get(label.key, self.one.init()), label)
        if isinstance(answer, Illegal):
            return answer
        return tuple(frozenset({**cells, label.key: after}.items()) for after in answer)

    def is_read(self, label: Label) -> bool:
        return complete(self.one).is_read(label) and label.output is UNKNOWN  # the cell of a read appears in the state

    def partition_key(self, label: Label) -> None:
        return None


def check(history: History, spec: Spec | None = None) -> Verdict:
    """The verdict under the cas-register, or another spec."""
    return Linearizable(spec or spec_from_text("cas-register")).check(history, budget=Budget())


def failing(verdict: Verdict) -> list[int]:
    """The failing completion of every violated key."""
    return [violation.data["op"] for violation in verdict.violations]


@LAW
@given(register_histories())
def test_keys_judged_apart_are_judged_as_one_object_would_be(history: History) -> None:
    """Locality: a history is linearizable exactly when every object's part of it is."""
    apart = check(history)
    together = check(history, AllKeys(spec_from_text("cas-register")))
    assert apart.status is together.status
    assert failing(apart)[:1] == failing(together)


@LAW
@given(register_histories())
def test_new_names_for_values_change_no_verdict(history: History) -> None:
    """A bijection on values: the same status, failing completion and kind; 1 becomes "one", 2 becomes true."""

    def renamed(op: Op) -> Op:
        value = [RENAMED[part] for part in op.value] if isinstance(op.value, list) else RENAMED[op.value]
        return Op(type=op.type, process=op.process, f=op.f, key=op.key, value=value)

    before, after = check(history), check(History.of(map(renamed, history)))
    assert (before.status, failing(before)) == (after.status, failing(after))
    assert [violation.kind for violation in before.violations] == [violation.kind for violation in after.violations]


@LAW
@given(register_histories())
def test_an_unanswered_write_that_nobody_saw_may_as_well_not_be_there(history: History) -> None:
    """Removing info writes whose values no read returned and no cas expected keeps the verdict."""
    seen = {exact(op.value) for op in history if op.f == "read"} | {exact(op.value[0]) for op in history if op.f == "cas"}
    partners = history.partners.tolist()
    unseen = {
        position
        for position, op in enumerate(history)
        if op.is_invoke and op.f == "write" and exact(op.value) not in seen
        if partners[position] < 0 or history[partners[position]].type == "info"
    }
    left = [op for position, op in enumerate(history) if position not in unseen and partners[position] not in unseen]
    assert check(History.of(left)).status is check(history).status


@LAW
@given(register_histories())
def test_evidence_is_of_a_known_kind_and_speaks_of_operations_that_are_there(history: History) -> None:
    """Every violation has a kind of the table, sentences, and indices of invocations of its own key."""
    for violation in check(history).violations:
        assert violation.kind in KINDS
        assert violation.sentences and all(plain(sentence).strip() for sentence in violation.sentences)
        mentioned = [part.op for sentence in violation.sentences for part in sentence if not isinstance(part, str)]
        for index in [*violation.ops, *violation.order, *mentioned]:
            assert history[index].is_invoke
            assert [history[index].key] == violation.keys


@LAW
@given(register_histories())
def test_the_verdict_of_a_prefix_up_to_the_failing_completion_is_the_same(history: History) -> None:
    """What comes after the failing completion has no part in it."""
    for violation in check(history).violations:
        op = violation.data["op"]
        of_key = [event for event in history if event.key == violation.keys[0]]
        assert check(History.of(event for event in of_key if event.index <= op)).is_invalid


@LAW
@given(register_histories())
def test_a_linearization_has_every_acknowledged_operation_once(history: History) -> None:
    """The witness of a valid history, by key: all ok operations, no failed one, none twice."""
    verdict = Linearizable(spec_from_text("cas-register"), witness=True).check(history, budget=Budget())
    partners = history.partners.tolist()
    for witness in verdict.results.get("witness", ()):
        order = witness["order"]
        of_key = [op for op in history if op.is_invoke and op.key == witness["key"]]
        acknowledged = {op.index for op in of_key if partners[op.index] >= 0 and history[partners[op.index]].type == "ok"}
        failed = {op.index for op in of_key if partners[op.index] >= 0 and history[partners[op.index]].type == "fail"}
        assert len(order) == len(set(order))
        assert acknowledged <= set(order) and not failed & set(order)


@settings(LAW, max_examples=200)
@given(register_histories())
def test_the_proof_of_a_kind_is_a_contradiction_by_itself(history: History) -> None:
    """The calls that a violation names, with the writers of every value among them, are not linearizable by brute force."""
    spec = complete(spec_from_text("cas-register"))
    by_key = {problem.key: problem for problem in problems(history, spec)}
    for violation in check(history).violations:
        problem = by_key[violation.keys[0]]
        proof = Problem(problem.key)
        proof.labels, proof.is_read = problem.labels, problem.is_read
        if violation.kind != "non-linearizable" or violation.data["value"] is not None:
            proof.calls = with_writers(problem, set(violation.ops))
            assert not linearizable(proof, spec), violation


def with_writers(problem: Problem, chosen: set[int]) -> list[Call]:
    """The chosen calls, with whoever wrote a value that one of them observed, and so on."""
    while True:
        calls = [call for call in problem.calls if call.began in chosen]
        seen = {exact(value) for call in calls for value in observed(problem.label(call))}
        writers = {call.began for call in problem.calls if exact(written(problem.label(call))) in seen}
        if writers <= chosen:
            return calls
        chosen = chosen | writers


def observed(label: Label) -> list[Any]:
    """What a call saw or expected."""
    return [label.output] if label.f == "read" else [label.input[0]] if label.f == "cas" else []


def written(label: Label) -> Any:
    """What a call writes; a read writes something that is no value."""
    return "nothing" if label.f == "read" else label.input[1] if label.f == "cas" else label.input


@settings(LAW, max_examples=200)
@given(distinct_histories())
def test_a_violation_on_distinct_values_without_cas_always_has_a_telling_kind(history: History) -> None:
    """The theorem of zones: two values that each come before the other, or a value nobody wrote; nothing else can be wrong."""
    assert "non-linearizable" not in [violation.kind for violation in check(history).violations]
