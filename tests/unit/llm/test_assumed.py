from __future__ import annotations

from typing import Any

from graphrag_lite.llm.assumed import describe_assumptions
from graphrag_lite.settings import LLMSettings


def described(**values: Any) -> str:
    return " ".join(describe_assumptions(LLMSettings(**values)))


def test_who_names_a_model_as_ollama_does_is_told_where_it_is_asked() -> None:
    assert "http://localhost:11434" in described(model="qwen2.5:7b")
    assert described(model="qwen2.5:7b", provider="ollama") == ""
    assert described(model="qwen2.5:7b", base_url="http://localhost:11434/v1") == ""
    assert described(model="deepseek-flash") == ""


def test_a_model_that_is_free_by_its_address_alone_is_told() -> None:
    url = "http://127.0.0.1:4000/v1"
    assert "counts as free" in described(model="any", base_url=url)
    assert described(model="any", base_url=url, provider="vllm") == ""
    assert described(model="gpt-4o-mini", base_url=url) == ""
    assert described(model="any", base_url=url, price_input_usd=1.0) == ""
    assert described(model="any", base_url="http://10.0.0.5:4000/v1") == ""
