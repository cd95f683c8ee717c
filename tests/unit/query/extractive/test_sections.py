"""Questions that a heading asks, answered by what stands below it."""

from dataclasses import replace

import pytest

from graphrag_lite.query.extractive.local import answer_from_passages
from graphrag_lite.records import Passage

RUNBOOK = """# On-call runbook

The rotation is weekly. Whoever rolls a service of another team back tells that team.

## How to roll back a service

1. Open the page in Argo.
2. Choose the last green revision.

## Escalation

Call Priya."""
CHANGES = """# Changelog of invoicing

## [4.19.0] - 2024-07-15

### Added

- A start-up check.

### Removed

- Support for Java 11.

## [4.18.0] - 2024-06-11

- A new worker for bulk invoices."""


def passage(text, title="", headings=""):
    return Passage("doc", f"chunk-{text[:20]}", text, 0, len(text), 1.0, title=title, headings=headings)


def ask(question, *passages):
    return answer_from_passages(question, passages)


def test_steps_are_quoted_where_their_heading_says_what_is_asked():
    found = ask("How do I roll back a service?", passage(RUNBOOK, "On-call runbook"))
    assert found.text == "1. Open the page in Argo. 2. Choose the last green revision. [1]"
    assert found.citations[0].text == RUNBOOK[found.citations[0].start : found.citations[0].end]


def test_all_that_changed_in_a_version_is_quoted_and_nothing_of_the_next():
    found = ask("What changed in invoicing 4.19.0?", passage(CHANGES, "Changelog of invoicing"))
    assert "A start-up check." in found.text
    assert "Support for Java 11." in found.text
    assert "bulk" not in found.text


def test_underlined_headings_open_sections_as_well():
    text = "Notes\n=====\n\nRotating the keys\n-----------------\n\nAsk the officer. Wait for a day."
    assert ask("How do I rotate the keys?", passage(text, "Notes")).text == "Ask the officer. Wait for a day. [1]"


def test_a_number_is_answered_by_a_sentence_of_the_section_and_not_by_the_section():
    text = "# Lamps\n\n## Spare lamps\n\nAsk the keeper. There are nine of them in the store. They are dusty."
    found = ask("How many spare lamps are there?", passage(text, "Lamps"))
    assert "nine" in found.text
    assert "dusty" not in found.text


def test_the_heading_above_the_chunk_says_what_its_sentences_are_about():
    text = "The limit is 300 for each upload. It was raised in May."
    under = passage(text, "Registry", "Registry > Feature limits")
    assert ask("What are the feature limits?", under).is_supported
    assert not ask("What are the feature limits?", replace(under, headings="")).is_supported


def test_a_comment_in_code_ends_no_section():
    code = "```bash\n# stop the pumps\nmake stop\n```"
    text = f"# Pumps\n\n## How to stop the pumps\n\n{code}\n\nThen wait for the bell.\n\n## Oil\n\nUse little."
    found = ask("How do I stop the pumps?", passage(text, "Pumps"))
    assert found.text == "```bash # stop the pumps make stop ``` Then wait for the bell. [1]"


@pytest.mark.parametrize("question", ["How do I roll back a database?", "How do I paint a service?"])
def test_a_heading_that_says_half_of_the_question_answers_nothing(question):
    assert "green revision" not in ask(question, passage(RUNBOOK, "On-call runbook")).text


def test_a_name_of_code_is_told_by_the_page_that_is_headed_so_alone():
    others = [
        passage(f"# FIND_PACKAGE_{name}\n\nTells find_package what to do.", f"FIND_PACKAGE_{name}")
        for name in ("PREFIX", "PATH", "ROOT", "ORDER", "MODE", "REGISTRY", "VERSION", "SCOPE", "QUIET")
    ]
    page = passage("# find_package\n\nLoads what another project installed.", "find_package")
    for question in ("What does find_package do?", "What is find_package?"):
        assert ask(question, *others, page).text == "Loads what another project installed. [1]"


def test_a_section_that_has_the_word_of_an_option_does_not_tell_what_that_is():
    text = "# JSON\n\nJSON is a notation for data.\n\n# --json\n\nPrints one document."
    assert "Prints one document." in answer_from_passages("What is --json?", [passage(text)]).text
    assert not answer_from_passages("What is --json?", [passage(text[:40])]).is_supported


@pytest.mark.parametrize(
    "question",
    ["安全须知有哪些？", "有哪些安全须知？", "有哪几条安全须知？", "安全须知是什么？", "安全须知的内容有哪些？"],
)
def test_a_chinese_list_is_quoted_whole_under_the_heading_that_is_asked(question):
    manual = passage(
        "## 一、安全须知\n\n- 请勿用湿手插拔插头。\n- 请勿自行拆机。\n\n## 二、运行模式\n\n- 睡眠模式风速最低。"
    )
    assert ask(question, manual).text == "- 请勿用湿手插拔插头。 - 请勿自行拆机。[1]"
