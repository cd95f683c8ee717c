"""Mentions and merges of one document."""

from __future__ import annotations

from itertools import pairwise

import pytest

from graphrag_lite.index.extract import extract_candidates
from graphrag_lite.index.match import match_document
from graphrag_lite.index.vocabulary import Counts, build_vocabulary
from graphrag_lite.records import ExtractedEntity
from graphrag_lite.settings import ResolveSettings

STORY = "Bob Cratchit met Mrs. Cratchit. Bob said so. Then Mr. Cratchit left. We saw Bob Cratchit."


def matched(*chunks: str, title: str = "", stated: tuple[str, ...] = ()) -> list[list[tuple[str, str]]]:
    vocabulary = build_vocabulary(Counts(map(extract_candidates, chunks), [title]), map(ExtractedEntity, stated))
    found, _ = match_document(vocabulary, title, chunks)
    for text, mentions in zip(chunks, found, strict=True):
        assert [m.start for m in mentions] == sorted(m.start for m in mentions)
        assert all(m.sentence_start <= m.start < m.end <= m.sentence_end for m in mentions)
        assert all(a.end <= b.start for a, b in pairwise(mentions)), text
    return [[(c[m.start : m.end], m.entity_key) for m in ms] for c, ms in zip(chunks, found, strict=True)]


def test_short_names_mean_the_full_name_of_the_document() -> None:
    found = dict(matched(STORY)[0])
    assert found["Bob"] == found["Mr. Cratchit"] == "bob cratchit"
    assert found["Mrs. Cratchit"] == "mrs cratchit"


def test_surname_of_two_persons_stays_alone() -> None:
    found = dict(matched("We saw Ann Zorn. They saw Bob Zorn. And then Zorn came, poor Zorn.")[0])
    assert found["Zorn"] == "zorn"


def test_titles_owner_decides_between_two() -> None:
    found = dict(matched("He saw Ann Zorn. They saw Bob Zorn. And then Zorn came.", title="Ann Zorn")[0])
    assert found["Zorn"] == "ann zorn"


def test_names_of_code_are_found_where_something_is_called_so() -> None:
    text = "Call find_package(Foo) or find_path.\nSee docs/find_package.md and MY_find_package.\nWe find packages."
    assert matched(text, title="find_package")[0] == [("find_package", "find package"), ("Foo", "foo")]
    assert matched(text, stated=("find_path",))[0] == [("Foo", "foo"), ("find_path", "find path")]
    assert matched(text)[0] == [("Foo", "foo")]


def merged_by_model(*persons: str) -> dict[str, str]:
    """Merges in a story of ghosts, by key, where a model calls `persons` persons."""
    stated = [ExtractedEntity(name, "person") for name in persons]
    vocabulary = build_vocabulary(Counts([extract_candidates(GHOSTS)]), stated)
    return {m.key: m.into for m in match_document(vocabulary, "", [GHOSTS])[1]}


GHOSTS = (
    "We saw Ebenezer Scrooge. Then Scrooge saw Marley's Ghost, and the Ghost spoke. There came three others, and no "
    "evil was in them. Scrooge asked the Spirit. He called him an Evil Spirit, one of the Three Spirits. Did the "
    "Spirits answer? His partner, Jacob Marley, was dead. Scrooge's Nephew came, and Scrooge knew that Marley was dead."
)


def test_what_a_model_calls_a_person_is_no_full_name_with_an_everyday_word_or_a_possessive() -> None:
    names = (
        "Ebenezer Scrooge",
        "Scrooge",
        "Marley's Ghost",
        "Spirit",
        "Ghost",
        "Evil Spirit",
        "Three Spirits",
        "Spirits",
    )
    found = merged_by_model(*names, "Jacob Marley", "Scrooge's Nephew")
    assert found == {"scrooge": "ebenezer scrooge", "marley": "jacob marley"}


def test_merges_are_recorded_with_scope_and_can_be_undone() -> None:
    vocabulary = build_vocabulary(Counts([extract_candidates(STORY)]))
    _, merges = match_document(vocabulary, "", [STORY], scope="d1")
    assert {(m.key, m.into, m.scope) for m in merges} >= {("bob", "bob cratchit", "d1")}
    undone = {m.id for m in merges}
    found, listed = match_document(vocabulary, "", [STORY], scope="d1", undone=undone)
    assert all(m.undone for m in listed)
    assert all(m.key == m.entity_key for m in found[0])
    assert match_document(vocabulary, "", [STORY], settings=ResolveSettings(surnames=False))[1] == []


def test_short_form_of_a_body() -> None:
    found = dict(matched("The Kelder Haven Harbour Board met. Then the Harbour Board and the Board voted.")[0])
    assert set(found.values()) == {"kelder haven harbour board"}


def test_no_name_goes_on_into_the_next_sentence() -> None:
    found = matched("We saw the Lamp. Works began. Then the Lamp Works sold lamps.", stated=("Lamp Works",))[0]
    assert [text for text, _ in found] == ["Lamp", "Lamp Works"]


def test_longest_name_wins_and_lower_case_is_no_name() -> None:
    found = matched("He left New York for New York City. The new york style.")[0]
    assert [k for _, k in found] == ["new york", "new york city"]


def test_an_everyday_word_is_a_name_only_where_its_capital_says_so() -> None:
    found = matched("We saw Rose and a rose. Rose came. THEY SAW ROSE LEAVE.", title="Rose")
    assert found == [[("Rose", "rose")]]


def test_no_name_is_found_inside_a_chinese_one() -> None:
    found = matched("他们用微软Azure平台。We saw Azure there, and Azure here.", title="微软Azure平台")
    assert found == [[("微软Azure平台", "微软azure平台"), ("Azure", "azure"), ("Azure", "azure")]]


@pytest.mark.parametrize("stated", ["Gear Oil", "海星"])
def test_stated_names_match_where_they_are_written_so(stated: str) -> None:
    found = matched(f"we use {stated} here", "we use gear oil", stated=(stated,))
    assert found == [[(stated, stated.lower())], []]


def test_phrase_of_facts_matches_nowhere() -> None:
    assert matched("we use gear oil here", stated=("gear oil",)) == [[]]


def test_stated_name_hides_no_name_inside_it() -> None:
    text = "He saw Zorn Castle in Ruritania."
    stated = [ExtractedEntity("Zorn Castle in Ruritania")]
    names = [extract_candidates(t) for t in ("We saw Zorn Castle. We saw Ruritania.", "They saw Zorn Castle.")]
    found = match_document(build_vocabulary(Counts(names), stated), "", [text])[0][0]
    assert {m.key for m in found} >= {"zorn castle", "ruritania", "zorn castle in ruritania"}


def test_dates_are_matched_by_form() -> None:
    assert matched("Born in 1963 on May 5, 1963.")[0] == [("1963", "1963"), ("May 5, 1963", "may 5 1963")]


def test_chinese_and_english_share_an_entity() -> None:
    found = matched("王海明创办海星研究所（Starfish Institute）。", "The Starfish Institute grew.")
    assert ("Starfish Institute", "海星研究所") in found[1]
    assert ("海星研究所", "海星研究所") in found[0]


def test_offsets_survive_masked_addresses() -> None:
    found = matched("See https://x.y/Ada_Zorn and http://Q.z, then Ada Zorn.")
    assert found[0] == [("Ada Zorn", "ada zorn")]


def test_traditional_and_simplified_spellings_are_one_entity() -> None:
    found = matched("殷琪任職於臺灣高速鐵路公司。", "台湾高速铁路公司成立于1998年。")
    assert found[0][-1][1] == found[1][0][1] == "台湾高速铁路公司"


def test_a_person_is_found_where_the_dictionary_glues_the_surname_to_the_word_in_front() -> None:
    assert matched("由首席技术官陆建平担任主任。") == [[("陆建平", "陆建平")]]


def test_names_go_on_over_the_end_of_a_wrapped_line() -> None:
    text = "公司于三月四日在宁波召开董事会会议，以九票同意审议通过了关于与林海动\n力集团有限公司签约的议案。"
    found = matched(text, "林海动力集团有限公司成立于1998年。林海动力集团有限公司在宁波。")
    assert ("林海动\n力集团有限公司", "林海动力集团有限公司") in found[0]


def test_a_surname_with_a_title_is_the_one_person_of_that_surname() -> None:
    text = "主任孙建国表示同意。孙总要求尽快完成。会后孙总离开。李先生和李先生的同事到场。"
    found = dict(matched(text)[0])
    assert found["孙总"] == "孙建国"
    assert found["李先生"] == "李先生"


def test_a_surname_of_two_persons_stays_alone_in_chinese() -> None:
    found = dict(matched("主任孙建国表示同意，厂长孙立群表示反对。孙总要求尽快完成。会后孙总离开。")[0])
    assert found["孙总"] == "孙总"


def test_what_facts_call_a_party_of_any_contract_matches_nowhere() -> None:
    assert matched("甲方应当付款，公司应当交付。", stated=("甲方", "公司")) == [[]]
