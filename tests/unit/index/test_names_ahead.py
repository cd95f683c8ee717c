from __future__ import annotations

import pytest

from graphrag_lite.index import names_ahead
from graphrag_lite.index.names_ahead import NamesAhead, count_names
from graphrag_lite.records import Chunk
from graphrag_lite.text.tokens import estimate_tokens


def chunk(number: int, text: str) -> Chunk:
    return Chunk(f"c{number}", "d", number, 0, len(text), text, f"hash of {text}")


def test_a_name_counts_once_for_each_text_that_has_it() -> None:
    texts = [
        "It was told that Ada Renn met Tom Vashley and Ada Renn.",
        "They asked Ada Renn.",
        "They asked Ada Renn.",
        "Nobody came.",
    ]
    names = count_names([chunk(number, text) for number, text in enumerate(texts)])
    assert sorted(names.counts) == [1, 2]
    assert names.times == 1
    assert names.per_token == pytest.approx(3 / sum(map(estimate_tokens, {*texts})))


def test_chinese_names_are_counted() -> None:
    assert count_names([chunk(0, "王小波先生在北京大学教书。"), chunk(1, "北京大学在北京市。")]).distinct >= 2


def test_what_stands_in_a_list_is_counted() -> None:
    text = "\n".join(f"{given} Vashley, {place}" for given in ("Ada", "Tom", "Ida") for place in ("Kelder", "Thorsby"))
    names = count_names([chunk(0, text)])
    assert names.distinct == 5
    assert names.per_token == pytest.approx(5 / estimate_tokens(text))


def test_no_chunks_have_no_names() -> None:
    assert count_names([]).distinct == NamesAhead().distinct == 0
    assert count_names([]).frequent(0, 9) == (0, 0)


def test_a_large_corpus_is_told_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f"Here Ada Renn met Captain Number{n:b}".replace("1", "l").replace("0", "o") + " today." for n in range(400)
    ]
    chunks = [chunk(number, text) for number, text in enumerate(texts)]
    whole = count_names(chunks)
    monkeypatch.setattr(names_ahead, "_MOST_CHUNKS_READ", 100)
    sample = count_names(chunks)
    assert len(sample.counts) < len(whole.counts) / 3
    assert sample.distinct == pytest.approx(len(whole.counts), rel=0.1)
    assert sample.frequent(50, 1000) == (1, 400) == whole.frequent(50, 1000)
    assert sample.frequent(50, 300) == (1, 300) == whole.frequent(50, 300)
    assert sample.per_token == pytest.approx(whole.per_token, rel=0.1)
