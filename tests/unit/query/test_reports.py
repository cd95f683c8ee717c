from graphrag_lite.query.reports import ReportHit, select_reports
from graphrag_lite.records import CommunityReport, Evidence, Finding

SENTENCES = {
    "k1": "Wind power needs better storage because the harbour cannot sell energy on calm days.",
    "k2": "Teachers believe that small schools should share their workshops with the fishing villages.",
    "k3": "The council must repair the coastal road before winter storms damage the bridges again.",
}


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
