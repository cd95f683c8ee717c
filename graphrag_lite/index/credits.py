"""Which chat models made what a snapshot holds: told by its facts and reports, not by who was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphrag_lite.index.enrich import extraction_of
from graphrag_lite.index.extract_llm import extractor_fingerprint
from graphrag_lite.index.report_llm import reporter_fingerprint
from graphrag_lite.index.run import Run
from graphrag_lite.records import Facts

_BY_MODEL = "llm/"


def chat_models(run: Run, facts: Iterable[Facts]) -> dict[str, str]:
    """The name of the chat model behind each extractor of the facts in use and of the reports.

    What a model was asked in vain is not its work, and what an earlier one said stays that one's.

    Args:
        run: The run, its reports written.
        facts: Those that models and people stated.
    """
    found = {one.extractor for one in facts} | set(run.writer.distinct("reports", "extractor").to_pylist())
    old = run.writer.manifest
    known = dict(old.extractors) | _own_extractors(run)
    unknown = old.models.get("chat", "none")  # of a snapshot that does not say yet
    return {name: known.get(name, unknown) for name in sorted(found) if name.startswith(_BY_MODEL)}


def _own_extractors(run: Run) -> dict[str, str]:
    """Those of the model that this run asks."""
    if run.chat is None:
        return {}
    name, prompts = run.chat.name, run.settings.llm.prompts
    extractor = extractor_fingerprint(name, extraction_of(run.settings, run.chat, {}))
    return {extractor: name, reporter_fingerprint(name, run.settings.reports, prompts): name}


def named(extractors: Mapping[str, str]) -> str:
    """The models, each once; "none" where there is none."""
    return ", ".join(sorted(set(extractors.values()))) or "none"
