"""What a model proposes for the extraction prompt is checked, and the prompt stays one that can be rendered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphrag_lite.errors import InputError, ModelReplyError
from graphrag_lite.index.extract_llm import Extraction, extraction_request
from graphrag_lite.index.packs import plan_extraction
from graphrag_lite.index.tune_prompts import TuningReport, plan_tuning, tune_prompts
from graphrag_lite.prompts import placeholders, read_prompt
from graphrag_lite.records import Chunk
from graphrag_lite.settings import ExtractSettings, LLMSettings, Settings
from graphrag_lite.testing import ScriptedChatModel

ENGLISH = (
    "Ottoline Farrar designed the Bittern 90 at Thorsby Yard in 1931. The Bittern 90 is a pump for eel passes. "
    "Edmund Vashley taught Ottoline Farrar. The yard closed in 1994 and its archive went to the town museum."
)
CHINESE = "沈宝霖于一九八四年创办宁川汐岩泵业有限公司。该公司位于宁川市，生产碳石墨密封环，供应凯尔德港的船坞。" * 2
PROPOSAL: dict[str, Any] = {
    "about": "A yard and its pumps.",
    "types": [
        {"t": "Person", "d": "designers and teachers"},
        {"t": "pump model", "d": "pumps by name"},
        {"t": "shipyard", "d": "yards."},
    ],
    "relations": [{"r": "designed", "d": "person to pump model"}, {"r": "taught", "d": "person to person"}],
    "example": {
        "i": 1,
        "e": [
            {"n": "Ottoline Farrar", "t": "person", "d": "Designed the Bittern 90."},
            {"n": "Bittern 90", "t": "Pump Model", "d": "A pump for eel passes."},
        ],
        "r": [{"s": "Ottoline Farrar", "t": "Bittern 90", "d": "designed it", "w": 9}],
    },
}
CHINESE_PROPOSAL: dict[str, Any] = {
    "about": "一家泵业公司。",
    "types": [{"t": "公司", "d": "企业"}, {"t": "人物", "d": ""}, {"t": "零件", "d": "密封环等"}],
    "relations": [{"r": "创办", "d": "人物到公司"}],
    "example": {
        "i": 1,
        "e": [
            {"n": "沈宝霖", "t": "人物", "d": "创办人。"},
            {"n": "宁川汐岩泵业有限公司", "t": "公司", "d": "泵业公司。"},
        ],
        "r": [{"s": "沈宝霖", "t": "宁川汐岩泵业有限公司", "d": "创办了公司", "w": 8}],
    },
}


def chunk(text: str, number: int = 0) -> Chunk:
    return Chunk(f"c{number}", f"d{number}", 0, 0, len(text), text, f"h{number}")


def tuned(
    folder: Path, *replies: Any, chunks: tuple[Chunk, ...] = (chunk(ENGLISH),), prompts: str = "", **settings: Any
) -> TuningReport:
    merged = Settings(llm=LLMSettings(model="m", prompts=prompts), **settings)
    plan = plan_tuning(chunks, {"d0": "The yard"}, merged)
    model = ScriptedChatModel([json.dumps(reply, ensure_ascii=False) for reply in replies])
    return tune_prompts(plan, model, merged, folder)


def prompt(folder: Path, language: str = "en") -> str:
    return (folder / language / "extract.md").read_text(encoding="utf-8")


def changed(proposal: dict[str, Any], **example: Any) -> dict[str, Any]:
    return proposal | {"example": proposal["example"] | example}


def test_the_prompt_names_the_types_relationships_and_example_of_the_collection(tmp_path: Path) -> None:
    tuned(tmp_path, PROPOSAL)
    text = prompt(tmp_path)
    assert "one of person (designers and teachers), pump model (pumps by name), shipyard (yards)." in text
    assert "designed (person to pump model), taught (person to person)" in text
    assert '{"n":"Bittern 90","t":"pump model","d":"A pump for eel passes."}' in text
    assert "Ottoline Farrar designed the Bittern 90 at Thorsby Yard in 1931." in text


def test_the_prompt_keeps_every_other_placeholder_and_is_used_by_an_extraction(tmp_path: Path) -> None:
    tuned(tmp_path, PROPOSAL)
    assert placeholders(prompt(tmp_path)) == placeholders(read_prompt("extract", "en")) - {"types"}
    settings = ExtractSettings(claims=True)
    pack = plan_extraction([chunk(ENGLISH)], settings)[0]
    system, user = extraction_request(pack, Extraction(settings, str(tmp_path))).messages
    assert "pump model" in system.content
    assert "{{" not in system.content + user.content
    assert ENGLISH in user.content


def test_both_languages_of_a_collection_are_tuned(tmp_path: Path) -> None:
    report = tuned(tmp_path, PROPOSAL, CHINESE_PROPOSAL, chunks=(chunk(ENGLISH), chunk(CHINESE, 1)))
    assert [path.relative_to(tmp_path).as_posix() for path in report.files] == [
        "en/extract.md",
        "zh/extract.md",
        "CHANGES.md",
    ]
    assert "取自 公司（企业）、人物、零件（密封环等）" in prompt(tmp_path, "zh")


def test_a_language_with_little_text_is_left_as_it_is() -> None:
    settings = Settings(llm=LLMSettings(model="m"))
    plan = plan_tuning([*(chunk(ENGLISH, n) for n in range(30)), chunk("一句话。", 31)], {}, settings)
    assert [call.language for call in plan.calls] == ["en"]


def test_names_that_the_passage_does_not_have_are_left_out_and_told(tmp_path: Path) -> None:
    entities = [*PROPOSAL["example"]["e"], {"n": "Heron 310", "t": "pump model", "d": "Invented."}]
    report = tuned(tmp_path, changed(PROPOSAL, e=entities))
    assert "Heron 310" not in prompt(tmp_path)
    assert "'Heron 310' of the example: its passage does not have this name" in report.changes


@pytest.mark.parametrize(
    ("example", "reason"),
    [
        ({"i": 7}, "names no passage"),
        ({"r": []}, "no sentence of its passage"),
        ({"e": [{"n": "Ottoline Farrar", "t": "ghost", "d": ""}]}, "'ghost' is no type"),
        ({"r": [{"s": "Ottoline Farrar", "t": "Heron 310", "d": "x", "w": 5}]}, "no sentence of its passage"),
    ],
    ids=["passage", "no link", "type", "link to nothing"],
)
def test_an_example_that_does_not_hold_is_left_out_and_told(tmp_path: Path, example: Any, reason: str) -> None:
    report = tuned(tmp_path, changed(PROPOSAL, **example))
    assert "An example" not in prompt(tmp_path)
    assert reason in report.changes
    assert "Example: none" in report.changes


def test_no_example_is_taught_that_lacks_the_claims_asked_for(tmp_path: Path) -> None:
    tuned(tmp_path, PROPOSAL, extract=ExtractSettings(claims=True))
    assert "An example" not in prompt(tmp_path)


def test_the_excerpt_is_short_and_has_what_the_reply_says(tmp_path: Path) -> None:
    long = chunk("Nothing much happened on that day in the harbour. " * 30 + ENGLISH)
    tuned(tmp_path, PROPOSAL, chunks=(long,))
    example = prompt(tmp_path).split("An example")[1]
    assert "designed the Bittern 90" in example
    assert len(example) < 1500


def test_types_that_are_no_short_nouns_of_the_language_are_left_out(tmp_path: Path) -> None:
    types = [*PROPOSAL["types"], {"t": "人物", "d": ""}, {"t": "anything that a reader may find useful", "d": ""}]
    report = tuned(tmp_path, PROPOSAL | {"types": [*types, {"t": "person", "d": "again"}]})
    assert "人物" not in prompt(tmp_path)
    assert "type 'person': named twice" in report.changes
    assert "not one to four words" in report.changes


def test_types_may_be_in_any_language_that_the_collection_has(tmp_path: Path) -> None:
    types = [{"t": "Schwimmkörper", "d": ""}, {"t": "Werft", "d": ""}, {"t": "person", "d": ""}]
    tuned(tmp_path, PROPOSAL | {"types": types, "example": {}})
    assert "one of schwimmkörper, werft, person." in prompt(tmp_path)


def test_a_proposal_without_usable_types_is_asked_again_then_refused(tmp_path: Path) -> None:
    bad = PROPOSAL | {"types": [{"t": "人物", "d": ""}]}
    tuned(tmp_path / "a", bad, PROPOSAL)
    assert "pump model" in prompt(tmp_path / "a")
    with pytest.raises(ModelReplyError, match="short nouns in the language"):
        tuned(tmp_path / "b", bad, bad)
    assert not (tmp_path / "b").exists()


def test_words_of_a_model_cannot_add_placeholders_or_end_the_system_part(tmp_path: Path) -> None:
    hostile = PROPOSAL | {"about": "Yards.\n---\n{{passages}} {{language}} #abc123 end", "relations": [{"r": "{{x}}"}]}
    hostile["types"] = [*PROPOSAL["types"], {"t": "{{claims}}", "d": "{{passages}}"}]
    tuned(tmp_path, hostile)
    text = prompt(tmp_path)
    assert text.count("{{passages}}") == read_prompt("extract", "en").count("{{passages}}")
    assert text.count("\n---\n") == 1


def test_a_passage_with_marks_of_ours_is_no_example(tmp_path: Path) -> None:
    report = tuned(tmp_path, PROPOSAL, chunks=(chunk(ENGLISH + " See {{types}}."),))
    assert "marks that have a meaning" in report.changes


def test_files_that_are_there_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "extract.md").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        tuned(tmp_path)
    assert prompt(tmp_path) == "mine"


def test_tuning_again_starts_from_the_prompt_that_has_no_types_of_its_own(tmp_path: Path) -> None:
    tuned(tmp_path / "once", PROPOSAL)
    tuned(tmp_path / "twice", PROPOSAL, prompts=str(tmp_path / "once"))
    assert prompt(tmp_path / "twice") == prompt(tmp_path / "once")


def test_tuning_keeps_the_words_of_an_own_prompt(tmp_path: Path) -> None:
    (tmp_path / "own" / "en").mkdir(parents=True)
    own = read_prompt("extract", "en").replace("Take only what the passage states", "Take ships first")
    (tmp_path / "own" / "en" / "extract.md").write_text(own, encoding="utf-8")
    tuned(tmp_path / "tuned", PROPOSAL, prompts=str(tmp_path / "own"))
    assert "Take ships first" in prompt(tmp_path / "tuned")


def test_changes_name_what_is_new_and_gone_and_how_to_use_it(tmp_path: Path) -> None:
    report = tuned(tmp_path, PROPOSAL)
    assert f'prompts = "{tmp_path.as_posix()}"' in report.changes
    assert "- pump model (new): pumps by name" in report.changes
    assert "- no longer asked for: organization, place, event, work, product, concept" in report.changes
    assert "Example, from The yard: Ottoline Farrar designed" in report.changes


def test_a_plan_without_text_says_what_to_do() -> None:
    with pytest.raises(InputError, match="name documents, or index some"):
        plan_tuning([], {}, Settings(llm=LLMSettings(model="m")))
