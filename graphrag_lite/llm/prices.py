"""What models cost, in USD for 1M tokens. Settings override it; an unknown model has no price, never a wrong one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphrag_lite.records import Usage


@dataclass(frozen=True, slots=True)
class Price:
    """USD for 1M prompt and for 1M completion tokens. Discounts for cached prefixes are left out: never too low."""

    input_usd: float
    output_usd: float = 0.0

    def cost_usd(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.input_usd + completion_tokens * self.output_usd) / 1e6


FREE = Price(0.0, 0.0)

# Standard tier, short context, prompt-cache miss. api-docs.deepseek.com/quick_start/pricing as of 2026-11-15: peak
# hours, the others cost half; legacy names are served and billed as flash. developers.openai.com/api/docs/pricing as of
# 2026-10-26, read at second hand; where two readings differed, the higher one stands. From gpt-5.6 on, what enters
# OpenAI's prompt cache costs 1.25 times the input price, and any prompt may: that is what stands here for input.
PRICES = {
    "gpt-4o": Price(2.50, 10.00),
    "gpt-4o-mini": Price(0.15, 0.60),
    "gpt-4.1": Price(2.00, 8.00),
    "gpt-4.1-mini": Price(0.40, 1.60),
    "gpt-4.1-nano": Price(0.10, 0.40),
    "gpt-5": Price(1.25, 10.00),
    "gpt-5-mini": Price(0.25, 2.00),
    "gpt-5-nano": Price(0.05, 0.40),
    "gpt-5.1": Price(1.25, 10.00),
    "gpt-5.2": Price(1.75, 14.00),
    "gpt-5.4": Price(2.50, 15.00),
    "gpt-5.4-mini": Price(0.75, 4.50),
    "gpt-5.4-nano": Price(0.20, 1.25),
    "gpt-5.5": Price(5.00, 30.00),
    "gpt-5.6": Price(6.25, 30.00),
    "gpt-5.6-sol": Price(6.25, 30.00),
    "gpt-5.6-terra": Price(2.50, 12.00),
    "gpt-5.6-luna": Price(0.25, 1.20),
    "gpt-6-astra": Price(12.50, 50.00),
    "gpt-6-sol": Price(2.50, 10.00),
    "gpt-6-luna": Price(0.125, 0.50),
    "gpt-6.1-sol": Price(2.50, 10.00),
    "gpt-6.1-terra": Price(1.25, 5.00),
    "o3": Price(2.00, 8.00),
    "o3-mini": Price(1.10, 4.40),
    "o4-mini": Price(1.10, 4.40),
    "gpt-3.5-turbo": Price(0.50, 1.50),
    "deepseek-flash": Price(0.30, 1.20),
    "deepseek-v4-flash": Price(0.30, 1.20),
    "deepseek-v4-pro": Price(1.32, 3.96),
    "deepseek-chat": Price(0.30, 1.20),
    "deepseek-reasoner": Price(0.30, 1.20),
    "text-embedding-3-small": Price(0.02),
    "text-embedding-3-large": Price(0.13),
    "text-embedding-ada-002": Price(0.10),
}

# A date, "latest" or "preview" behind a name is the same model; any other suffix is another one (gpt-4o-audio).
_VERSION = re.compile(r"-(?:20\d{2}-?\d{2}-?\d{2}|\d{4}|latest|preview)$")


def find_price(
    model: str,
    *,
    input_usd: float = -1.0,
    output_usd: float | None = None,
    is_local: bool = False,
    surcharge: float = 1.0,
) -> Price | None:
    """The price of a model, or None when nobody knows it.

    Args:
        model: As the server calls it; a vendor in front ("openai/gpt-4o") is ignored.
        input_usd: The user's own price for 1M prompt tokens; below 0: not given, as the table says.
        output_usd: The same for completion tokens; None: the model may be one that writes nothing. Of a chat model that
            the table does not know, both are needed.
        is_local: The model runs on the user's machine and costs nothing unless the table knows it.
        surcharge: What its address asks above the table.
    """
    name = model.rsplit("/", 1)[-1].lower()
    known = PRICES.get(name) or PRICES.get(_VERSION.sub("", name)) or (FREE if is_local else None)
    known = known or Price(-1.0, 0.0 if output_usd is None else -1.0)
    prompt = input_usd if input_usd >= 0 else surcharge * known.input_usd
    reply = output_usd if output_usd is not None and output_usd >= 0 else surcharge * known.output_usd
    return Price(prompt, reply) if min(prompt, reply) >= 0 else None


def format_usd(cost_usd: float | None) -> str:
    """An amount as shown beside a running step; "" when nobody knows the price."""
    return "" if cost_usd is None else f"{cost_usd:.4f} USD"


def price_usage(price: Price | None, prompt_tokens: int, completion_tokens: int) -> Usage:
    """The usage of one call; without a price its cost is unknown."""
    cost = None if price is None else price.cost_usd(prompt_tokens, completion_tokens)
    return Usage(calls=1, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, cost_usd=cost)
