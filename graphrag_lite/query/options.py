"""Options of commands as they are typed: "--json" is not "json", and "--batch-wait" not "--batch"."""

from __future__ import annotations

import re

_OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")
_OF_COMMAND = re.compile(rf"(?i)^what is \w+ {_OPTION.pattern}")


def has_options_of(question: str, text: str) -> bool:
    """Whether a text has each option that a question names; True where it names none."""
    return all(re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) for option in _OPTION.findall(question))


def asks_for_option(question: str) -> bool:
    """Whether a question asks what an option of a command is: "What is tar --strip?".

    What its entry begins with is the option alone.
    """
    return _OF_COMMAND.search(question) is not None
