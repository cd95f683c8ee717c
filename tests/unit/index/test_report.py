from types import SimpleNamespace

import numpy as np
import pytest

from graphrag_lite.index import report as module
from graphrag_lite.index.report import Sentence, SentencesToRead, join_names, rating, read_ahead, write_report
from graphrag_lite.records import Community, CommunityReport, Entity, Finding, Relationship

COMMUNITY = Community("c", 0, ("a", "b", "d"))
ENTITIES = {
    "a": Entity("a", "Ann Archer", degree=2),
    "b": Entity("b", "Harbour Lamp Works", degree=2),
    "d": Entity("d", "Archer", degree=1),
}
LINKS = [Relationship("1", "a", "b", weight=3.0), Relationship("2", "a", "d", weight=1.0)]
GOOD = "Ann Archer founded the Harbour Lamp Works after the great storm destroyed the old lighthouse."
OTHER = "The Harbour Lamp Works sells glass lenses to shipping companies along the northern coast."
POOR = ["Who was Ann Archer?", "HARBOUR LAMP WORKS", "Yeah, right, Ann Archer.", "| Ann Archer | 1901 | Harbour |"]


def sentence(text, chunk, entity_ids=("a", "b")):
    return Sentence(chunk, 0, len(text), text, entity_ids)


def report(texts, **options):
    sentences = [sentence(text, f"k{i}") for i, text in enumerate(texts)]
    return write_report(COMMUNITY, ENTITIES, LINKS, sentences, **options)


def test_title_names_central_entities_and_no_part_of_a_name_twice():
    assert report([GOOD]).title == "Ann Archer and Harbour Lamp Works"


def test_findings_are_informative_sentences_with_evidence():
    found = report([*POOR, GOOD, OTHER])
    assert {f.text for f in found.findings[:2]} == {GOOD, OTHER}
    assert found.findings[0].evidence[0].end == len(found.findings[0].text)


def test_the_same_sentence_is_found_once():
    assert len(report([GOOD, GOOD, GOOD]).findings) == 1


def test_what_was_said_in_other_words_comes_after_what_was_not():
    said = "Ann Archer bought the brass foundry of her uncle and trained forty apprentices there."
    again = said.replace("forty", "fifty")
    weaker = "The Works repaired signal bells for the railway between Kelder and Norholm in 1903."
    sentences = [sentence(text, f"k{i}") for i, text in enumerate([said, again, OTHER])]
    found = write_report(COMMUNITY, ENTITIES, LINKS, [*sentences, sentence(weaker, "k3", ("b",))])
    assert [finding.text for finding in found.findings] == [said, OTHER, weaker, again]


def test_order_of_sentences_does_not_matter():
    sentences = [sentence(text, f"k{i}") for i, text in enumerate([GOOD, OTHER, *POOR])]
    assert write_report(COMMUNITY, ENTITIES, LINKS, sentences) == write_report(
        COMMUNITY, ENTITIES, LINKS, sentences[::-1]
    )


def test_findings_are_limited():
    assert len(report([GOOD, OTHER], max_findings=1).findings) == 1


def test_without_sentences_the_members_are_the_summary():
    assert report([]).summary == "Ann Archer, Harbour Lamp Works and Archer"


def test_a_parent_without_sentences_takes_findings_of_its_children():
    child = CommunityReport("x", 1, "t", "s", (Finding(GOOD),))
    assert report([], children=lambda: [child]).findings == (Finding(GOOD),)


def test_chinese_sentences_join_without_a_space():
    texts = [
        "安娜在港口建立了灯具工厂，向北方的航运公司出售玻璃透镜。",
        "暴风雨摧毁旧灯塔以后，城里的居民请她修理海岸上的信号灯。",
    ]
    assert " " not in report(texts).summary


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.0), (1.0, 10.0), (0.1, 7.5), (0.001, 2.5), (1e-9, 0.0)])
def test_rating_grows_with_the_share_of_the_corpus(share, expected):
    assert rating(share) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (["甲", "乙", "丙"], "甲、乙和丙"),
        ([], ""),
    ],
)
def test_names_are_joined_for_reading(names, expected):
    assert join_names(names) == expected


def test_sentences_with_several_members_are_read_first():
    mentions = SimpleNamespace(
        chunk=np.array([0, 0, 0, 1]),
        sentence_start=np.array([0, 100, 100, 0]),
        sentence_end=np.array([90, 190, 190, 90]),
        start=np.array([5, 105, 150, 5]),
        entity=np.array([0, 0, 1, 2]),
    )
    to_read = SentencesToRead(mentions, entity_count=3)
    assert to_read.of([0, 1]) == [(0, 100, 190), (0, 0, 90)]
    assert to_read.of([2]) == [(1, 0, 90)]


def test_title_prefers_names_to_words_that_are_also_written_small():
    entities = ENTITIES | {"b": Entity("b", "Works", degree=2)}
    texts = ["Ann Archer works at the Works by the harbour, which sells lamps.", "The works of Archer sell lamps."]
    found = write_report(COMMUNITY, entities, LINKS, [sentence(t, f"k{i}") for i, t in enumerate(texts)])
    assert found.title.startswith("Ann Archer")


def test_title_is_in_one_script():
    entities = ENTITIES | {"d": Entity("d", "海灯", degree=1)}
    found = write_report(COMMUNITY, entities, LINKS, [sentence(GOOD, "k1")])
    assert found.title == "Ann Archer and Harbour Lamp Works"


@pytest.mark.parametrize(
    "piece",
    [
        "4. Ann Archer sends unused lamps back to the Harbour Lamp Works before the winter storms begin.",
        'Ann Archer never made such a lamp for the Harbour Lamp Works as the old one of bronze was."',
        "I remember that Ann Archer sold the Harbour Lamp Works because nobody wanted lamps.",
    ],
)
def test_pieces_and_asides_come_after_statements(piece):
    assert report([piece, GOOD]).findings[0].text == GOOD


def test_parts_of_a_text_and_codes_are_no_title():
    entities = ENTITIES | {"a": Entity("a", "Stave Two", degree=2), "d": Entity("d", "SP-6", degree=1)}
    found = write_report(COMMUNITY, entities, LINKS, [sentence(GOOD, "k1")])
    assert found.title.startswith("Harbour Lamp Works")


def test_sentences_that_were_read_ahead_are_not_measured_again():
    module._measure.cache_clear()
    for _ in read_ahead([f"See report_v2.txt there. {GOOD} {OTHER}"]):
        pass
    before = module._measure.cache_info().misses
    report([GOOD, OTHER])
    assert module._measure.cache_info().misses == before


def test_no_more_is_read_ahead_than_is_remembered(monkeypatch):
    monkeypatch.setattr(module, "_MEASURED", 3)
    assert len(list(read_ahead([f"{GOOD} {OTHER}", GOOD, OTHER, POOR[0]]))) == 2
