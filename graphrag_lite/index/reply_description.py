"""What a model writes when it is asked for one description of several: the description alone, or nothing.

Small models announce it, label it, put it in a fence or in quotation marks; some apologise in its place.
"""

from __future__ import annotations

import re

from graphrag_lite.index.reply_names import says_nothing

_FENCE = re.compile(r"^\s*```\w*\s*$", re.MULTILINE)
# "Here is the merged description:", "Sure, one sentence:"; other lines that end so may be the description's own.
_ANNOUNCED = re.compile(
    r"(?:sure|certainly|okay|ok|of course|here|below|the following|当然|好的|以下"
    r"|[^\n]{0,80}(?:description|summary|描述|说明|摘要))[^\n]{0,200}[:：]\**[ \t]*\n",
    re.I,
)
_LABEL = re.compile(
    r"\**(?:(?:merged |combined )?(?:description|summary)|(?:合并后?的?)?(?:描述|说明|摘要))\**[:：]\**\s*", re.I
)
_REFUSED = re.compile(
    r"(?:i['’]m|i am) (?:very )?sorry|i (?:cannot|can['’]t)\b"
    r"|as an? (?:large )?(?:ai|language)(?: language)? (?:model|assistant)\b"
    r"|抱歉|对不起|我无法|无法(?:提供|总结|合并|概括|生成|完成|回答|根据|确定)",
    re.I,
)
_QUOTED = re.compile(r'["“]([^"“”]*)["”]')  # as a whole; a title at its begin or end keeps its quotes


def read_description(reply: str, name: str) -> str:
    """The description of a name in a reply; "" where it holds none."""
    text = _FENCE.sub("", reply).strip()
    if "\n" in text and _ANNOUNCED.match(text):
        text = text.split("\n", 1)[1]
    text = " ".join(_LABEL.sub("", text.strip()).split())
    text = text.removeprefix(f"{name}:").removeprefix(f"{name}：").strip(" *")
    if quoted := _QUOTED.fullmatch(text):
        text = quoted[1].strip()
    return "" if says_nothing(text) or _REFUSED.match(text) else text
