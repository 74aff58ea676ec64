"""Writes `quantiles.py`: the inverse distribution functions of the standard exponential and normal laws as integers.

Run `python -m chaoskit.draws.generate_quantiles` to make it anew; a test checks that the stored tables are what this gives.
"""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

CELLS, TAIL, ONE = 1024, 256, 1 << 20
_CUT = 2.0**-20  # where both tails end


def probabilities() -> list[float]:
    """The probability at each table point, tails cut."""
    points = [cell / CELLS for cell in range(CELLS - 1)]
    points += [(CELLS - 1) / CELLS + part / (CELLS * TAIL) for part in range(TAIL + 1)]
    return [min(max(point, _CUT), 1 - _CUT) for point in points]


def exponential_table() -> list[int]:
    return [0 if p == _CUT else round(-math.log1p(-p) * ONE) for p in probabilities()]


def normal_table() -> list[int]:
    return [round(NormalDist().inv_cdf(p) * ONE) for p in probabilities()]


def _lines(name: str, table: list[int]) -> str:
    rows = [", ".join(map(str, table[start : start + 12])) for start in range(0, len(table), 12)]
    return f"{name}: list[int] = [\n" + "".join(f"    {row},\n" for row in rows) + "]\n"


def main() -> None:
    text = (
        '"""Inverse distribution functions in 2⁻²⁰, made by `generate_quantiles.py`: do not edit."""\n\n'
        f"ONE = 1 << 20\n\n{_lines('EXPONENTIAL', exponential_table())}\n{_lines('NORMAL', normal_table())}"
    )
    Path(__file__).with_name("quantiles.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
