"""What a narrow search and its proofs say of histories as clients record them: with failures, crashes and calls left open.

Histories of every spec, most of them wrong somewhere. A strategy without patience comes to its last steps in small ones, and a
proof is asked for at every stop, not only where a search got stuck.
"""

from __future__ import annotations

import random
import types
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from impatience import IMPATIENT
from path_oracle import answered_anyhow, info, ok
from planting import planted

from chaoskit.check import Linearizable
from chaoskit.check.linear import layout as layout_module
from chaoskit.check.linear import search as search_module
from chaoskit.check.linear import strategy as strategy_module
from chaoskit.check.linear.brute import first_failure
from chaoskit.check.linear.normalise import Problem, problems
from chaoskit.check.linear.prunings import ALL_PRUNINGS
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.core.errors import InternalError, ModelError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.verdict import Budget
from chaoskit.spec import FAILED, SPECS, CompleteSpec, complete, spec_from_text
from chaoskit.testing.small_histories import Choice
from chaoskit.testing.strategies import Ask, answered_histories, mutated_histories
from chaoskit.testing.strategies.asks import asks_of

LIMIT = 100_000
NAMES = sorted([*SPECS, "cas-register:failed-cas=observe", "register:nil-read=unknown", "semaphore:permits=2", "set:initial=[1]"])
OF_FEW_STATES = [name for name in NAMES if "register" in name or "set" in name or name in ("mutex", "owner-mutex", "semaphore")]


def asks(name: str) -> list[Ask]:
    """What may be asked and answered; of a compare-and-set also that it failed."""
    return [
        replace(ask, outputs=(None, FAILED)) if ask.f == "cas" and "observe" in name else ask
        for ask in asks_of(spec_from_text(name))
    ]


def histories(name: str) -> st.SearchStrategy[History]:
    """Answered anyhow, or right but for a few changes; by four slots."""
    return answered_histories(name, asks=asks(name), clients=4, max_turns=24) | mutated_histories(
        name, asks=asks(name), clients=4, max_turns=30
    )


def stuck_at(strategy: types.ModuleType, layout_by: types.ModuleType, problem: Problem, spec: CompleteSpec) -> int | None:
    """The completion that no configuration passes by this strategy, None for a proved linearization."""
    layout, table = layout_by.lay_out(problem), Table(spec, problem.labels, problem.is_read)
    found = strategy.search(layout, table, limit=LIMIT)
    if isinstance(found, strategy.Found):
        prove(problem, spec, [(call, table.states[state]) for call, state in found.order])
        return None
    assert isinstance(found, strategy.Stuck) and found.certain
    return problem.calls[layout.stops[found.stop].call].ended


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, derandomize=True, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_impatient_search_agrees_with_brute_force_on_what_clients_record(
    name: str, impatient: None, data: st.DataObject
) -> None:
    """The failing completion is brute force's, whatever failed, crashed or was left open beside it."""
    spec = complete(spec_from_text(name))
    for problem in problems(data.draw(histories(name)), spec):
        assert stuck_at(strategy_module, layout_module, problem, spec) == first_failure(problem, spec)


def proved(
    strategy: types.ModuleType, layout_by: types.ModuleType, problem: Problem, spec: CompleteSpec
) -> Iterator[tuple[int, bool]]:
    """By stop: when its call ends, and whether it is proved that no configuration passes it; within a small limit and a large."""
    layout = layout_by.lay_out(problem)
    for at, stop in enumerate(layout.stops):
        for limit in (4, LIMIT):
            proof = strategy.Proof(layout, Table(spec, problem.labels, problem.is_read), at, ALL_PRUNINGS)
            yield problem.calls[stop.call].ended, proof.succeeds(limit=limit, out_of_time=None)


@pytest.mark.parametrize("name", OF_FEW_STATES)
@settings(deadline=None, derandomize=True, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_a_proof_from_a_window_proves_is_so(name: str, impatient: None, data: st.DataObject) -> None:
    """Asked for at every stop: where it says that nothing passes, brute force has found no order up to there either."""
    spec = complete(spec_from_text(name))
    for problem in problems(data.draw(histories(name)), spec):
        failing = first_failure(problem, spec)
        for end, is_proved in proved(strategy_module, layout_module, problem, spec):
            assert not is_proved or (failing is not None and failing <= end)


@pytest.mark.parametrize("name", NAMES)
def test_a_proof_asks_no_failed_call_what_it_leads_to(name: str, impatient: None) -> None:
    """To a call that did not happen a spec may have no answer: here they were asked what makes no sense, and were refused."""
    spec = complete(spec_from_text(name))
    builder = HistoryBuilder()
    for process, ask in enumerate(asks_of(spec)):
        nonsense = ask.input if ask.f == "txn" else {"no": "sense"}
        builder.append("invoke", process, ask.f, None, nonsense)
        builder.append("fail", process, ask.f, None, nonsense, error="refused")
    for ask in (*asks_of(spec), *asks_of(spec)):
        builder.append("invoke", 0, ask.f, None, ask.input)
        builder.append("ok", 0, ask.f, None, ask.outputs[0] if ask.outputs[0] is not None else ask.input)
    (problem,) = problems(builder.build(), spec)
    assert len(problem.failed) == len(asks_of(spec))
    assert len([*proved(strategy_module, layout_module, problem, spec)]) == 2 * 2 * len(asks_of(spec))


@pytest.mark.parametrize("search_up_to", [0, 1_000])
@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, derandomize=True, max_examples=10)
@given(data=st.data())
def test_the_checker_agrees_with_brute_force_on_what_clients_record(name: str, search_up_to: int, data: st.DataObject) -> None:
    """Of two objects, by path or by search: the bad ones, each with its failing completion, and a linearization of the others."""
    spec = complete(spec_from_text(name))
    asked = asks(name)
    history = data.draw(answered_histories(name, asks=asked, keys="xy") | mutated_histories(name, asks=asked, keys="xy"))
    objects = problems(history, spec)
    expected = {problem.key: first_failure(problem, spec) for problem in objects}
    verdict = Linearizable(spec, search_up_to=search_up_to, witness=True).check(history, budget=Budget())
    found: dict[Any, int] = {(each.keys or [None])[0]: each.data["op"] for each in verdict.violations}
    assert found == {key: failing for key, failing in expected.items() if failing is not None}
    assert {each["key"] for each in verdict.results.get("witness", ())} == expected.keys() - found.keys()


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, derandomize=True, max_examples=8)
@given(data=st.data())
def test_a_call_is_about_what_its_invocation_says(name: str, data: st.DataObject) -> None:
    """A completion that leaves the key out, or has another, changes nothing: by path as by search."""
    asked = asks(name)
    history = data.draw(answered_histories(name, asks=asked, keys="xy") | mutated_histories(name, asks=asked, keys="xy"))
    instead = data.draw(st.lists(st.sampled_from([None, "x", "y"]), min_size=len(history), max_size=len(history)))
    told = History.of(
        op if op.is_invoke else msgspec.structs.replace(op, key=key) for op, key in zip(history, instead, strict=True)
    )
    expected = Linearizable(spec_from_text(name)).check(history, budget=Budget())
    for search_up_to in (0, 1_000):
        found = Linearizable(spec_from_text(name), search_up_to=search_up_to).check(told, budget=Budget())
        assert found.status is expected.status
        assert [each.data["op"] for each in found.violations] == [each.data["op"] for each in expected.violations]


MUTANTS: dict[str, tuple[types.ModuleType, str, str, str, dict[str, Any]]] = {  # module, text, mistake, spec, constants
    "failed calls are asked what they lead to": (
        strategy_module,
        "labels = self._layout.changing",
        "labels = range(len(self._table.rows))",
        "set",
        {},
    ),
    "what a narrow search supposes is certain": (
        strategy_module,
        "if isinstance(found, Stuck) and not found.certain:",
        "if False:",
        "cas-register",
        {},
    ),
    "a proof begins in the first state alone": (
        strategy_module,
        "for state in states for mask in masks",
        "for state in states[:1] for mask in masks",
        "cas-register",
        {},
    ),
    "a proof begins with nothing placed": (
        strategy_module,
        "(0,) if bit & fresh else (0, bit) for bit in bits",
        "(0,) for bit in bits",
        "mutex",
        {},
    ),
    "a proof begins with all placed": (
        strategy_module,
        "(0,) if bit & fresh else (0, bit) for bit in bits",
        "(0,) if bit & fresh else (bit,) for bit in bits",
        "mutex",
        {},
    ),
    "a mover that began long before is fresh": (
        strategy_module,
        "if call not in known)",
        ")",
        "mutex",
        {},
    ),
    "a proof that fails has succeeded": (
        strategy_module,
        "            if stuck or visits.limit_met:\n                return stuck",
        "            return True",
        "cas-register",
        {},
    ),
    "a proof that meets its limit has succeeded": (
        strategy_module,
        "            if visits.limit_met:\n                return False",
        "            if visits.limit_met:\n                return True",
        "cas-register",
        {},
    ),
    "too many states are those that were found": (
        strategy_module,
        "steps > STEPS_MAX:\n                return None",
        "steps > STEPS_MAX:\n                return list(found)",
        "cas-register",
        {"STEPS_MAX": 1},
    ),
    "states are those of one step": (
        strategy_module,
        "                        waiting.append(new)\n",
        "",
        "set",
        {},
    ),
    "a proof ends one stop later": (
        strategy_module,
        "range(first, self._stop + 1)",
        "range(first, min(self._stop + 2, len(self._layout.stops)))",
        "cas-register",
        {},
    ),
    "calls that never returned lead nowhere": (
        layout_module,
        "call.label for call in calls if kinds[call.label] != READ",
        "call.label for call in calls if kinds[call.label] != READ and call.returned",
        "cas-register",
        {},
    ),
    "writes lead nowhere": (
        layout_module,
        "if kinds[call.label] != READ))",
        "if kinds[call.label] == MOVER))",
        "cas-register",
        {},
    ),
    "what was not visited for want of width is not missed": (
        search_module,
        "if len(burdens) >= self._width:\n            self._certain = False\n",
        "if len(burdens) >= self._width:\n",
        "cas-register",
        {},
    ),
    "what was not kept for want of width is not missed": (
        search_module,
        "burden not in burdens:\n            self._certain = False\n",
        "burden not in burdens:\n",
        "cas-register",
        {},
    ),
}


def seen_through_another() -> History:
    """What chance hardly finds: an unanswered write whose value is seen only through a cas that ended."""
    builder = HistoryBuilder()
    for kind, process, f, value in (
        *(("invoke", 1, "write", 1), ("info", 1, "write", 1)),
        *(("invoke", 0, "cas", [1, 2]), ("ok", 0, "cas", [1, 2])),
        *(("invoke", 0, "read", None), ("ok", 0, "read", 2)),
        *(("invoke", 0, "read", None), ("ok", 0, "read", 2)),
    ):
        builder.append(kind, process, f, None, value)
    return builder.build()


CLOSE: tuple[Choice, ...] = (  # writes and cas, answered and not, of which many overlap: what a narrow search leaves out matters
    *(ok("read", None, value) for value in (None, 1, 2, 3)),
    *(ok("write", 1), info("write", 2), ok("write", 3)),
    *(ok("cas", [1, 2]), info("cas", [2, 1]), ok("cas", [2, 1]), ok("cas", [2, 3]), info("cas", [1, 3])),
)


def mistaken(name: str) -> Iterator[Problem]:
    """Problems that chance finds one in thousands of."""
    if name != "cas-register":
        return
    spec, draw = complete(spec_from_text(name)), random.Random(1)
    yield from problems(seen_through_another(), spec)
    for _ in range(6_000):
        yield answered_anyhow(draw, CLOSE, spec)


def is_wrong(strategy: types.ModuleType, layout: types.ModuleType, problem: Problem, spec: CompleteSpec) -> bool:
    """Does this strategy say something else than brute force, or prove what is not so, or end in an error?"""
    failing = first_failure(problem, spec)
    try:
        if stuck_at(strategy, layout, problem, spec) != failing:
            return True
        of_stops = proved(strategy, layout, problem, spec)
        return any(is_proved and (failing is None or failing > end) for end, is_proved in of_stops)
    except (InternalError, ModelError, AssertionError):
        return True


@pytest.mark.quality
@pytest.mark.mutants
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_what_clients_record_shows_a_mistake_planted_in_the_strategy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the laws above are worth something. Method: change one line, and look for a history that shows it."""
    module, old, new, text, constants = MUTANTS[name]
    mutant = planted(monkeypatch, module, old, new)
    strategy = mutant if module is strategy_module else strategy_module
    if module is search_module:
        for part in ("stop_by_stop", "depth_first", "pass_stop", "Visits", "Found", "Stuck", "GaveUp"):
            monkeypatch.setattr(strategy_module, part, getattr(mutant, part))
    for constant, value in {**IMPATIENT, **constants}.items():
        monkeypatch.setattr(strategy, constant, value)
    layout = mutant if module is layout_module else layout_module
    spec = complete(spec_from_text(text))
    how = settings(deadline=None, derandomize=True, max_examples=20_000, phases=[Phase.generate], database=None)
    if any(is_wrong(strategy, layout, problem, spec) for problem in mistaken(text)):
        return
    try:
        find(
            histories(text),
            lambda history: any(is_wrong(strategy, layout, problem, spec) for problem in problems(history, spec)),
            settings=how,
        )
    except NoSuchExample:
        pytest.fail(f"nothing shows that {name}")
