"""What a collection accepts as a name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphrag_lite.index.extract import extract_candidates
from graphrag_lite.index.vocabulary import Counts, Vocabulary, build_vocabulary
from graphrag_lite.records import ExtractedEntity


def vocabulary(*texts: str, titles: tuple[str, ...] = (), stated: tuple[ExtractedEntity, ...] = ()) -> Vocabulary:
    return build_vocabulary(Counts(map(extract_candidates, texts), titles), stated)


def test_first_word_needs_a_capital_elsewhere() -> None:
    assert "zorn" not in vocabulary("Zorn came.").entries
    assert "zorn" in vocabulary("Zorn came.", "We saw Zorn.").entries


def test_word_mostly_in_lower_case_is_no_name() -> None:
    assert "lamp" not in vocabulary("We saw the Lamp, a lamp and a lamp, the lamp, one lamp, his lamp.").entries


def test_discourse_words_and_numbers_are_no_names() -> None:
    found = vocabulary("And, Yeah, it is Right. See Section 3 and the CEO, the Senior Engineer.", "So Okay, I, Well")
    assert not found.entries


def test_headings_of_sections_are_no_names() -> None:
    found = vocabulary(
        "# Zorn\n\nZorn lit it.\n\n## See Also\n\nWe read Release Notes.", "We saw Zorn, see also Ann Lamb."
    )
    assert set(found.entries) == {"zorn", "ann lamb"}


def test_opening_adjective_is_left_out() -> None:
    found = vocabulary("Poor Zorn came. The poor man.", "We saw Zorn, poor and old.")
    assert "poor zorn" not in found.entries
    assert "zorn" in found.entries


def test_small_words_in_capitals_are_no_name() -> None:
    entries = vocabulary(
        "A client MUST NOT wait, we see. You SEE ALSO that MS-DOS, CC-BY-SA and the FTP PRET command do not wait.",
        "They see the bridge. We see it too.",
    ).entries
    assert {"ms dos", "cc by sa", "ftp pret"} <= entries.keys()
    assert entries.keys().isdisjoint({"must not", "see also"})


def test_measures_are_no_names() -> None:
    assert vocabulary("仅支持5GHz频段，内存16GB。").entries == {}


def test_owner_and_thing_are_two_names() -> None:
    found = vocabulary("We saw MIT's Ben Bloomberg.", "He likes MIT.")
    assert {"mit", "ben bloomberg"} <= found.entries.keys()
    assert "mit ben bloomberg" not in found.entries


def test_name_like_titles_are_accepted_and_file_names_are_not() -> None:
    found = vocabulary(titles=("Person-centered therapy", "notes_1.txt", "1984"))
    assert list(found.entries) == ["person centered therapy"]
    assert found.entries["person centered therapy"].kind == "title"


def test_recurring_phrase_is_a_term_with_its_plural() -> None:
    texts = [f"The neural network of part {n}. Some neural networks in {n} pieces." for n in range(4)]
    found = vocabulary(*texts)
    assert found.entries["neural network"].kind == "term"
    assert found.entries["neural networks"].entity_key == "neural network"


def test_stated_entities_are_accepted_with_their_type() -> None:
    found = vocabulary("plain text", stated=(ExtractedEntity("Gear Oil", "product"),))
    assert (found.entries["gear oil"].kind, found.entries["gear oil"].type) == ("stated", "product")


@pytest.mark.parametrize("name", ["many people", "In March", "March", "Rain", "a plan of Zorn"])
def test_what_facts_write_as_no_name_is_a_phrase(name: str) -> None:
    found = vocabulary("It rained; rain came with rain.", stated=(ExtractedEntity(name),))
    assert [entry.kind for entry in found.entries.values()] == ["phrase"]


@pytest.mark.parametrize("name", ["Treaty of Zorn", "1904 Games", "海星"])
def test_what_facts_write_as_a_name_is_one(name: str) -> None:
    assert [e.kind for e in vocabulary(stated=(ExtractedEntity(name),)).entries.values()] == ["stated"]


def test_stated_name_with_its_abbreviation_is_the_name() -> None:
    stated = (ExtractedEntity("Zorn Union (ZU)"), ExtractedEntity("Zorn Union"))
    assert vocabulary(stated=stated).entries["zorn union zu"].entity_key == "zorn union"


def test_display_name_is_the_most_frequent_spelling_without_capitals_only() -> None:
    found = vocabulary("NEIL DEGRASSE TYSON: Hi.\nNEIL DEGRASSE TYSON: So.\nNEIL DEGRASSE TYSON: Yes.",
                       "I met Neil deGrasse Tyson. He met Neil deGrasse Tyson.")  # fmt: skip
    assert found.entries["neil degrasse tyson"].name == "Neil deGrasse Tyson"
    assert found.entries["neil degrasse tyson"].type == "person"


def test_order_of_candidates_does_not_matter() -> None:
    texts = [
        "We saw MIT's Ben Bloomberg.",
        "He likes MIT.",
        "The WHO, World Health Organization (WHO).",
        "In March 2020",
    ]
    assert vocabulary(*texts) == vocabulary(*reversed(texts))


def test_other_documents_do_not_change_an_entry() -> None:
    before = vocabulary("We saw Zorn in Whitehaven.")
    after = vocabulary("We saw Zorn in Whitehaven.", "He likes MIT and Pippa Garrow.")
    assert after.changed_keys(before) == {"mit", "pippa garrow"}


def test_columns_round_trip() -> None:
    found = vocabulary("He met Dr. Jane Smith of the World Health Organization (WHO).", titles=("Zorn",))
    assert replace(Vocabulary.from_columns(found.to_columns()), merges=found.merges) == found


def test_padded_chinese_name_gives_way_to_the_plain_one() -> None:
    text = "客户芬恩泵业来了。" + "芬恩泵业很大。" * 3
    assert "客户芬恩泵业" not in vocabulary(text).entries
