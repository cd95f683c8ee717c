from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.findings import answer_from_reports
from graphrag_lite.query.reports import ReportHit
from graphrag_lite.records import CommunityReport, Evidence, Finding, Passage

GENERAL = read_question("What are the main themes?")
SENTENCES = {
    "k1": "Wind power needs better storage because the harbour cannot sell energy on calm days.",
    "k2": "Teachers believe that small schools should share their workshops with the fishing villages.",
}
PASSAGES = {k: Passage(f"d-{k}", k, t, 0, len(t), 1.0, title=f"Talk {k}") for k, t in SENTENCES.items()}


def hit(name, chunk="k1"):
    text = SENTENCES[chunk]
    report = CommunityReport(name, 0, f"Title {name}", text, (Finding(text, (Evidence(chunk, 0, len(text)),)),), 5.0)
    return ReportHit(report, 1.0, "", (f"{chunk}.txt",))


def test_an_answer_is_themes_with_cited_sentences():
    found = answer_from_reports(GENERAL, [hit("a"), hit("b", chunk="k2")], PASSAGES.get)
    assert "**Title a**" in found.text
    assert "[2]" in found.text
    assert {c.text for c in found.citations} == {SENTENCES["k1"], SENTENCES["k2"]}


def test_findings_of_hidden_chunks_do_not_appear():
    assert not answer_from_reports(GENERAL, [hit("a")], lambda _: None).is_supported


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
