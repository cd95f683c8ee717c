"""Two tenants in one knowledge base: nothing of one reaches the other."""

import pytest

from graphrag_lite import Document, InputError, KnowledgeBase

ACME = [
    "Acme's Project Kestrel is led by Zebulon Crake. Zebulon Crake works in Wexmouth. Kestrel costs 4 million.",
    "Zebulon Crake met Otto Brandt in Wexmouth. Otto Brandt audits Project Kestrel for the shared Northwind Bank.",
    "Northwind Bank lends to Project Kestrel. Otto Brandt signed for Northwind Bank in Wexmouth.",
]
GLOBEX = [
    "Globex runs Project Merlin under Anna Pell. Anna Pell works in Port Ash. Merlin is secret.",
    "Anna Pell borrowed from Northwind Bank for Project Merlin. Northwind Bank has an office in Port Ash.",
    "Project Merlin failed its test in Port Ash. Anna Pell told Northwind Bank about Project Merlin.",
]
SECRETS = {"acme": ("Kestrel", "Crake", "Wexmouth", "Brandt"), "globex": ("Merlin", "Pell", "Port Ash")}


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    base = KnowledgeBase(tmp_path_factory.mktemp("tenants") / "kb")
    documents = [
        Document(text, id=f"{tenant}-{n}", metadata={"tenant": tenant, "year": 2019 + n, "tags": ["memo", f"n{n}"]})
        for tenant, texts in (("acme", ACME), ("globex", GLOBEX))
        for n, text in enumerate(texts)
    ]
    base.index(documents)
    return base


@pytest.mark.parametrize("tenant", ["acme", "globex"])
@pytest.mark.parametrize(
    "question",
    ["What does Northwind Bank do?", "Who leads the project?", "What are the main themes?", "Project Merlin Kestrel"],
)
def test_nothing_of_the_other_tenant_is_shown(kb, tenant, question):
    other = SECRETS["globex" if tenant == "acme" else "acme"]
    passages = kb.retrieve(question, where={"tenant": tenant})
    answers = [kb.query(question, mode=mode, where={"tenant": tenant}) for mode in ("local", "global", "basic")]
    shown = " ".join(map(str, [*passages, *answers]))
    assert not [secret for secret in other if secret in shown.replace(question, "")]
    assert {p.document_id.partition("-")[0] for p in passages} <= {tenant}


@pytest.mark.parametrize("tenant", ["acme", "globex"])
def test_entities_relationships_and_reports_are_told_by_their_provenance(kb, tenant):
    other = SECRETS["globex" if tenant == "acme" else "acme"]
    entities, links = kb.entities(where={"tenant": tenant}), kb.relationships(where={"tenant": tenant})
    shown = " ".join(map(str, [*entities, *links, *kb.reports(where={"tenant": tenant})]))
    assert not [secret for secret in other if secret in shown]
    groups = kb.communities(where={"tenant": tenant})
    assert {group.id for group in groups} < {group.id for group in kb.communities()}
    assert {id_ for group in groups for id_ in group.entity_ids} <= {entity.id for entity in entities}
    shared = next(e for e in entities if e.name == "Northwind Bank")
    assert shared.frequency == 2
    assert shared.frequency < next(e for e in kb.entities() if e.name == "Northwind Bank").frequency


@pytest.mark.parametrize("mode", ["local", "global"])
def test_only_permitted_documents_are_counted(kb, mode):
    answer = kb.query("Who painted the ceiling of the opera in 1903?", mode=mode, where="tenant=acme")
    assert not answer.is_supported
    assert "3 documents" in answer.text
    assert "3 documents pass the filter" in answer.mode_reason
    overview = kb.query("What are the main themes?", mode=mode, where="tenant=acme")
    assert "6 documents" not in overview.text
    assert "3 documents" in overview.text


@pytest.mark.parametrize(
    ("question", "said"),
    [("Who leads it?", "no document passes the filter"), ("谁负责这个项目？", "没有文档符合筛选条件")],
)
def test_filter_that_nothing_passes_is_named(kb, question, said):
    answer = kb.query(question, where="tenant=nobody")
    assert said in answer.text
    assert (answer.is_supported, answer.passages, answer.citations) == (False, (), ())


def test_without_a_filter_both_are_found(kb):
    found = {p.document_id.partition("-")[0] for p in kb.retrieve("What does Northwind Bank do?")}
    assert found == {"acme", "globex"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("tenant=acme", {"acme-0", "acme-1", "acme-2"}),
        (["tenant=acme", "year>=2020"], {"acme-1", "acme-2"}),
        ({"year": {">": 2020}}, {"acme-2", "globex-2"}),
        ({"tags": "n1"}, {"acme-1", "globex-1"}),
        ({"tenant": ["acme", "globex"], "year": 2019}, {"acme-0", "globex-0"}),
        ("tenant!=acme", {"globex-0", "globex-1", "globex-2"}),
        ("document_id~*-0", {"acme-0", "globex-0"}),
        ("tenant=x' OR '1'='1", set()),
        ("nothing=1", set()),
    ],
    ids=str,
)
def test_conditions_are_typed(kb, where, expected):
    found = {p.document_id for p in kb.retrieve("Northwind Bank Project Kestrel Merlin", top_k=20, where=where)}
    assert found == expected


def test_a_condition_that_cannot_be_read_says_what_is_expected(kb):
    with pytest.raises(InputError, match="KEY=VALUE"):
        kb.retrieve("x", where="tenant")


@pytest.mark.parametrize("ids", [("", ""), ("a", "b")], ids=["derived ids", "given ids"])
def test_one_text_under_two_tenants_is_two_documents(tmp_path, ids):
    text = (
        "The lamp of Gannet Head was mended by Josiah Pell. "
        + "The keeper wrote it down in the book of the house. " * 4
    )
    pair = [
        Document(text, id=id_, metadata={"tenant": name}) for id_, name in zip(ids, ("north", "south"), strict=True)
    ]
    with KnowledgeBase(tmp_path / "two") as kb:
        kb.index(pair)
        for tenant in ("north", "south"):
            found = kb.retrieve("Who mended the lamp?", where={"tenant": tenant})
            assert [kb.document(passage.document_id).metadata["tenant"] for passage in found] == [tenant]
