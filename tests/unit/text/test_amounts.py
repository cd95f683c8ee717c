from __future__ import annotations

import time

import pytest

from graphrag_lite.text.amounts import amounts, held_amounts
from graphrag_lite.text.same_amounts import bears_out


def is_borne_out(said: str, source: str) -> bool:
    return any(bears_out(held, amount) for amount in amounts(said) for held in held_amounts(source))


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("400 Nm", "40 Nm"),
        ("40,000 units", "4,000 units"),
        ("1990", "199"),
        ("1.2 million", "120,000"),
        ("1.2 million", "1.2 billion"),
        ("$3 billion", "$3 million"),
        ("£450k", "£45,000"),
        ("1.2亿", "1,200万"),
        ("3千", "三百"),
        ("3万5千", "3,500"),
        ("5%", "0.5%"),
        ("50%", "5 percent"),
        ("百分之五十", "0.05"),
        ("400 million", "440 million"),
        ("1.2 million", "1.3 million"),
        ("2000", "1990"),
        ("45%", "46%"),
        ("1234", "1,200"),
        ("400 Nm", "the torque rises to 40.0 Nm"),
        ("1,200 m", "12 km"),
        ("6000", "hundreds of thousands, in 1862, and 600 of them"),
        ("234", "1,234"),
        ("120万", "十二万"),
        ("400", "four thousand"),
        ("250", "三十五万"),
        ("3 million", "3 pages"),
        ("about 400 Nm", "40 Nm"),
        ("5,000,000", "hundreds of people"),
        ("3 million", "in 40 million homes, 3 of them"),
        ("3 million", "三百元, 3"),
        ("200", "the twelve hundred people"),
    ],
)
def test_another_value_does_not_bear_a_number_out(said: str, source: str) -> None:
    assert not is_borne_out(said, source)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("1.2 million", "1,200,000"),
        ("1.2 million", "1,234,567"),
        ("1,200,000", "1.2 million"),
        ("1.2 million", "1 200 000".replace(" ", "\u202f")),
        ("1.2 million", "1.200.000 Euro"),
        ("1.2 million", "1,2 Millionen Euro"),
        ("$1.2 billion", "$1.2bn"),
        ("£1,200,000", "£1.2m"),
        ("450,000", "450k"),
        ("1.2亿", "120,000,000"),
        ("120,000,000", "1.2亿"),
        ("1.2亿", "一亿二千万"),
        ("3千", "3000"),
        ("3万5千", "35,000"),
        ("35,000", "三万五千"),
        ("35,000", "三万五"),
        ("120万", "1,234,567"),
        ("1.5万亿", "一万五千亿"),
        ("50%", "0.5"),
        ("50%", "half of them"),
        ("0.125", "12.5%"),
        ("50%", "百分之五十"),
        ("75%", "四分之三"),
        ("70%", "七成"),
        ("33%", "one third of them"),
        ("0.5%", "50 basis points"),
        ("46%", "45.7%"),
        ("350,000", "three hundred and fifty thousand"),
        ("500,000", "half a million"),
        ("1.5 million", "one and a half million"),
        ("1905", "nineteen hundred and five"),
        ("1,200 m", "1.2 km"),
        ("400 W", "0.4 kW"),
        ("1200米", "1.2公里"),
        ("12,000 kg", "12 tonnes"),
        ("120 cm", "1.2 m"),
        ("2 million", "between 2 and 3 million"),
        ("$2 billion", "$2-3bn"),
        ("2万", "2至3万"),
        ("$1,234 million", "Revenue 1,234 1,102"),
        ("$1.2 million", "(in thousands) Revenue 1,234"),
        ("1234万元", "单位：万元 收入 1234"),
        ("1.2 million", "1.2 × 10^6"),
        ("850,000", "nearly a million"),
        ("300", "several hundred"),
        ("3,000,000", "数百万"),
        ("5,000", "4,980"),
        ("10 million", "9.8 million"),
        ("1865", "1862-65"),
        ("2024", "minutes-20240305.txt"),
        ("2024", "03.2024"),
        ("about 400", "370"),
        ("1,234.5", "1234.5"),
        ("1,50,000", "1.5 lakh"),
        ("24", "two dozen"),
        ("35,000", "3,5万"),
        ("1200万", "1,200万"),
        ("200", "a couple hundred people"),
        ("300,000", "several hundred thousand people"),
        ("1.2 million", "one point two million"),
        ("3.14", "three point one four"),
        ("20%", "one in five"),
        ("75%", "3/4 of them"),
        ("75%", "3 out of every 4"),
        ("40%", "two fifths"),
        ("1,200,000", "un total de 1 200 000 euros"),
        ("120만", "1,200,000"),
    ],
)
def test_any_way_to_write_a_value_bears_a_number_out(said: str, source: str) -> None:
    assert is_borne_out(said, source)


@pytest.mark.parametrize(
    "text",
    [
        "1.200.000万",
        "1.200.万",
        "0,0%",
        "0分之0",
        "1,234 " * 3000,
        "1," * 5000,
        "12," * 5000,
        "1" * 20000,
        "万" * 3000,
        "a hundred " * 3000,
        "1.234." * 3000,
    ],
)
def test_no_text_takes_long_or_fails(text: str) -> None:
    started = time.perf_counter()
    held_amounts(text)
    assert time.perf_counter() - started < 5  # of these the slowest takes a tenth of a second
