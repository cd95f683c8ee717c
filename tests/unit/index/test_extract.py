"""Candidates of one text."""

from __future__ import annotations

import pytest

from graphrag_lite.index.extract import (
    Candidates,
    date_spans,
    extract_candidates,
    forget_readings,
    is_acronym_of,
    reading_of,
    remembered_readings,
    sentences_of,
)


def surfaces(text: str) -> set[str]:
    return {name for name, _, _ in extract_candidates(text).names}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("He went to the University of Copenhagen today.", "University of Copenhagen"),
        ("He saw Apollo 11 fly.", "Apollo 11"),
        ("He reads J. R. R. Tolkien here.", "J. R. R. Tolkien"),
        ("He joined the Ministry of Health and Welfare then.", "Ministry of Health and Welfare"),
        ("He won at the 1948 Summer Olympics there.", "1948 Summer Olympics"),
        ("He met Kim Il-sung once.", "Kim Il-sung"),
        ("He is on Behind the Tech now.", "Behind the Tech"),
        ("He asked Dr. Jane Smith first.", "Jane Smith"),
        ("He was the CTO of Microsoft.", "Microsoft"),
        ("Here is MIT and Neil deGrasse Tyson.", "Neil deGrasse Tyson"),
        ("He read “The Wind in the Willows” there.", "The Wind in the Willows"),
        ("He walked the Stratford-upon-Avon road.", "Stratford-upon-Avon"),
        ("He measured PM2.5 there.", "PM2.5"),
        ("He set an RTO of 30, an RPO 5 minutes long.", "RPO"),
    ],
)
def test_names_are_found_whole(text: str, name: str) -> None:
    assert name in surfaces(text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("He uses the 2.4GHz band.", "4GHz"),
        ("He measured PM2.5 there.", "PM2"),
        ("RPO 5 分钟，RTO 30 分钟。", "RTO 30"),
        ("根据PM2.5传感器读数自动调节风速。", "PM2.5传感器读数自动调节"),
    ],
)
def test_numbers_and_what_they_measure_are_no_names(text: str, other: str) -> None:
    assert other not in surfaces(text)


def test_first_word_of_a_sentence_is_unsure() -> None:
    assert extract_candidates("Apple fell. He likes Bob.").names == (("Apple", 0, 1), ("Bob", 1, 0))


def test_shouting_and_headings_say_nothing() -> None:
    assert surfaces("THE LAST WARNING TO ALL\n\nA Very Nice Summer Day\n") == set()


def test_speaker_labels_are_persons() -> None:
    found = extract_candidates("KEVIN SCOTT: Yeah.\n(MUSIC)\nNOTE: So what")
    assert ("Kevin Scott", "speaker", 1) in found.cues
    assert "Note" not in {name for name, _, _ in found.names}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("We saw Mrs. Cratchit there.", ("Mrs. Cratchit", "person")),
        ("Carl Rogers (born 1902) wrote.", ("Carl Rogers", "person")),
        ("The Gray River flows.", ("Gray River", "place")),
        ("Zanzi is a small fishing town in Tanz.", ("Zanzi", "place")),
        ("Here Acme Inc. sells.", ("Acme Inc", "organization")),
        ("The song “Deep Blue Night” plays.", ("Deep Blue Night", "work")),
    ],
)
def test_types_have_a_reason_in_the_text(text: str, cue: tuple[str, str]) -> None:
    assert cue in {(name, type_) for name, type_, _ in extract_candidates(text).cues}


def test_definition_counts_its_head_noun_only() -> None:
    assert extract_candidates("Ann Zorn is an American film director of note.").cues[0][1] == "person"


def test_acronym_needs_its_letters() -> None:
    found = extract_candidates("The World Health Organization (WHO) and Acme Works (USA) met.")
    assert found.aliases == (("World Health Organization", "WHO", "acronym"),)
    assert not is_acronym_of("WHO", "Acme Works")


def test_dates_are_found_once_and_quantities_are_none() -> None:
    text = "On March 18, 2018 and in 1963, early 1970s, 1998年5月, 保修35年, 1500 people, in 1200 people, $2000."
    assert [text[a:b] for a, b in date_spans(text)] == ["March 18, 2018", "1963", "early 1970s", "1998年5月"]


def test_chinese_names_titles_and_aliases() -> None:
    text = (
        "1998年，王海明在青岛海洋大学创办了海星研究所（Starfish Institute），写《深海潮汐》。"
        "世界卫生组织（简称世卫组织）请大卫·休伯尔到旧金山。"
    )
    found = extract_candidates(text)
    names = {name for name, sure, _ in found.names if sure}
    assert {"王海明", "青岛海洋大学", "海星研究所", "深海潮汐", "世界卫生组织", "大卫·休伯尔", "旧金山"} <= names
    assert ("海星研究所", "Starfish Institute", "translation in brackets") in found.aliases
    assert ("世界卫生组织", "世卫组织", "alias in brackets") in found.aliases


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("全资子公司苏州蓝海智能装备有限公司取得认定。", "苏州蓝海智能装备有限公司"),
        ("公司与瑞驰动力科技（上海）有限公司签约。", "瑞驰动力科技（上海）有限公司"),
        ("他在腾讯控股有限公司工作，她在阿里巴巴集团控股有限公司。", "阿里巴巴集团控股有限公司"),
        ("沈鸿渐先后任教于东南大学和北洋大学。", "东南大学"),
        ("殷琪任職於臺灣高速鐵路股份有限公司。", "臺灣高速鐵路股份有限公司"),
    ],
)
def test_chinese_firms_are_named_in_full_and_without_what_stands_before(text: str, name: str) -> None:
    assert {found for found in surfaces(text) if found.endswith(name)} == {name}


def test_aliases_stand_in_clauses_of_their_own() -> None:
    text = (
        "公司的中文名称为蓝海精工股份有限公司，中文简称蓝海精工，住所在宁波。"
        "瑞驰科技（上海）有限公司（以下简称“瑞驰”或“瑞驰科技”）与林海集团有限公司（以下简称“甲方”）签约。"
    )
    assert extract_candidates(text).aliases == (
        ("瑞驰科技（上海）有限公司", "瑞驰", "alias in brackets"),
        ("瑞驰科技（上海）有限公司", "瑞驰科技", "alias in brackets"),
        ("蓝海精工股份有限公司", "蓝海精工", "alias in a clause"),
    )


@pytest.mark.parametrize(
    ("text", "name", "others"),
    [
        ("沈鸿渐（1897年—1971年），字仲逸，号石帆，浙江绍兴人。", "沈鸿渐", ["仲逸", "沈仲逸", "石帆"]),
        ("有一书生，姓陆名谦，字子敬，号栖霞散人，七岁能诗。", "陆谦", ["子敬", "陆子敬", "栖霞散人"]),
        ("周慎之字介甫，为人贪婪。", "周慎之", ["介甫", "周介甫"]),
    ],
)
def test_styles_and_pen_names_are_names_of_the_person(text: str, name: str, others: list[str]) -> None:
    found = extract_candidates(text)
    assert [(long, other) for long, other, _ in found.aliases] == [(name, other) for other in others]
    assert (name, "person") in {(n, type_) for n, type_, _ in found.cues}


def test_other_uses_of_the_word_for_a_style_give_no_name() -> None:
    assert extract_candidates("文章字体清晰，字数不多，他的字好看。成公英，字不详，凉州人。").aliases == ()


def test_everyday_chinese_words_are_no_names() -> None:
    assert surfaces("城市的入口有叶子，东西在海洋和山坡，师傅回国。上市公司股东到会。") == set()


def test_mixed_text_gives_names_of_both_scripts() -> None:
    assert {"Kobe Bryant", "北京大学"} <= surfaces("球员Kobe Bryant来到北京大学。")


def test_runs_keep_lower_case_phrases() -> None:
    assert extract_candidates("The machine learning of it runs fast.").runs == "+machine learning|runs fast"


@pytest.mark.parametrize("text", ["", " \n", "…", "The WHO (World) said “So It Goes” in 1990: 你好（Hi）"])
def test_json_round_trip(text: str) -> None:
    found = extract_candidates(text)
    assert Candidates.from_json(found.to_json()) == found


STRANGE = {
    "points": "A....b" * 400,
    "capitals": "A " * 3000,
    "brackets": "(" * 4000,
    "underscores": "a_" * 2000,
    "blob": "a" * 9000 + "_",
    "hyphens": "A-" * 3000,
    "dots": "大·" * 2000,
    "quotes": "“" * 3000,
    "owners": "X's " * 1500,
    "styles": "陆，字" * 2000,
    "long forms": "海（港）" * 2000,
    "surnames": "张总王工" * 2000,
    "lists": "记者张启明、" * 2000,
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_strange_text_ends_soon(text: str) -> None:
    assert extract_candidates(text).to_json()


def test_readings_are_remembered_only_while_that_is_wanted() -> None:
    text = "Ada Renn met Tom Vash in 1950."
    with remembered_readings():
        first = reading_of(text)
        assert reading_of(text) is first
    assert reading_of(text) is not first
    assert reading_of(text) == first


def test_sentences_are_those_of_the_reading_whether_or_not_it_is_remembered() -> None:
    text = "See https://example.org/a. Ada Renn met Tom Vash in 1950. 安娜去了上海。她回来了。"
    alone = sentences_of(text)
    assert len(alone) == 4
    with remembered_readings():
        reading = reading_of(text)
        assert sentences_of(text) is reading.sentences
    assert alone == reading.sentences


def test_readings_can_be_forgotten_before_the_end() -> None:
    text = "Ada Renn met Tom Vash in 1950."
    forget_readings()
    with remembered_readings():
        first = reading_of(text)
        forget_readings()
        second = reading_of(text)
        assert reading_of(text) is not second is not first


def test_the_first_readings_are_remembered_as_far_as_there_is_room() -> None:
    long = "Ada Renn met Tom Vash. " * 10_000
    with remembered_readings():
        first = reading_of(long)
        second = reading_of(long + "A")
        third = reading_of(long + "B")
        short = reading_of("Ada Renn.")
        assert reading_of(long) is first
        assert reading_of(long + "A") is second
        assert reading_of(long + "B") is not third
        assert reading_of("Ada Renn.") is short
