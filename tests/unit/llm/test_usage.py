from __future__ import annotations

import contextlib
import threading
import time

import pytest

from graphrag_lite.errors import BudgetExceededError, SettingsError
from graphrag_lite.llm.prices import FREE, Price
from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.llm.tokens import EstimatingTokenizer, most_prompt_tokens, most_tokens
from graphrag_lite.llm.usage import NO_MONEY_USD, UsageMeter
from graphrag_lite.records import Usage

PRICE = Price(1.0, 1.0)


def is_left(meter: UsageMeter, usd: float) -> bool:
    """Whether a call that can cost so much still fits."""
    try:
        with meter.reserve("m", PRICE, round(usd * 1e6), 0) as reservation:
            reservation.settle(0.0)
    except BudgetExceededError:
        return False
    return True


def test_the_worst_case_is_reserved_and_the_true_cost_charged() -> None:
    meter = UsageMeter(max_usd=1.0)
    with meter.reserve("m", PRICE, 400_000, 500_000) as reservation:
        reservation.settle(0.1)
    assert (is_left(meter, 0.9), is_left(meter, 0.91), meter.lost_usd) == (True, False, 0.0)


def test_a_call_that_could_pass_the_cap_is_refused() -> None:
    meter = UsageMeter(max_usd=0.5)
    with pytest.raises(BudgetExceededError, match="Raise the budget"), meter.reserve("m", PRICE, 400_000, 500_000):
        pass


@pytest.mark.parametrize("price", [PRICE, None], ids=["known", "unknown"])
def test_a_cap_of_nothing_lets_only_free_calls_through(price: Price | None) -> None:
    meter = UsageMeter(max_usd=NO_MONEY_USD)
    with meter.reserve("m", FREE, 1000, 1000):
        pass
    with pytest.raises(BudgetExceededError, match="leaves nothing for m"), meter.reserve("m", price, 1, 0):
        pass


def test_the_digits_of_a_small_amount_are_told() -> None:
    meter = UsageMeter(max_usd=0.00002)
    with pytest.raises(BudgetExceededError, match=r"0\.00003000 USD; 0\.0000 of"), meter.reserve("m", PRICE, 30, 0):
        pass


def test_a_call_that_broke_off_counts_in_full() -> None:
    meter = UsageMeter(max_usd=1.0)
    with pytest.raises(ValueError, match="x"), meter.reserve("m", PRICE, 900_000, 0):
        raise ValueError("x")
    assert (is_left(meter, 0.1), is_left(meter, 0.11)) == (True, False)
    assert meter.lost_usd == pytest.approx(0.9)
    assert meter.usage == Usage()


def test_what_a_call_of_unknown_price_has_lost_is_not_made_up() -> None:
    meter = UsageMeter()
    with contextlib.suppress(ValueError), meter.reserve("m", None, 900_000, 0):
        raise ValueError
    assert meter.lost_usd == 0


def test_what_an_earlier_run_has_spent_counts_against_the_cap() -> None:
    meter = UsageMeter(max_usd=1.0)
    meter.pay(0.75)
    assert (is_left(meter, 0.25), is_left(meter, 0.26), meter.usage) == (True, False, Usage())


def test_a_call_that_failed_for_nothing_is_not_lost() -> None:
    meter = UsageMeter()
    with contextlib.suppress(ValueError), meter.reserve("m", PRICE, 900_000, 0) as reservation:
        reservation.settle(0.0)
        raise ValueError
    assert meter.lost_usd == 0


def test_a_call_waits_for_those_under_way_to_settle() -> None:
    meter = UsageMeter(max_usd=1.0)
    order: list[str] = []

    def second() -> None:
        with meter.reserve("m", PRICE, 600_000, 0) as reservation:
            order.append("second")
            reservation.settle(0.1)

    with meter.reserve("m", PRICE, 600_000, 0) as reservation:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.05)
        order.append("first")
        reservation.settle(0.1)
    thread.join(5)
    assert order == ["first", "second"]


def test_a_budget_needs_a_price() -> None:
    with pytest.raises(SettingsError, match="price_input_usd"), UsageMeter(max_usd=1.0).reserve("m", None, 1, 1):
        pass


def test_without_a_cap_nothing_is_refused() -> None:
    with UsageMeter().reserve("m", FREE, 10**9, 10**9):
        pass


def test_usage_adds_up() -> None:
    meter = UsageMeter()
    meter.record(Usage(calls=1, prompt_tokens=5, cost_usd=0.5))
    meter.record(Usage(calls=1, prompt_tokens=7, cost_usd=0.25))
    assert meter.usage == Usage(calls=2, prompt_tokens=12, cost_usd=0.75)


@pytest.mark.parametrize(
    "text", ["Hello world, how are you?", "鲁迅是作家", "xk$%9 zz 12345", "naïve café", "\n\n\t  a", "🙂" * 5]
)
def test_the_bound_covers_a_byte_per_odd_character_and_half_a_token_per_letter(text: str) -> None:
    words = text.split()
    letters = sum(character.isascii() and character.isalpha() for character in text)
    odd = [character for character in text if not (character.isascii() and character.isalpha()) and character != " "]
    assert most_tokens(text) >= letters / 2 + len("".join(odd).encode())
    assert most_tokens(text) >= EstimatingTokenizer().count(text) - text.count(" ")
    assert most_tokens(text) <= len(text.encode()) + len(words)


def test_the_bound_counts_the_schema() -> None:
    plain = ChatRequest((Message("user", "hi"),))
    shaped = ChatRequest((Message("user", "hi"),), schema={"type": "object"})
    assert most_prompt_tokens(shaped) > most_prompt_tokens(plain)
