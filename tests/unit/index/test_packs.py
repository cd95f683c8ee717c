from __future__ import annotations

import hashlib

from graphrag_lite.index.packs import Pack, PackLengths, plan_extraction
from graphrag_lite.records import Chunk
from graphrag_lite.settings import ExtractSettings
from graphrag_lite.text.tokens import estimate_tokens


def chunk(text: str, number: int = 0) -> Chunk:
    text_hash = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return Chunk(f"c{number}", "d", number, 0, len(text), text, text_hash)


def chunks(count: int, words: int = 100) -> list[Chunk]:
    return [chunk(f"Passage {n}. " + "word " * words, n) for n in range(count)]


def test_packs_hold_neighbours_up_to_the_limit() -> None:
    packs = plan_extraction(chunks(40), ExtractSettings(pack_tokens=600))
    assert [c.ordinal for pack in packs for c in pack.chunks] == list(range(40))
    assert all(pack.tokens <= 600 * 1.3 for pack in packs)
    assert len(packs) == -(-sum(estimate_tokens(c.text) for c in chunks(40)) // 600)


def test_packs_fill_the_last_round_of_calls() -> None:
    assert len(plan_extraction(chunks(60), ExtractSettings(pack_tokens=600), concurrency=8)) % 8 == 0


def pack(tokens: int) -> Pack:
    return Pack((chunk("word " * (tokens // 2)), chunk("word " * (tokens // 2), 1)))


def test_packs_are_too_long_where_some_as_long_were_cut_off() -> None:
    lengths = PackLengths()
    for _ in range(4):
        lengths.note(pack(1000), is_cut_off=False)
    assert not lengths.is_too_long(pack(1000))
    for _ in range(2):
        lengths.note(pack(1000), is_cut_off=True)
    assert lengths.is_too_long(pack(1000))
    assert lengths.is_too_long(pack(1500))
    assert not lengths.is_too_long(pack(500))


def test_a_few_dense_packs_among_many_shorten_no_other() -> None:
    lengths = PackLengths()
    lengths.note(pack(1000), is_cut_off=True)
    assert not lengths.is_too_long(pack(1000))
    lengths.note(pack(1000), is_cut_off=True)
    for _ in range(30):
        lengths.note(pack(1000), is_cut_off=False)
    assert not lengths.is_too_long(pack(1000))


def test_a_single_chunk_is_never_halved_unasked() -> None:
    lengths = PackLengths()
    for _ in range(5):
        lengths.note(pack(1000), is_cut_off=True)
    assert not lengths.is_too_long(Pack((chunk("word " * 2000),)))


def test_equal_texts_are_asked_once_and_blank_ones_never() -> None:
    packs = plan_extraction([chunk("Same.", 0), chunk("  ", 1), chunk("Same.", 2)], ExtractSettings())
    assert [c.ordinal for c in packs[0].chunks] == [0]


def test_languages_do_not_share_a_pack() -> None:
    packs = plan_extraction([chunk("English text."), chunk("鲁迅是中国作家。", 1)], ExtractSettings())
    assert sorted(pack.language for pack in packs) == ["en", "zh"]


def test_the_most_important_pack_comes_first() -> None:
    items = chunks(30)
    packs = plan_extraction(items, ExtractSettings(pack_tokens=300), priority={items[20].text_hash: 1.0})
    assert items[20] in packs[0].chunks
