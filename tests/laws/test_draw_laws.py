"""Laws of addressed draws: wherever an address is cut, it is the same address; the hot path draws what the plain one does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.core.units import MILLISECOND
from chaoskit.draws import Draws, Law, address_text, exponential, fold, law_from_text, lognormal, parse_address, salt, uniform
from chaoskit.sim.cause import Cause
from chaoskit.sim.kernel import fate, quantile

quick = settings(deadline=None, derandomize=True, max_examples=200)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=6).filter(
    lambda word: not word.isdecimal()
)
parts = st.lists(words | st.integers(0, 5) | st.integers(0, 2**63), min_size=1, max_size=6)
bits = st.integers(0, 2**64 - 1)
durations = st.integers(0, 100 * MILLISECOND)
laws = (
    st.builds(lambda low, more: uniform(low, low + more), durations, durations)
    | st.builds(exponential, durations)
    | st.builds(lognormal, durations, st.integers(1, 2000))
)


@quick
@given(seed=st.integers(), address=parts, cut=st.integers(0, 6), override=bits)
def test_a_child_is_a_prefix(seed: int, address: list[str | int], cut: int, override: int) -> None:
    """Cut an address anywhere, twice if you like: the draw is the same, and so is its override."""
    free, fixed = Draws(seed), Draws(seed, {address_text(*address): override})
    for draws in (free, fixed):
        below = draws.child(*address[:cut])
        assert below.bits(*address[cut:]) == draws.bits(*address)
        assert below.child().child(*address[cut:]).bits() == draws.bits(*address)
        assert below.shuffle("abcdef", *address[cut:]) == draws.shuffle("abcdef", *address)
    assert fixed.bits(*address) == override


@quick
@given(address=parts)
def test_an_address_comes_back_from_its_text(address: list[str | int]) -> None:
    """Numbers as numbers."""
    assert parse_address(address_text(*address)) == tuple(address)


@quick
@given(one=parts, other=parts)
def test_different_addresses_have_different_keys(one: list[str | int], other: list[str | int]) -> None:
    """64 bits are enough for any run."""
    assert (fold(0, *one) == fold(0, *other)) == (one == other)


@quick
@given(seed=st.integers(), low=st.integers(-(2**40), 2**40), more=st.integers(0, 2**40), address=parts)
def test_an_integer_lies_in_its_range(seed: int, low: int, more: int, address: list[str | int]) -> None:
    """Both ends included."""
    assert low <= Draws(seed).integer(low, low + more, *address) <= low + more


@quick
@given(seed=st.integers(), items=st.lists(st.integers(), max_size=20), count=st.integers(0, 25), address=parts)
def test_a_shuffle_is_a_permutation_and_a_sample_a_part(
    seed: int, items: list[int], count: int, address: list[str | int]
) -> None:
    """A sample keeps the order that its items had."""
    draws = Draws(seed)
    assert sorted(draws.shuffle(items, *address)) == sorted(items)
    sample = draws.sample(list(range(len(items))), count, *address)
    assert len(sample) == min(count, len(items))
    assert sample == sorted(set(sample))


@quick
@given(seed=st.integers(), cause=words, source=words, destination=words, number=st.integers(0, 2**32))
def test_a_packets_fate_is_an_addressed_draw(seed: int, cause: str, source: str, destination: str, number: int) -> None:
    """The network folds `packet/cause/link/n` by itself, to save time."""
    link = f"{source}>{destination}"
    draws = Draws(seed)
    assert fate(Cause(cause).key, salt(link), number, draws.seed_key) == draws.bits("packet", cause, link, number)


@quick
@given(law=laws, value=bits)
def test_the_kernels_table_look_up_is_the_laws(law: Law, value: int) -> None:
    """The kernel has it inlined."""
    assert quantile(law.table, value) == law.sample(value)


@quick
@given(law=laws, one=bits, other=bits)
def test_samples_rise_with_their_bits(law: Law, one: int, other: int) -> None:
    """And stay within the table."""
    low, high = sorted((one, other))
    assert law.table[0] <= law.sample(low) <= law.sample(high) <= law.table[-1]


@quick
@given(law=laws)
def test_a_law_comes_back_from_its_text(law: Law) -> None:
    """Nanosecond by nanosecond."""
    again = law_from_text(law.text)
    assert (again.text, again.table) == (law.text, law.table)
