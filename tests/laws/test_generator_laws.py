"""Laws that every generator tree keeps: asking is pure, seeds decide all, wrappers move no draw, threads do one thing at once."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit import generate as gen
from chaoskit.core.op import FAIL, INFO, OK, Op
from chaoskit.draws import Draws
from chaoskit.generate.simulator import CompleteFunction

SLOTS = 3
OPS_MAX = 60

Tree = gen.GeneratorLike


def drawing(f: str) -> Tree:
    """Endless ops whose values are drawn at the function's own addresses."""
    return lambda context: {"f": f, "value": context.draws.integer(0, 1 << 40, "value")}


def finite(tree: Tree) -> Tree:
    return gen.limit(OPS_MAX, gen.time_limit("10ms", tree))


leaves = st.one_of(
    st.sampled_from("abc").map(drawing),
    st.sampled_from("def").map(drawing),
    st.sampled_from("abc").map(lambda f: {"f": f}),
    st.integers(0, 9).map(lambda n: gen.repeat({"f": "r"}, times=n)),
    st.sampled_from([gen.sleep(20), gen.log("line"), None]),
)
durations = st.integers(1, 40)
counts = st.integers(0, 6)


def larger(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(trees, min_size=1, max_size=3)
    wrap = [
        st.builds(gen.limit, counts, trees),
        st.builds(lambda tree, times: gen.repeat(tree, times=times), trees, counts),
        st.builds(lambda tree: gen.cycle(tree, times=2), trees),
        st.builds(gen.stagger, durations, trees),
        st.builds(gen.delay, durations, trees),
        st.builds(gen.time_limit, durations, trees),
        st.builds(gen.process_limit, st.integers(1, 12), trees),
        st.builds(gen.concurrency_limit, st.integers(1, 3), trees),
        st.builds(lambda tree: gen.until_ok(gen.limit(5, tree)), trees),
        st.builds(gen.each_thread, trees),
        st.builds(lambda tree: gen.limit(9, gen.each_process(tree)), trees),
        st.builds(gen.clients, trees),
        st.builds(gen.nemesis, trees),
        st.builds(gen.on_threads, st.sets(st.integers(0, SLOTS - 1), min_size=1), trees),
        st.builds(lambda tree: gen.map(lambda ask: ask.but(key="k"), tree), trees),
        st.builds(lambda tree: gen.filter(lambda ask: ask.f != "a", gen.limit(9, tree)), trees),
        st.builds(gen.synchronize, trees),
        several.map(lambda trees: gen.any(*trees)),
        several.map(lambda trees: gen.shortest_any(*trees)),
        several.map(lambda trees: gen.flip_flop(*trees)),
        several.map(lambda trees: gen.phases(*trees)),
        several.map(gen.mix),
        several.map(list),
        st.builds(gen.then, trees, trees),
        st.builds(lambda dt, a, b: gen.cycle_times(dt, a, dt, b), durations, trees, trees),
    ]
    return st.one_of(*wrap)


trees = st.recursive(leaves, larger, max_leaves=6)
seeds = st.integers(0, 1 << 30)
quickly = settings(deadline=None, derandomize=True, max_examples=150)


def mixed_outcomes(seed: int) -> CompleteFunction:
    """Clients of whom some fail, some are lost and most are ok, after 0 to 30 ns, by address."""
    draws = Draws(seed).child("clients")
    calls: Counter[object] = Counter()

    def complete(context: gen.Context, op: Op) -> Op | None:
        address = (str(op.process), calls[op.process])
        calls[op.process] += 1
        time = op.time + draws.integer(0, 30, "latency", *address)
        kind = draws.weighted([(OK, 6), (FAIL, 2), (INFO, 2)], "kind", *address)
        return Op(time=time, type=kind, process=op.process, f=op.f, key=op.key, value=op.value)

    return complete


def history_of(tree: Tree, seed: int) -> list[Op]:
    return gen.simulate(finite(tree), mixed_outcomes(seed), slots=SLOTS, draws=Draws(seed), steps_max=20_000)


class AskedTwice(gen.Wrapper, frozen=True):
    """Asks twice, once in vain, and holds that both answers are the same."""

    def op(self, context: gen.Context) -> gen.Emission:
        in_vain, emission = self.gen.op(context), self.gen.op(context)
        assert (in_vain is None) == (emission is None)
        if in_vain is None or emission is None:
            return None
        assert in_vain[0] == emission[0]
        ask, after = emission
        return ask, None if after is None else AskedTwice(after)


@quickly
@given(trees, seeds)
def test_process_has_one_operation_open_at_a_time_and_none_after_info(tree: Tree, seed: int) -> None:
    """Whatever the tree, the history is one that a checker may be given: and no tree waits for ever."""
    is_open: set[object] = set()
    gone: set[object] = set()
    for op in history_of(tree, seed):
        assert op.process not in gone
        if op.is_invoke:
            assert op.process not in is_open
            is_open.add(op.process)
        else:
            is_open.remove(op.process)
            if op.type == INFO and op.process != "nemesis":
                gone.add(op.process)
    assert not is_open


@quickly
@given(trees, seeds)
def test_times_of_a_history_never_go_back(tree: Tree, seed: int) -> None:
    """Events come in the order of their times."""
    times = [op.time for op in history_of(tree, seed)]
    assert times == sorted(times)


@quickly
@given(trees, seeds)
def test_equal_seeds_give_equal_histories(tree: Tree, seed: int) -> None:
    """A tree can be run any number of times: it holds no state."""
    assert history_of(tree, seed) == history_of(tree, seed)


@quickly
@given(trees, seeds)
def test_asking_in_vain_changes_nothing(tree: Tree, seed: int) -> None:
    """An answer that nobody uses leaves the generator as it was, draws included."""
    lifted = gen.lift(tree)
    twice = None if lifted is None else AskedTwice(lifted)
    assert history_of(twice, seed) == history_of(tree, seed)


@quickly
@given(trees, seeds)
def test_wrappers_move_no_draw(tree: Tree, seed: int) -> None:
    """What limits, renames or watches a generator leaves every random choice in it as it was."""
    wrapped = gen.limit(1000, gen.time_limit("1s", gen.validate(gen.friendly_exceptions(gen.map(lambda ask: ask, tree)))))
    assert history_of(gen.filter(lambda ask: True, wrapped), seed) == history_of(tree, seed)


@quickly
@given(trees, seeds, counts)
def test_limit_gives_the_first_ops(tree: Tree, seed: int, number: int) -> None:
    """With a limit, a run begins as without it, and has at most so many ops."""
    limited = gen.invocations(history_of(gen.limit(number, tree), seed))
    assert len(limited) <= number
    assert limited == gen.invocations(history_of(tree, seed))[: len(limited)]


@quickly
@given(st.lists(st.integers(0, 5), max_size=4), seeds)
def test_sequences_and_phases_keep_their_order(lengths: list[int], seed: int) -> None:
    """All ops of the first come before any of the second, and none is lost; phases do not overlap."""
    parts = [[{"f": "w", "value": number}] * length for number, length in enumerate(lengths)]
    expected = [number for number, length in enumerate(lengths) for _ in range(length)]
    assert [op.value for op in gen.invocations(history_of(parts, seed))] == expected
    open_parts: Counter[object] = Counter()
    for op in history_of(gen.phases(*parts), seed):
        open_parts[op.value] += 1 if op.is_invoke else -1
        assert sum(count > 0 for count in open_parts.values()) <= 1


@quickly
@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), seeds)
def test_mix_and_any_lose_nothing_and_add_nothing(lengths: list[int], seed: int) -> None:
    """Every op of every generator comes once, whatever the order."""
    parts = [gen.repeat({"f": f}, times=length) for f, length in zip("abcd", lengths, strict=False)]
    expected = Counter({f: length for f, length in zip("abcd", lengths, strict=False) if length})
    assert Counter(op.f for op in gen.invocations(history_of(gen.mix(parts), seed))) == expected
    assert Counter(op.f for op in gen.invocations(history_of(gen.any(*parts), seed))) == expected


@quickly
@given(trees, seeds)
def test_parts_of_a_generator_are_for_their_own_threads(tree: Tree, seed: int) -> None:
    """Run without the nemesis, a tree asks nothing of it; drawn for the nemesis alone, it asks nothing of clients."""
    assert all(ask.thread == "nemesis" for ask in gen.nemesis_ops(finite(tree), draws=Draws(seed), horizon=1000, slots=SLOTS))
    running = gen.Interpreter(finite(tree), slots=SLOTS, draws=Draws(seed), nemesis=False)
    now, step = 0, running.next(0)
    while not isinstance(step, gen.Done):
        if isinstance(step, gen.Wait):
            assert step.until is not None
            now = step.until
        elif step.type != gen.LOG:
            assert step.thread != "nemesis"
            running.completed(step.thread, OK, running.invoked(step, now), now)
        step = running.next(now)
