"""Registers by key: read, write, compare-and-set; judged by linearizability, key by key.

Written values are distinct by default, which makes every read tell which write it saw; `values` asks for a few that repeat.
"""

from __future__ import annotations

from chaoskit import generate as gen
from chaoskit.check import Checker, Linearizable
from chaoskit.core.op import OK, Op, Value
from chaoskit.core.parameters import Parameter
from chaoskit.generate import Context, Emission, Generator, Place
from chaoskit.spec import spec_from_text
from chaoskit.workloads.workload import Parameters, Workload


class RegisterOps(Generator, frozen=True):
    """Reads, writes and cas in turn, for ever. A cas expects what was last seen of its key, so that it often succeeds.

    Distinct values are numbered by invocation.
    """

    keys: int
    values: int  # 0: every written value is distinct
    weights: tuple[tuple[str, int], ...]
    seen: tuple[Value, ...]
    count: int = 0
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        draws, count = self.standing().draws, self.count
        number = draws.integer(0, self.keys - 1, "key", count)
        value: Value = None
        f = draws.weighted(self.weights, "f", count)
        if f != "read":
            value = draws.integer(0, self.values - 1, "value", count) if self.values else count + 1
        if f == "cas":
            value = [self.seen[number], value]
        emission = gen.Template(f=f, key=f"k{number}", value=value).op(context)
        if emission is None or not isinstance(emission[0], gen.Ask):
            return gen.PENDING, self
        return emission[0], RegisterOps(self.keys, self.values, self.weights, self.seen, count + 1, self.place)

    def update(self, context: Context, event: Op) -> Generator:
        if event.type != OK:
            return self
        number = int(event.key[1:])
        value = event.value[1] if event.f == "cas" else event.value
        seen = (*self.seen[:number], value, *self.seen[number + 1 :])
        return RegisterOps(self.keys, self.values, self.weights, seen, self.count, self.place)


def _main(parameters: Parameters, slots: int) -> Generator:
    keys, reads = parameters["keys"], parameters["reads"]
    rest = 100 - reads
    cas = rest // 3 if parameters["cas"] else 0
    weights = (("read", reads), ("write", rest - cas), ("cas", cas))
    return RegisterOps(keys, parameters["values"], weights, (None,) * keys)


def _probe(parameters: Parameters) -> gen.GeneratorLike:
    return {"f": "read", "key": "k0"}


def _final(parameters: Parameters) -> gen.GeneratorLike:
    """Every client reads every key."""
    return gen.each_thread([{"f": "read", "key": f"k{number}"} for number in range(parameters["keys"])])


def _checkers(parameters: Parameters, final_from: int | None) -> list[Checker]:
    return [Linearizable(spec=spec_from_text("cas-register" if parameters["cas"] else "register"))]


register = Workload(
    name="register",
    summary="read, write and compare-and-set over several keys; linearizable",
    parameters={
        "keys": Parameter(default=3, summary="how many registers", low=1, high=10_000, swarm=(1, 2, 3, 5)),
        "values": Parameter(default=0, summary="how many different values are written; 0: all distinct", low=0, high=1000),
        "reads": Parameter(default=50, summary="reads in a hundred operations", low=0, high=99, swarm=(30, 50, 60)),
        "cas": Parameter(default=True, summary="compare-and-set as well", swarm=(True, True, False)),
    },
    main=_main,
    probe=_probe,
    final=_final,
    checkers=_checkers,
)
