from __future__ import annotations

from graphrag_lite.llm.assumed import describe_assumptions
from graphrag_lite.settings import LLMSettings


def described(**values: str) -> str:
    return " ".join(describe_assumptions(LLMSettings(**values)))


def test_who_names_a_model_as_ollama_does_is_told_where_it_is_asked() -> None:
    assert "http://localhost:11434" in described(model="qwen2.5:7b")
    assert described(model="qwen2.5:7b", provider="ollama") == ""
    assert described(model="qwen2.5:7b", base_url="http://localhost:11434/v1") == ""
    assert described(model="deepseek-flash") == ""
