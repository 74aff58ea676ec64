"""Queues, stacks, lists, sets and counters judged without a search, as a person meets them: sentences, and what is left over."""

from __future__ import annotations

import pytest

from chaoskit.check import Linearizable
from chaoskit.check.linear import paths
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.verdict import Budget, Verdict, plain
from chaoskit.spec import Label, Spec, State, Step, spec_from_text
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.register import Register

Call = tuple[str, object, object]  # f, input, output


def put(value: object, f: str = "enqueue") -> Call:
    """A call that puts a value in."""
    return f, value, value


def take(value: object, f: str = "dequeue") -> Call:
    """A call that takes or reads a value."""
    return f, None, value


def one_by_one(*calls: Call, before: tuple[Call, ...] = (), key: object = None) -> History:
    """These calls one after the other, behind some that nobody answers."""
    builder = HistoryBuilder()
    for process, (f, given, _) in enumerate(before):
        builder.append("invoke", process, f, key, given)
    for process, (f, given, output) in enumerate(calls, start=len(before)):
        builder.append("invoke", process, f, key, given)
        builder.append("ok", process, f, key, output)
    return builder.build()


def check(history: History, spec: str, *, search_up_to: int = 0, witness: bool = False) -> Verdict:
    """The verdict, with few configurations to spend."""
    return Linearizable(spec_from_text(spec), search_up_to=search_up_to, witness=witness).check(
        history, budget=Budget(configurations=1_000)
    )


def story(history: History, spec: str) -> list[str]:
    """The summary and the sentences of the only violation."""
    verdict = check(history, spec)
    (violation,) = verdict.violations
    assert verdict.results["configurations"] == 0
    return [violation.summary, *map(plain, violation.sentences)]


def test_an_element_that_overtook_another_is_told_as_the_search_would() -> None:
    """Kinds that a rule knows are the same whoever judged."""
    history = one_by_one(put(1), put(2), take(2), take(1))
    assert story(history, "fifo-queue") == [
        "d4 (dequeue → 2) has no place: 1 was ahead of 2",
        "e0 (enqueue 1) ended, before e2 (enqueue 2) began.",
        "d4 (dequeue → 2) took 2 out, while nobody had taken 1 out: a contradiction.",
    ]


def test_too_few_unanswered_takes_are_named() -> None:
    """Two elements had to be out, and one dequeue could have taken one."""
    history = one_by_one(put(1), put(2), put(3), take(3), before=(take(None),))
    assert story(history, "fifo-queue") == [
        "d7 (dequeue → 3) has no place: something that had to be out by then was still there",
        "e1 (enqueue 1), e3 (enqueue 2) put in what had to be out by then, and nobody is known to have taken it.",
        "d0 (dequeue) could have taken one, and no other.",
        "So there is no place for d7 (dequeue → 3).",
    ]


def test_an_unanswered_take_may_have_taken_what_was_ahead() -> None:
    """With one for each the history is valid, and the linearization has them."""
    history = one_by_one(put(1), put(2), put(3), take(3), before=(take(None), take(None)))
    verdict = check(history, "fifo-queue", witness=True)
    assert verdict.is_valid and verdict.results["keys-without-search"] == 1
    assert verdict.results["witness"] == [{"key": None, "order": [2, 0, 4, 1, 6, 8]}]


def test_what_was_always_there_is_told_in_turn() -> None:
    """Somebody found the queue empty, while one element after the other was in it."""
    builder = HistoryBuilder()
    for type, process, f, value in (
        ("invoke", 0, "enqueue", 1),
        ("ok", 0, "enqueue", 1),
        ("invoke", 1, "dequeue", None),
        ("invoke", 2, "enqueue", 2),
        ("ok", 2, "enqueue", 2),
        ("invoke", 3, "dequeue", None),
        ("ok", 3, "dequeue", 1),
        ("ok", 1, "dequeue", None),
    ):
        builder.append(type, process, f, None, value)
    assert story(builder.build(), "unordered-queue") == [
        "d2 (dequeue → nil) has no place: something was there all the time",
        "e0 (enqueue 1) had ended by then, and what it put in was there until d5 (dequeue → 1) began.",
        "e3 (enqueue 2) had ended by then, and nothing had taken it out.",
        "d2 (dequeue → nil) found nothing, while something was there all the time: a contradiction.",
    ]


def test_a_stack_names_what_was_on_top() -> None:
    """The lower of two was popped."""
    history = one_by_one(put(1, "push"), put(2, "push"), take(1, "pop"), take(2, "pop"))
    assert story(history, "stack") == [
        "p4 (pop → 1) has no place: 2 was ahead of 1",
        "p0 (push 1) ended, before p2 (push 2) began.",
        "p2 ended, before p4 (pop → 1) began: 2 had to come out first.",
        "p4 took 1 out, while nobody had taken 2 out: a contradiction.",
    ]


def test_a_stack_says_push_where_a_queue_says_enqueue() -> None:
    """The words are those of the operations."""
    assert story(one_by_one(take(3, "pop")), "stack")[-1] == (
        "No operation pushes 3, and it was not there at first: a contradiction."
    )


def test_a_priority_queue_names_what_comes_first() -> None:
    """The worse of two came out."""
    assert story(one_by_one(put(1), put(2), take(2)), "priority-queue") == [
        "d4 (dequeue → 2) has no place: 1 was ahead of 2",
        "e0 (enqueue 1) ended, before d4 (dequeue → 2) began: 1 had to come out first.",
        "d4 took 2 out, while nobody had taken 1 out: a contradiction.",
    ]


def test_a_list_names_the_calls_whose_order_the_reads_contradict() -> None:
    """An append that came later was read first."""
    history = one_by_one(put(1, "append"), put(2, "append"), take([2, 1], "read"))
    assert story(history, "append-list") == [
        "r4 (read → [2, 1]) has no place: 1 was ahead of 2",
        "a0 (append 1) ended, before a2 (append 2) began.",
        "r4 (read → [2, 1]) has 2 before 1: a contradiction.",
    ]


def test_a_read_without_what_a_list_held_at_first_says_so() -> None:
    """Of what was there at first no kind knows."""
    assert story(one_by_one(put(1, "append"), take([1], "read")), "append-list:initial=[7]") == [
        "r2 (read → [1]) has no place: it does not begin with what was there at first",
        "r2 (read → [1]) does not begin with what was there at first: a contradiction.",
    ]


def test_reads_of_a_set_that_are_not_nested_are_named() -> None:
    """Each has what the other lacks."""
    history = one_by_one(take([1], "read"), take([2], "read"), before=(put(1, "add"), put(2, "add")))
    assert story(history, "set") == [
        "r4 (read → [2]) has no place: two reads disagree",
        "r4 (read → [2]) and r2 (read → [1]) each have an element that the other lacks: a contradiction.",
    ]


def test_a_counter_that_falls_back_is_named_by_its_reads() -> None:
    """A later read counts less."""
    assert story(one_by_one(take(1, "read"), take(0, "read"), before=(put(1, "add"),)), "counter") == [
        "r3 (read → 0) has no place: more adds had been counted before",
        "r1 (read → 1) ended before r3 (read → 0) began.",
        "r3 counts fewer adds, and nothing is ever taken away: a contradiction.",
    ]


@pytest.mark.parametrize(
    ("spec", "calls"),
    [
        ("fifo-queue", (put(1), put(1), take(1))),
        ("append-list", (put(1, "append"), put(1, "append"))),
        ("set", (put(1, "add"), put(1, "remove"))),
        ("counter", (put(1, "add"), put(2, "add"), take(3, "read"))),
    ],
)
def test_what_a_path_cannot_decide_is_searched(spec: str, calls: tuple[Call, ...]) -> None:
    """Values put in twice, removals, adds of several amounts: the search takes over, and says so by its configurations."""
    verdict = check(one_by_one(*calls), spec)
    assert verdict.is_valid and "keys-without-search" not in verdict.results


class AnyRegister(Register):
    """A person's own kind of register, in which every read is right."""

    def step(self, state: State, label: Label) -> Step:
        return (state,)


class AnyQueue(FifoQueue):
    """A person's own kind of queue."""

    def step(self, state: State, label: Label) -> Step:
        return (state,)


@pytest.mark.parametrize(
    ("spec", "calls"),
    [(AnyRegister(), (put(1, "write"), take(2, "read"))), (AnyQueue(), (put(1), put(2), take(2)))],
)
def test_a_spec_that_builds_on_another_is_searched(spec: Spec, calls: tuple[Call, ...]) -> None:
    """What is known of a queue need not hold for a person's own kind of queue."""
    verdict = Linearizable(spec, search_up_to=0).check(one_by_one(*calls), budget=Budget())
    assert verdict.is_valid and "keys-without-search" not in verdict.results


def test_small_histories_are_searched() -> None:
    """Up to 64 calls a search is as quick, and says more."""
    history = one_by_one(put(1), take(1))
    assert "keys-without-search" not in check(history, "fifo-queue", search_up_to=64).results


def test_of_a_very_large_history_only_the_calls_around_the_failure_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentences are the same; of the linearization the part around the failure is kept."""
    calls = [put(number) for number in range(62)]
    history = one_by_one(*calls, take(1), *(take(number) for number in range(62) if number != 1))
    whole = check(history, "fifo-queue").violations[0]
    monkeypatch.setattr(paths, "CALLS_EXPLAINED", 10)
    cut = check(history, "fifo-queue").violations[0]
    assert (cut.kind, cut.summary, cut.ops, cut.sentences) == (whole.kind, whole.summary, whole.ops, whole.sentences)
    assert len(cut.order) < len(whole.order)


def test_every_key_is_judged_alone() -> None:
    """One bad list among good ones."""
    builder = HistoryBuilder()
    for key in ("x", "y", "z"):
        for f, value, got in (("append", 1, 1), ("read", None, [1] if key != "y" else [])):
            builder.append("invoke", 0, f, key, value)
            builder.append("ok", 0, f, key, got)
    verdict = check(builder.build(), "append-list")
    assert verdict.results["keys-without-search"] == 3
    assert [violation.keys for violation in verdict.violations] == [["y"]]
