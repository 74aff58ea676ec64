"""The pytest plugin: `@pytest.mark.chaoskit(model="raft", seeds=20)`, `chaoskit_run`, `world`, `fault_injector`, seeds, tiers.

Every seed is an item of its own: pytest-xdist spreads them over its workers, `--lf`, `-k` and `-x` know them, and the report of a
test run names the seeds that failed. Failing seeds are kept in pytest's cache and tried first. Only the process that the person
started writes there, at its end: so all workers of a test run see the same items.

Nothing of chaoskit's engine is imported before a marked test is set up.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chaoskit.testing.seeds import failing_now, parse_seed, parse_seeds, seeds_of, seeds_text

if TYPE_CHECKING:
    from chaoskit.core.record import RunRecord
    from chaoskit.testing.injector import FaultInjector
    from chaoskit.testing.marked import Marked
    from chaoskit.testing.running import Tried
    from chaoskit.testing.small_world import SmallWorld

MARK = "chaoskit"
SEED, WORLD = "chaoskit_seed", "world"
TIERS = {
    "commit": "every commit: quick, in virtual time",
    "pr": "every pull request",
    "nightly": "every night",
    "staging": "only where faults are welcome",
}
CACHE = "chaoskit/failing"
TEST_PROPERTY, SEED_PROPERTY, DIRECTORY_PROPERTY = "chaoskit_test", "chaoskit_seed", "chaoskit_directory"
WEAK_PROPERTY = "chaoskit_weak"
WIDTH_MAX = 100
INJECTOR_PROPERTY = "chaoskit_injector"
UNMARKED = "expected a test with @pytest.mark.chaoskit(model=…), which says what to run; mark it."

_tried = pytest.StashKey["Tried"]()
_small = pytest.StashKey["SmallWorld"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaoskit", "distributed protocols under faults")
    group.addoption("--chaoskit-seed", metavar="SEED", help="try every test with this seed only (or set CHAOSKIT_SEED)")
    group.addoption("--chaoskit-seeds", metavar="N", help="how many seeds for every test (50), or which (100..199)")
    group.addoption(
        "--chaoskit-tier",
        metavar="TIER",
        choices=list(TIERS),
        help=f"run tests of this tier and of those before it, of {', '.join(TIERS)} (default: commit); unmarked tests always run",
    )


def pytest_configure(config: pytest.Config) -> None:
    line = "chaoskit(model, seeds=10, nemesis=…, bug=…, shrink=True): runs the model under faults, each seed an item of its own"
    config.addinivalue_line("markers", line)
    for tier, about in TIERS.items():
        config.addinivalue_line("markers", f"tier_{tier}: {about}; selected by --chaoskit-tier")
    for option, parse in (("chaoskit_seed", parse_seed), ("chaoskit_seeds", parse_seeds)):
        text = config.getoption(option)
        try:
            if text is not None:
                parse(text)
        except ValueError as error:
            raise pytest.UsageError(f"--{option.replace('_', '-')}: {error}") from error
    config.pluginmanager.register(_Results(config), "chaoskit-results")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark is None:
        return
    has_world = WORLD in metafunc.fixturenames
    config = metafunc.config
    try:
        seeds = seeds_of(
            mark.kwargs.get("seeds", 1 if has_world else None),
            only=config.getoption("chaoskit_seed"),
            instead=None if has_world else config.getoption("chaoskit_seeds"),
            environment=os.environ,
            failing=_failing(config).get(metafunc.definition.nodeid, []),
        )
    except ValueError as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
    if SEED not in metafunc.fixturenames:
        metafunc.fixturenames.append(SEED)
    metafunc.parametrize(SEED, seeds, ids=[f"seed-{seed}" for seed in seeds])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    tier = config.getoption("chaoskit_tier")
    if tier is None and "tier_" in (config.getoption("markexpr", "") or ""):
        return  # somebody has said which
    allowed = list(TIERS)[: list(TIERS).index(tier or next(iter(TIERS))) + 1]
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        tiers = [name for name in TIERS if item.get_closest_marker(f"tier_{name}") is not None]
        (kept if not tiers or any(name in allowed for name in tiers) else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Runs a marked test's seed, whether or not its body asks for the run."""
    if not isinstance(item, pytest.Function) or item.get_closest_marker(MARK) is None or WORLD in item.fixturenames:
        return
    seed = _begin(item)
    width = min(item.config.get_terminal_writer().fullwidth, WIDTH_MAX)
    with _understood(item.config):
        from chaoskit.testing.running import try_seed

        tried = item.stash[_tried] = try_seed(_marked(item), seed, again=_again(item, seed), width=width)
    if tried.directory is not None:
        item.user_properties.append((DIRECTORY_PROPERTY, str(tried.directory)))
    if tried.weak:
        item.user_properties.append((WEAK_PROPERTY, tried.weak))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    tried = pyfuncitem.stash.get(_tried, None)
    if tried is not None and tried.failure is not None:
        pytest.fail(tried.failure, pytrace=False)
    try:
        return (yield)
    except Exception:
        small = pyfuncitem.stash.get(_small, None)
        if small is not None:
            pyfuncitem.add_report_section("call", "chaoskit", small.told())
        raise


@pytest.fixture
def chaoskit_run(request: pytest.FixtureRequest) -> RunRecord:
    """The run of a marked test's seed, judged: `.verdict`, `.outcome.history`, `.outcome.plan` …

    A marked test need not ask for it: one whose run is not valid fails before its body is reached.
    """
    tried: Tried | None = request.node.stash.get(_tried, None)
    if tried is None:
        pytest.fail(UNMARKED, pytrace=False)
    return tried.record


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[SmallWorld]:
    """A small cluster of the marked test's model in virtual time, under the test's control: see `SmallWorld`."""
    if request.node.get_closest_marker(MARK) is None:
        pytest.fail(UNMARKED, pytrace=False)
    seed = _begin(request.node)
    with _understood(request.config):
        from chaoskit.testing.small_world import SmallWorld

        marked = _marked(request.node)
        small = request.node.stash[_small] = SmallWorld(marked.reference, marked.settings(seed))
    yield small
    small.close()


@pytest.fixture
def fault_injector(request: pytest.FixtureRequest) -> FaultInjector:
    """Decides by a seed what fails: `fault_injector.should_fail(0.3, "send")`. The seed is told at the end of the test run.

    It is the marked test's, or `--chaoskit-seed`, or what the environment says, or 1.
    """
    with _understood(request.config):
        from chaoskit.testing.injector import FaultInjector, told

        item, given = request.node, request.config.getoption("chaoskit_seed")
        own = item.callspec.params[SEED] if item.get_closest_marker(MARK) is not None else None
        injector = FaultInjector(own if given is None else parse_seed(given))
    item.user_properties.append((INJECTOR_PROPERTY, told(injector.seed)))
    return injector


class _Results:
    """What came of the seeds of this test run, told at its end; the process that the person started keeps the failing ones."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._seeds: dict[str, dict[int, bool]] = {}  # test → seed → whether it failed
        self._weak: dict[tuple[str, str], list[int]] = {}  # test, why its runs prove little → with which seeds
        self._injected: dict[str, str] = {}  # item → what its injector said

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        if report.when == "call" and SEED_PROPERTY in properties:  # what could not be set up says nothing of a seed
            seeds = self._seeds.setdefault(str(properties[TEST_PROPERTY]), {})
            seed = int(str(properties[SEED_PROPERTY]))
            seeds[seed] = seeds.get(seed, False) or report.failed
            if WEAK_PROPERTY in properties:
                why = (str(properties[TEST_PROPERTY]), str(properties[WEAK_PROPERTY]))
                self._weak.setdefault(why, []).append(seed)
        if report.when == "call" and INJECTOR_PROPERTY in properties:
            self._injected[report.nodeid] = str(properties[INJECTOR_PROPERTY])

    def pytest_sessionfinish(self) -> None:
        cache = getattr(self._config, "cache", None)
        if cache is None or not self._seeds or hasattr(self._config, "workerinput"):
            return
        before = _failing(self._config)
        now = {test: failing_now(before.get(test, []), seeds) for test, seeds in self._seeds.items()}
        cache.set(CACHE, {test: seeds for test, seeds in {**before, **now}.items() if seeds})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for item, text in self._injected.items():
            terminalreporter.write_line(f"{text} in {item}")
        for test, seeds in self._seeds.items():
            failed = [seed for seed, fails in seeds.items() if fails]
            ending = f", failed with {seeds_text(sorted(failed))}" if failed else ""
            terminalreporter.write_line(f"chaoskit: {test} tried with seeds {seeds_text(sorted(seeds))}{ending}")
        for (test, why), weak in self._weak.items():
            terminalreporter.write_line(f"chaoskit: {test} proves little with seeds {seeds_text(sorted(weak))}: {why}")


def _begin(item: pytest.Function) -> int:
    """The seed of this item, from now on known to its reports."""
    seed = item.callspec.params[SEED]
    assert isinstance(seed, int), "seeds are whole numbers"
    item.user_properties += [(TEST_PROPERTY, _test_of(item)), (SEED_PROPERTY, seed)]
    return seed


def _marked(item: pytest.Function) -> Marked:
    from chaoskit.testing.marked import read_mark

    mark = item.get_closest_marker(MARK)
    assert mark is not None, "only marked tests come here"
    return read_mark(mark.args, mark.kwargs, folder=item.path.parent)


@contextlib.contextmanager
def _understood(config: pytest.Config) -> Iterator[None]:
    """In the directory where pytest was started, as the command line would be; mistakes are told without a trace."""
    try:
        with contextlib.chdir(config.invocation_params.dir):
            yield
    except Exception as error:
        from chaoskit.core.errors import ModelError, StoreError, UsageError

        if not isinstance(error, UsageError | ModelError | StoreError):
            raise
        raise pytest.fail.Exception(str(error), pytrace=False) from None  # once, not with all that led to it


def _failing(config: pytest.Config) -> dict[str, list[int]]:
    """The failing seeds of earlier test runs, by test; none where there is no cache or nothing of ours in it."""
    cache = getattr(config, "cache", None)
    kept: Any = cache.get(CACHE, {}) if cache is not None else {}
    if not isinstance(kept, dict):
        return {}
    return {
        test: [seed for seed in seeds if isinstance(seed, int)]
        for test, seeds in kept.items()
        if isinstance(test, str) and isinstance(seeds, list)
    }


def _test_of(item: pytest.Function) -> str:
    return item.nodeid.removesuffix(f"[{item.callspec.id}]")


def _again(item: pytest.Function, seed: int) -> str:
    """The command line that runs this test with this seed, from where pytest was started."""
    path = os.path.relpath(item.path, item.config.invocation_params.dir)
    place = _test_of(item).partition("::")[2]
    return shlex.join(["pytest", f"{Path(path).as_posix()}::{place}", f"--chaoskit-seed={seed}"])
