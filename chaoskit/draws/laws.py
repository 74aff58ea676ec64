"""Integer probability laws: constant, uniform, exponential, lognormal, bimodal, Pareto.

A law is a table of its inverse distribution function: `CELLS` cells of equal probability, the last of them refined into
`TAIL` more, with straight lines between. One multiplication turns 64 bits into a value, with no `log` and no `exp`: those
differ between C libraries, and equal bytes on any machine is a promise. Tails are cut at the quantile 1 - 2⁻²⁰.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from functools import lru_cache

from chaoskit.core.errors import UsageError
from chaoskit.core.units import MILLION, format_duration, format_probability, parse_duration, parse_probability
from chaoskit.draws.quantiles import EXPONENTIAL, NORMAL, ONE

CELLS = 1024
TAIL = 256  # cells into which the last one is refined
POINTS = CELLS + TAIL  # both ends of every cell: CELLS - 1 whole ones and TAIL parts of the last
VALUE_MAX = 1 << 62
THOUSANDTHS_MAX = 10_000  # of sigma and alpha: more is no law of anything


class Law:
    """A probability law over integers (nanoseconds, bytes, counts), named by the text that parses to it."""

    __slots__ = ("table", "text")

    def __init__(self, text: str, table: list[int]) -> None:
        assert len(table) == POINTS, "a law's table covers every cell"
        self.text = text
        self.table = table

    def __repr__(self) -> str:
        return f"Law({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Law) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def sample(self, bits: int) -> int:
        """The value for 64 uniform bits. Reads the upper 40 only, so that the lower ones may decide something else."""
        cell = bits >> 54
        if cell < CELLS - 1:
            within = (bits >> 34) & 0xFFFFF
        else:
            cell = CELLS - 1 + ((bits >> 46) & (TAIL - 1))
            within = (bits >> 26) & 0xFFFFF
        table = self.table
        low = table[cell]
        return low + ((table[cell + 1] - low) * within >> 20)


def constant(value: int) -> Law:
    """Always the same."""
    return _constant(value)


def uniform(low: int, high: int) -> Law:
    """Every value from low to high as likely."""
    return _uniform(low, high)


def exponential(mean: int) -> Law:
    """Memoryless with this mean: the law of independent arrivals."""
    return _exponential(mean)


def lognormal(median: int, sigma: int) -> Law:
    """The usual law of network latencies: half are under `median`; `sigma` is the logarithm's deviation in thousandths."""
    return _lognormal(median, sigma)


def bimodal(usual: int, rare: int, rare_ppm: int) -> Law:
    """`usual`, but `rare` with a probability in ppm; between them in one cell (1/1024, in the tail 1/262144)."""
    return _bimodal(usual, rare, rare_ppm)


def pareto(least: int, alpha: int) -> Law:
    """Heavy-tailed: at least `least`, P(X > x) = (least / x)^alpha; `alpha` in thousandths."""
    return _pareto(least, alpha)


@lru_cache(maxsize=512)
def _constant(value: int) -> Law:
    return Law(f"constant:{format_duration(value)}", [value] * POINTS)


@lru_cache(maxsize=512)
def _uniform(low: int, high: int) -> Law:
    table = [low + (high - low + 1) * place // (CELLS * TAIL) for place in _places()]  # its end, high + 1, is never reached
    return Law(f"uniform:{format_duration(low)}..{format_duration(high)}", table)


@lru_cache(maxsize=512)
def _exponential(mean: int) -> Law:
    return Law(f"exponential:{format_duration(mean)}", [mean * quantile // ONE for quantile in EXPONENTIAL])


@lru_cache(maxsize=512)
def _lognormal(median: int, sigma: int) -> Law:
    table = [_scaled_power(median, quantile * sigma // 1000) for quantile in NORMAL]
    return Law(f"lognormal:{format_duration(median)},sigma={_thousandths(sigma)}", table)


@lru_cache(maxsize=512)
def _bimodal(usual: int, rare: int, rare_ppm: int) -> Law:
    first_rare = CELLS * TAIL * (MILLION - rare_ppm) // MILLION
    table = [rare if place >= first_rare else usual for place in _places()]
    return Law(f"bimodal:{format_duration(usual)},{format_duration(rare)},{format_probability(rare_ppm)}", table)


@lru_cache(maxsize=512)
def _pareto(least: int, alpha: int) -> Law:
    table = [_scaled_power(least, quantile * 1000 // alpha) for quantile in EXPONENTIAL]
    return Law(f"pareto:{format_duration(least)},alpha={_thousandths(alpha)}", table)


_TEXT = re.compile(r"^(constant|uniform|exponential|lognormal|bimodal|pareto):(.+)$")
_EXPECTED = (
    "constant:5ms, uniform:1ms..10ms, exponential:5ms, lognormal:5ms,sigma=0.5, bimodal:1ms,50ms,5% or pareto:1ms,alpha=1.5"
)


@lru_cache(maxsize=512)
def law_from_text(text: str, *, name: str = "law") -> Law:
    """The law that a text names, e.g. `lognormal:5ms,sigma=0.5`. Raises `UsageError`.

    >>> law_from_text("uniform:1ms..10ms").text
    'uniform:1ms..10ms'
    """
    match = _TEXT.match(text)
    try:
        if match is None:
            raise ValueError(text)
        kind, rest = match[1], match[2]
        if kind == "constant":
            return constant(parse_duration(rest))
        if kind == "exponential":
            return exponential(parse_duration(rest))
        if kind == "uniform":
            low, high = rest.split("..")
            if parse_duration(low) > parse_duration(high):
                raise ValueError(text)
            return uniform(parse_duration(low), parse_duration(high))
        if kind == "bimodal":
            usual, rare, share = rest.split(",")
            return bimodal(parse_duration(usual), parse_duration(rare), parse_probability(share))
        first, second = rest.split(",")
        option = {"lognormal": "sigma=", "pareto": "alpha="}[kind]
        thousandths = int(Decimal(second.removeprefix(option)) * 1000)
        if not second.startswith(option) or not 0 < thousandths <= THOUSANDTHS_MAX:
            raise ValueError(text)
        return (lognormal if kind == "lognormal" else pareto)(parse_duration(first), thousandths)
    except (ValueError, ArithmeticError, UsageError) as error:
        raise UsageError(f"expected a law such as {_EXPECTED} but got {name}={text!r}.") from error


def _places() -> list[int]:
    """The probability of each table point, in 1 / (CELLS * TAIL)."""
    whole = [cell * TAIL for cell in range(CELLS - 1)]
    return whole + [(CELLS - 1) * TAIL + part for part in range(TAIL + 1)]


def _thousandths(value: int) -> str:
    return f"{value / 1000:g}"


def _scaled_power(base: int, exponent: int) -> int:
    """base * e^(exponent / ONE), rounded down, in integers."""
    powers, log2_e = _powers_of_two()
    binary = exponent * log2_e >> 32  # the exponent of 2, in ONEths
    whole, rest = divmod(binary, ONE)
    cell, within = divmod(rest * 256, ONE)
    fraction = powers[cell] + ((powers[cell + 1] - powers[cell]) * within) // ONE
    value = base * fraction << whole if whole >= 0 else base * fraction >> -whole
    return min(value >> 32, VALUE_MAX)


@lru_cache(maxsize=1)
def _powers_of_two() -> tuple[list[int], int]:
    """2^(i/256) for i = 0 … 256 and log2(e), in 2⁻³²: by `decimal`, whose results are correctly rounded everywhere."""
    with localcontext() as context:
        context.prec = 30
        ln2 = Decimal(2).ln()
        powers = [int((ln2 * i / 256).exp() * 2**32) for i in range(257)]
        return powers, int(2**32 / ln2)
