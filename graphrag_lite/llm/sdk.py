"""The `openai` SDK, imported at half the CPU time: the types of what is never called here are put off."""

from __future__ import annotations

from graphrag_lite.deferred import defer_package

defer_package("openai.types")
defer_package("openai.types.responses")

import openai  # noqa: E402  # once they are put off

__all__ = ["openai"]
