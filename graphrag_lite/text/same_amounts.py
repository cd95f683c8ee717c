"""Whether a number of a sentence is one that its sources give, rounds it, sums it up, or has lost a digit of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, chain, combinations

from graphrag_lite.text.amounts import ROUNDED_DIGITS, Amount

_TABLE_FACTORS = (1e3, 1e4, 1e6, 1e8, 1e9)
_SAME_DIGITS = 2  # that two numbers of one unit share by mistake rather than by chance
_TELLING_DIGITS = 3  # that no other number of a text shares by chance
_MOST_RECKONED = 60  # numbers of the sources, in order
_RECKONED_OFF = 0.005  # of a sum
_MOST_OFF = 0.1  # of a value, however few digits are left of it
_ABOUT = 1.25  # factor: how far off a number may be that a source calls approximate
_ROUGHLY_SAID = 5.0  # factor: how far off one may be that the sentence calls so


def bears_out(held: Amount, said: Amount) -> bool:
    """Whether a number of a source is the one that a sentence gives, or what that rounds."""
    if held.most:
        return any(held.values[0] <= value < held.most for value in said.values)
    if any(_is_near(one, other, said, held) for one in held.values for other in said.values):
        return True
    # The cell of a table whose head, with what its figures are in, stands elsewhere.
    digits = said.written.strip("0")
    is_cell = held.scale == 1 != said.scale and len(digits) >= _TELLING_DIGITS and digits == held.written.strip("0")
    return is_cell and any(math.isclose(held.values[0] * f, said.values[0]) for f in _TABLE_FACTORS)


def is_misplaced(held: Sequence[Amount], said: Amount) -> bool:
    """Whether sources give a number only in another order of magnitude: 186,000 pounds, and not 18,600 pounds.

    Thousands and the like may be what a table is in.
    """
    digits = said.written.strip("0")
    if len(digits) < _SAME_DIGITS or not said.unit or any(bears_out(one, said) for one in held):
        return False
    same = [one for one in held if one.unit == said.unit and one.written.strip("0") == digits]
    return bool(same) and not any(_is_in_other_units(one, said) for one in same)


def _is_in_other_units(held: Amount, said: Amount) -> bool:
    ratio = max(held.values[0], said.values[0]) / min(held.values[0], said.values[0])
    return any(math.isclose(ratio, factor) for factor in _TABLE_FACTORS)


def is_reckoned(held: Sequence[Amount], said: Amount) -> bool:
    """Whether a sum that a sentence gives is one, or a difference, of those that its sources name."""
    if not _is_sum(said):
        return False
    values = [amount.values[0] for amount in held if _is_sum(amount)][:_MOST_RECKONED]
    pairs = (value for one, other in combinations(values, 2) for value in (one + other, abs(one - other)))
    totals = (total for start in range(len(values)) for total in accumulate(values[start:]))
    off = min(said.step, _RECKONED_OFF) * said.values[0]
    return any(abs(value - said.values[0]) <= off for value in chain(pairs, totals))


def _is_sum(amount: Amount) -> bool:
    """Whether a number is one of those that are added up, as money is and years are not."""
    is_long = len(amount.written) >= ROUNDED_DIGITS
    return len(amount.written) >= _TELLING_DIGITS and (amount.is_marked or amount.scale != 1 or is_long)


def _is_near(held: float, said: float, sentence: Amount, source: Amount) -> bool:
    if math.isclose(held, said, rel_tol=1e-9):
        return True
    if not held or not said:
        return False
    factor = max(held, said) / min(held, said)
    if sentence.is_rough or source.is_rough:
        return factor <= (_ROUGHLY_SAID if sentence.is_rough else _ABOUT)
    off = abs(held - said) / said
    return off < sentence.step * (1 - 1e-9) and off <= _MOST_OFF
