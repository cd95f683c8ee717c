"""What the fake model server writes: it reads our prompts as an honest model would.

Numbered passages, facts, reports or points stand behind lines `#mark number title`; the kind of system prompt says
whether JSON or text is wanted. It has its own vocabulary of tokens.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

CJK = r"\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af"
TOKEN = re.compile(rf"[{CJK}]|[A-Za-z]{{1,6}}|\d{{1,3}}|[^\sA-Za-z\d]{{1,3}}")
NAME = re.compile(r"\b[A-Z][\w'’-]*(?:\s+(?:of|the|de|von|van)\s+[A-Z][\w'’-]*|\s+[A-Z][\w'’-]*)*")
CHINESE_NAME = re.compile(rf"[《“「]([{CJK}]{{2,12}})[》”」]|([{CJK}]{{2,4}}(?:市|省|县|大学|公司|教授|先生|博士))")
NO_NAMES = re.compile(
    r"(?:The|An?|It|He|She|They|His|Her|In|On|At|But|And|Or|For|To|As|If|When|While|This|That|These|Those|There|Then|I"
    r"|You|We|My|Your|Our|No|Not|So|With|From|By|Of|Its|What|Who|Why|How|Where)"
)
ITEM = re.compile(r"^#([0-9a-f]{6}) (\d+|end)(?: (.*))?$", re.MULTILINE)


def count_tokens(text: str) -> int:
    """Tokens by this server's own vocabulary: about 1.2 a word, one a CJK character."""
    return len(TOKEN.findall(text))


def hash_vector(text: str, size: int) -> list[float]:
    """A vector of word hashes: texts that share words are near."""
    vector = [0.0] * size
    for word in TOKEN.findall(text.lower()) or [text]:
        vector[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big") % size] += 1.0
    return vector


def write_reply(messages: list[dict[str, str]], facts: Mapping[str, Mapping[str, Any]]) -> str:
    """What an honest model would write for one of our prompts."""
    system = messages[0]["content"]
    user = next((m["content"] for m in messages[1:] if m["role"] == "user"), system)
    items = read_items(user)
    if '{"p":' in system:
        gleans = messages[-1]["content"].lstrip().startswith(("Add what you missed", "补充"))
        passages = [_extract(n, text, {} if gleans else facts, gleans) for n, _, text in items]
        return _json({"p": passages})
    if '"relations"' in system:
        return _json(_tune(items))
    if '"findings"' in system:
        return _json(_report(items))
    if '"points"' in system:
        points = [{"text": _sentence(text), "reports": [n], "score": 60 + n % 30} for n, _, text in items]
        most = re.search(r"(?:at most|最多) (\d+)", system)
        return _json({"points": points[: int(most[1]) if most else None]})
    if '"questions"' in system:
        return _json(
            {"questions": [p.strip() + "?" for p in re.split(r"\s+(?:and|of)\s+", user.rstrip("?")) if p.strip()][:3]}
        )
    if '"same"' in system:
        return _json({"same": [n for n, _, _ in items]})
    if "[NO ANSWER]" in system:
        return _answer(items, user)
    return user.rsplit("\n", 1)[-1].split(": ", 1)[-1]


def read_items(text: str) -> list[tuple[int, str, str]]:
    """(number, title, text) behind each `#mark number title` line of the first mark."""
    marks = list(ITEM.finditer(text))
    if not marks:
        return []
    marks = [m for m in marks if m.group(1) == marks[0].group(1)]
    pairs = itertools.pairwise(marks)
    return [(int(a.group(2)), a.group(3) or "", text[a.end() + 1 : b.start() - 1]) for a, b in pairs]


def _names(text: str) -> list[str]:
    found = []
    for match in NAME.finditer(text):
        words = match.group().split()
        while words and NO_NAMES.fullmatch(words[0]):
            words.pop(0)
        if words:
            found.append(re.sub(r"['’]s$", "", " ".join(words)))
    found += [a or b for a, b in CHINESE_NAME.findall(text)]
    return list(dict.fromkeys(found))


def _extract(number: int, text: str, facts: Mapping[str, Mapping[str, Any]], is_empty: bool) -> dict[str, Any]:
    if is_empty:
        return {"i": number, "e": [], "r": []}
    recorded = facts.get(text.strip())
    if recorded is not None:
        triples = [t for t in recorded["triples"] if len(t) == 3 and all(isinstance(x, str) for x in t)]
        entities = [{"n": n, "t": "concept", "d": ""} for n in recorded["entities"]]
        links = [{"s": s, "t": o, "d": p, "w": 5} for s, p, o in triples]
        return {"i": number, "e": entities, "r": links}
    names = _names(text)[:12]
    entities = [{"n": n, "t": "person", "d": _sentence(text[max(0, text.find(n)) :])[:90]} for n in names]
    links = [{"s": a, "t": b, "d": f"{a} appears with {b}", "w": 5} for a, b in itertools.pairwise(names)]
    return {"i": number, "e": entities, "r": links[:8]}


def _tune(items: list[tuple[int, str, str]]) -> dict[str, Any]:
    """Types for the first three names of the passage that has most, which is also the example."""
    number, text = max(((n, text) for n, _, text in items), key=lambda item: (len(_names(item[1])), -item[0]))
    names = _names(text)[:3]
    is_chinese = len(re.findall(rf"[{CJK}]", text)) > len(text) / 5
    kinds = ("设施", "机构", "人物") if is_chinese else ("vessel", "pump model", "person")
    entities = [{"n": n, "t": t, "d": f"{n}."} for n, t in zip(names, kinds, strict=False)]
    links = [{"s": a, "t": b, "d": f"{a} - {b}", "w": 7} for a, b in itertools.pairwise(names)]
    return {
        "about": f"It tells of {names[0] if names else 'nothing'}.",
        "types": [{"t": kind, "d": "…"} for kind in kinds],
        "relations": [{"r": "建造" if is_chinese else "designed", "d": ""}],
        "example": {"i": number, "e": entities, "r": links},
    }


def _report(items: list[tuple[int, str, str]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for _, _, text in items for name in _names(text)))
    findings = [{"text": _sentence(text), "facts": [n]} for n, _, text in items[:4]]
    title = " and ".join(names[:2]) or _sentence(items[0][2])[:40] if items else "Nothing"
    return {"title": title, "summary": " ".join(f["text"] for f in findings[:2]), "findings": findings, "rating": 5}


def _answer(items: list[tuple[int, str, str]], user: str) -> str:
    question = user.rsplit("\n", 1)[-1]
    wanted = {w.lower() for w in re.findall(rf"[A-Za-z]{{4,}}|[{CJK}]", question)} - {
        "question",
        "what",
        "which",
        "where",
    }
    scored = []
    for n, title, text in items:
        for sentence in re.split(r"(?<=[.!?。！？])\s*", f"{title}: {text}" if title else text):
            words = {w.lower() for w in re.findall(rf"[A-Za-z]{{4,}}|[{CJK}]", sentence)}
            scored.append((-len(wanted & words), n, sentence.strip()))
    best = [item for item in sorted(scored)[:2] if item[0] < 0]
    return " ".join(f"{sentence} [{n}]" for _, n, sentence in best) or "[NO ANSWER]"


def _sentence(text: str) -> str:
    return re.split(r"(?<=[.!?。！？])\s*|\n\n", " ".join(text.split()))[0][:200] or text[:60]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
