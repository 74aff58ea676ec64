"""The stored quantile tables are what their generator makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaoskit.draws import generate_quantiles, laws, quantiles


def test_the_stored_tables_are_what_the_generator_gives() -> None:
    """Within one unit of 2⁻²⁰: `log1p` may differ in its last place between C libraries, which is why they are stored."""
    for stored, made in (
        (quantiles.EXPONENTIAL, generate_quantiles.exponential_table()),
        (quantiles.NORMAL, generate_quantiles.normal_table()),
    ):
        assert len(stored) == len(made) == laws.POINTS
        assert max(abs(one - other) for one, other in zip(stored, made, strict=True)) <= 1


def test_generator_and_laws_agree_on_the_tables_shape() -> None:
    """Cells, tail and unit are written down twice: the generator must not import what it makes."""
    assert (generate_quantiles.CELLS, generate_quantiles.TAIL, generate_quantiles.ONE) == (laws.CELLS, laws.TAIL, quantiles.ONE)


def test_the_normal_table_is_symmetric_and_both_rise() -> None:
    """Half of a normal law lies below nought."""
    middle = laws.CELLS // 2
    assert quantiles.NORMAL[middle] == 0
    assert all(quantiles.NORMAL[middle - cell] == -quantiles.NORMAL[middle + cell] for cell in range(1, middle - 1))
    for table in (quantiles.EXPONENTIAL, quantiles.NORMAL):
        assert table == sorted(table)


def test_the_generator_writes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is stored, but for the last digit."""
    written = tmp_path / "quantiles.py"
    monkeypatch.setattr(generate_quantiles, "__file__", str(tmp_path / "generate_quantiles.py"))
    generate_quantiles.main()
    text, stored = written.read_text(encoding="utf-8"), Path(quantiles.__file__).read_text(encoding="utf-8")
    assert text.split("\n")[0] == stored.split("\n")[0]
    assert len(text) == len(stored)
