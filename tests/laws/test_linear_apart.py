"""Sets judged element by element: as by brute force of the whole set, down to the first failing completion and the order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from path_oracle import history_of, info, ok

from chaoskit.check import Linearizable
from chaoskit.check.linear.apart import apart
from chaoskit.check.linear.brute import first_failure
from chaoskit.check.linear.normalise import NEVER, Problem, problems
from chaoskit.check.linear.witness import prove
from chaoskit.core.verdict import Budget
from chaoskit.spec import CompleteSpec, Illegal, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, problem_of, small_problems

NAMES = ("set", "set:initial=[1]")
CHOICES: tuple[Choice, ...] = (
    *(made(f, value) for value in (0, 1) for f in ("add", "remove") for made in (ok, info)),
    *(ok("contains", value, answer) for value in (0, 1) for answer in (True, False)),
)


def wrong(problem: Problem, spec: CompleteSpec) -> str | None:
    """What the checker says otherwise than brute force; None when it is right, and its order replays."""
    verdict = Linearizable(spec.original, witness=True, search_up_to=0).check(history_of(problem), budget=Budget())
    (whole,) = problems(history_of(problem), spec) or [Problem(None)]
    failure = first_failure(whole, spec)
    if failure is not None:
        return None if [each.data["op"] for each in verdict.violations[:1]] == [failure] else f"expected {failure}: {verdict}"
    if not verdict.is_valid:
        return f"expected valid: {verdict}"
    state, order = spec.init(), []
    by_begin = {call.began: number for number, call in enumerate(whole.calls)}
    for began in verdict.results["witness"][0]["order"] if whole.calls else []:
        answer = spec.step(state, whole.label(whole.calls[by_begin[began]]))
        assert not isinstance(answer, Illegal), answer
        (state,) = answer
        order.append((by_begin[began], state))
    prove(whole, spec, order)
    return None


@pytest.mark.parametrize("name", NAMES)
def test_sets_apart_agree_with_brute_force_on_small_histories(name: str) -> None:
    """Every history of two calls: two elements, two clients, unanswered calls included."""
    spec = complete(spec_from_text(name))
    tried = small_problems(spec, CHOICES, calls=2, clients=2)
    assert [text for text in (wrong(problem, spec) for problem in tried) if text] == []


@pytest.mark.quality
@pytest.mark.parametrize("name", NAMES)
def test_sets_apart_agree_with_brute_force_on_every_history_of_three_calls(name: str) -> None:
    """Exhaustive up to names."""
    spec = complete(spec_from_text(name))
    tried = small_problems(spec, CHOICES, calls=3, clients=3)
    assert [text for text in (wrong(problem, spec) for problem in tried) if text] == []


@settings(deadline=None, derandomize=True, max_examples=150)
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_sets_apart_agree_with_brute_force_on_larger_histories(data: st.DataObject, name: str) -> None:
    """Up to eight calls, each with a beginning and an end drawn."""
    spec = complete(spec_from_text(name))
    count = data.draw(st.integers(3, 8))
    chosen = data.draw(st.lists(st.integers(0, len(CHOICES) - 1), min_size=count, max_size=count))
    places = data.draw(st.permutations(range(2 * count)))
    intervals = (sorted(places[2 * number : 2 * number + 2]) for number in range(count))
    by_begin = sorted(
        (began, ended if CHOICES[choice][1] else NEVER, choice) for (began, ended), choice in zip(intervals, chosen, strict=True)
    )
    problem = problem_of(spec, CHOICES, [choice for _, _, choice in by_begin], [(began, ended) for began, ended, _ in by_begin])
    assert wrong(problem, spec) is None


def test_a_set_of_which_somebody_read_the_whole_stays_whole() -> None:
    """A read shows all elements at one moment: each of them may be as it was at some moment, and not all at once."""
    spec = complete(spec_from_text("set"))
    texts = [ok("add", 0), ok("add", 1), ok("read", None, [1])]
    problem = problem_of(spec, texts, range(3), [(0, 1), (2, 3), (4, 5)])
    assert apart(problem, spec) == [problem]
    assert wrong(problem, spec) is None
