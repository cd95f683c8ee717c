"""Options of commands as they are typed: "--json" is not "json", and "--batch-wait" not "--batch"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from graphrag_lite.text.normalize import has_cjk, terms, words

_OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")
_TYPED = rf"{_OPTION.pattern}|(?<=\S )-\d(?![\w.])"  # xargs -0
_COMMAND = r"(?:(?!(?:of|the|an?|in|for|with|to)\b)[\w.+][\w.+-]*)"
_OF = rf"(?:\s+(?:of|in|for|with|to)\s+(?:the\s+)?(?P<{{}}>{_COMMAND}(?:\s+{_COMMAND}){{{{0,2}}}}?)(?:\s+command)?)?"
_ASKED = re.compile(
    r"(?i:\s*(?:what(?:['’]s| is| are| does| do)|explain|describe)"
    r"\s+(?:the\s+)?(?:(?:meaning|purpose)\s+of\s+(?:the\s+)?)?)"
    rf"(?P<before>(?:{_COMMAND}\s+){{0,3}})(?P<option>{_TYPED})(?:\s+(?:option|flag|switch|argument|parameter))?"
    rf"{_OF.format('of')}(?:\s+(?:do|mean|show|stand for))?{_OF.format('last')}[\s?.!]*"
)
_ASKING_CJK = re.compile(
    r"^(?:请问|解释|说明)|这个|命令|选项|参数|开关|[里中的]|(?:是|有|表示|代表)?(?:(?:做|干|表示)?什么|啥)"
    r"(?:意思|含义|作用|用途|用处|用|选项|参数)?(?:的|呢|啊)?|的?(?:意思|含义|作用|用途)|是"
)
_TYPED_IN_CHINESE = re.compile(rf"(?a:{_TYPED})")
_MOST_WORDS = 3  # of a command: "git remote add"


@dataclass(frozen=True, slots=True)
class OptionAsked:
    """An option of which it is asked what it is or does, as it is typed, and the words of its command, if named."""

    spelling: str
    command: tuple[str, ...]

    def is_of_command(self, around: str, text: str) -> bool:
        """Whether what stands around a text names the command, or the text does: "tar -x", "-x of tar"."""
        if set(terms(" ".join(self.command))) <= set(terms(around)):
            return True
        command, option = r"\s+".join(map(re.escape, self.command)), rf"(?<![\w-]){re.escape(self.spelling)}(?![\w-])"
        typed = rf"\b(?i:{command})(?:\s+-\S+)*\s+{option}"
        return re.search(rf"{typed}|{option}[^.]*\s(?:in|of|for|with|by)\s+(?i:{command})\b", text) is not None


@lru_cache(maxsize=100)  # asked for every quotation
def option_asked(question: str) -> OptionAsked | None:
    """The option that a question is about: "What does tar -x do?", "-x 是什么意思？"; None where it asks for more."""
    if has_cjk(question):
        return _asked_in_chinese(question)
    if match := _ASKED.fullmatch(question):
        return OptionAsked(match["option"], tuple(words(" ".join(filter(None, match.group("before", "of", "last"))))))
    return None


def _asked_in_chinese(question: str) -> OptionAsked | None:
    options = list(_TYPED_IN_CHINESE.finditer(question))
    if len(options) != 1:
        return None
    rest, asked = _ASKING_CJK.subn(" ", f"{question[: options[0].start()]} {question[options[0].end() :]}")
    command = tuple(words(rest))
    is_asked = bool(asked) and not has_cjk(rest) and len(command) <= _MOST_WORDS
    return OptionAsked(options[0][0], command) if is_asked else None


def has_options_of(question: str, text: str) -> bool:
    """Whether a text has each option that a question names; True where it names none."""
    return all(re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) for option in _OPTION.findall(question))
