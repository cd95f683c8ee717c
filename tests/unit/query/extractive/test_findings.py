import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.findings import ReportHit, answer_from_reports, family, select_reports
from graphrag_lite.records import CommunityReport, Evidence, Finding, Passage

GENERAL = read_question("What are the main themes?")
SENTENCES = {
    "k1": "Wind power needs better storage because the harbour cannot sell energy on calm days.",
    "k2": "Teachers believe that small schools should share their workshops with the fishing villages.",
    "k3": "The council must repair the coastal road before winter storms damage the bridges again.",
}
PASSAGES = {k: Passage(f"d-{k}", k, t, 0, len(t), 1.0, title=f"Talk {k}") for k, t in SENTENCES.items()}


def hit(name, relevance=1.0, chunk="k1", parent="", level=0, rating=5.0, sources=None):
    text = SENTENCES[chunk]
    finding = Finding(text, (Evidence(chunk, 0, len(text)),))
    report = CommunityReport(name, level, f"Title {name}", text, (finding,), rating)
    return ReportHit(report, relevance, parent, (f"{chunk}.txt",) if sources is None else sources)


def chosen(question, *hits, **options):
    return [h.report.community_id for h in select_reports(question, hits, **options)]


def test_relevance_comes_first_and_irrelevant_reports_are_left_out():
    assert chosen("wind power?", hit("a", 1.0), hit("b", 3.0, "k2"), hit("c", 0.1, "k3")) == ["b", "a"]


def test_a_parent_and_its_descendants_are_not_both_taken():
    family_ = hit("top", 2.0), hit("mid", 3.0, "k2", "top", 1), hit("leaf", 2.5, "k3", "mid", 2)
    assert chosen("wind power?", *family_) == ["mid"]


def test_another_source_is_preferred_to_a_little_more_relevance():
    hits = hit("a", 1.0, sources=("talk-part1.txt",)), hit("b", 0.9, sources=("talk-part2.txt",)), hit("c", 0.6, "k2")
    assert chosen("wind power?", *hits, limit=2) == ["a", "c"]


def test_a_general_question_takes_what_covers_most():
    hits = hit("a", 9.0, rating=1.0), hit("b", 0.0, "k2", rating=8.0)
    assert chosen("What are the main themes?", *hits)[0] == "b"


def test_an_answer_is_themes_with_cited_sentences():
    found = answer_from_reports(GENERAL, [hit("a"), hit("b", chunk="k2")], PASSAGES.get)
    assert "**Title a**" in found.text
    assert "[2]" in found.text
    assert {c.text for c in found.citations} == {SENTENCES["k1"], SENTENCES["k2"]}


def test_findings_of_hidden_chunks_do_not_appear():
    assert not answer_from_reports(GENERAL, [hit("a")], lambda _: None).is_supported


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("talk-part1.txt", "talk-part12.txt", True),
        ("a/report chapter 3.md", "a/report chapter 4.md", True),
        ("a/talk.md", "b/talk.md", False),
        ("EP-03_Ng-part1.txt", "EP-04_Estrin-part1.txt", False),
        ("p1", "p2", False),
        ("文集第3章", "文集第4章", True),
    ],
)
def test_parts_of_one_work_are_a_family(one, other, same):
    assert (family(one) == family(other)) is same


def test_the_language_of_the_question_comes_first():
    chinese = "风力发电需要更好的储能设备，因为无风的日子港口没有电可卖。"
    texts = {"e": SENTENCES["k1"], "z": f"{chinese}"}
    found = {k: Passage(k, k, t, 0, len(t), 1.0, title=f"T{k}") for k, t in texts.items()}

    def of(name):
        finding = Finding(texts[name], (Evidence(name, 0, len(texts[name])),))
        return ReportHit(CommunityReport(name, 0, f"Title {name}", "", (finding,), 5.0), 1.0, "", (name,))

    hits = [of("z"), of("e")]
    answer = answer_from_reports(GENERAL, hits, found.get)
    assert answer.citations[0].document_id == "e"
