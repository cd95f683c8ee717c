"""Counts what models cost, and never lets a run pass its budget."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from graphrag_lite.errors import BudgetExceededError, SettingsError
from graphrag_lite.llm.prices import Price, price_usage
from graphrag_lite.llm.protocols import ChatRequest
from graphrag_lite.llm.tokens import EstimatingTokenizer, count_messages
from graphrag_lite.records import Usage

NO_MONEY_USD = 1e-9  # a cap under which nothing is asked but what is free
_ROUNDING_USD = 1e-12


class Reservation:
    """Money set aside for one call until its true cost is known."""

    def __init__(self, worst_usd: float) -> None:
        self.worst_usd = worst_usd
        self.actual_usd = worst_usd  # what is not known to be free counts in full: the server may have billed it
        self.is_settled = False

    def settle(self, cost_usd: float) -> None:
        """The call cost this much."""
        self.actual_usd = cost_usd
        self.is_settled = True


class UsageMeter:
    """Adds up usage and guards the budget of one model, for as long as it is open; shared by threads.

    The guard reserves the worst case before a call and settles it afterwards, so what the server counts stays under
    the cap however many calls are under way. A call that does not fit now waits for those under way to settle.
    """

    def __init__(self, max_usd: float = 0.0) -> None:
        """`max_usd` 0 means no cap."""
        self.max_usd = max_usd
        self._usage = Usage()
        self._lost_usd = 0.0
        self._reserved_usd = 0.0
        self._charged_usd = 0.0
        self._settled = threading.Condition()

    @property
    def usage(self) -> Usage:
        """Everything so far."""
        with self._settled:
            return self._usage

    @property
    def lost_usd(self) -> float:
        """What calls that broke off have cost at most: they count against the cap, and in no usage."""
        with self._settled:
            return self._lost_usd

    def record(self, usage: Usage) -> None:
        """Add the usage of one call, paid or cached."""
        with self._settled:
            self._usage += usage

    def pay(self, cost_usd: float) -> None:
        """Hold the cost of calls that an earlier run has sent against the cap."""
        with self._settled:
            self._charged_usd += cost_usd

    @contextmanager
    def reserve(
        self, model: str, price: Price | None, prompt_tokens: int, completion_tokens: int
    ) -> Iterator[Reservation]:
        """Set aside what a call can cost at worst, for as long as it runs.

        Raises:
            BudgetExceededError: It could pass the cap even if every call under way were free.
            SettingsError: There is a cap and nobody knows the model's price.
        """
        if price is None and self.max_usd > NO_MONEY_USD:
            raise SettingsError(
                f"The price of {model} is unknown, so a budget cannot be held. "
                "Set both llm.price_input_usd and llm.price_output_usd (USD for 1M tokens; 0: it costs nothing)."
            )
        if price is None:
            worst = math.inf if self.max_usd else 0.0
        else:
            worst = price.cost_usd(prompt_tokens, completion_tokens)
        self._set_aside(worst, model)
        reservation = Reservation(worst)
        try:
            yield reservation
        except BaseException:
            with self._settled:
                self._lost_usd += 0.0 if reservation.is_settled else worst
            raise
        finally:
            with self._settled:
                self._reserved_usd -= worst
                self._charged_usd += reservation.actual_usd
                self._settled.notify_all()

    def _set_aside(self, worst_usd: float, model: str) -> None:
        with self._settled:
            while self.max_usd and self._charged_usd + self._reserved_usd + worst_usd > self.max_usd + _ROUNDING_USD:
                if self._charged_usd + worst_usd > self.max_usd + _ROUNDING_USD:
                    raise BudgetExceededError(
                        f"{self._reason(worst_usd, model)} Raise the budget and run again: what was paid for is kept."
                    )
                self._settled.wait()
            self._reserved_usd += worst_usd

    def _reason(self, worst_usd: float, model: str) -> str:
        if self.max_usd <= NO_MONEY_USD:
            return f"The budget leaves nothing for {model}, so it was not asked."
        worst, spent, most = map(_short_usd, (worst_usd, self._charged_usd, self.max_usd))
        return f"The next call of {model} could cost {worst} USD; {spent} of the budget of {most} USD are spent."


def _short_usd(amount: float) -> str:
    """An amount whose first digits show, however small: embeddings cost next to nothing."""
    return f"{amount:.4f}" if amount >= 0.001 or not amount else f"{amount:.8f}"


def estimated_usage(price: Price | None, request: ChatRequest, written: str) -> Usage:
    """About what a call has cost that broke off after it had written so much: it is on the bill, and nobody counted."""
    return price_usage(price, count_messages(request.messages), EstimatingTokenizer().count(written))
