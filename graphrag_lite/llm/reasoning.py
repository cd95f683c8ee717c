"""Keeps a model's reasoning out of its answers, and legitimate text that talks about such tags in them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator

_HALF = re.compile("[\ud800-\udfff]")
# What a terminal would obey, or a page turn round; but for tabs and line ends.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TAG = r"(?:think|thinking|thought|reasoning)"
_LEADING = re.compile(rf"\s*<({_TAG})>(.*?)</\1>\s*", re.DOTALL | re.IGNORECASE)
_UNCLOSED = re.compile(rf"\s*<({_TAG})>", re.IGNORECASE)
_OPENING = re.compile(rf"<{_TAG}>", re.IGNORECASE)
# A closing tag ends a thought when it ends its line or touches the text behind it. Inside a sentence, in quotes or
# in code, it is text about tags.
_LONE_CLOSING = re.compile(rf"(?<![`'\"“‘«(])</{_TAG}>(?:[ \t]*(?:\n|$)\s*|(?=[^\s`'\"”’»).,;:!?]))", re.IGNORECASE)
_LONGEST_TAG = len("</reasoning>")
# gpt-oss behind a server that does not read its format: channels one after another, the last of them the answer.
_CHANNEL = re.compile(r"\s*(?:<\|start\|>assistant)?<\|channel\|>")
_BEGUN_CHANNEL = "<|start|>assistant<|channel|>"
_FINAL = re.compile(
    rf"{_CHANNEL.pattern}(?:(.*?)<\|channel\|>)?final\b[^<]*(?:<\|constrain\|>\w+)?<\|message\|>", re.DOTALL
)
# A model that was asked for JSON may take that for a call of a tool, which goes into the commentary.
_COMMENTARY = re.compile(
    rf"{_CHANNEL.pattern}(?:(.*)<\|channel\|>)?commentary\b[^<]*(?:<\|constrain\|>\w+)?<\|message\|>", re.DOTALL
)
_SIGN = re.compile(r"<\|\w+\|>")
# The same where a server drops the signs and keeps their words: "analysisWe need … assistantfinalAda Renn."
_BARE_CHANNEL = re.compile(r"\s*(?:assistant)?analysis(?=[A-Z\"'“(\[{])")
_BARE_FINAL = re.compile(r"assistant(?:commentary.*?assistant)?final", re.DOTALL)
# What begins a turn in the format of a model, at the begin of a reply.
_TURN_SIGNS = ("<|im_start|>", "<|start_header_id|>", "<start_of_turn>", "<|begin_of_text|>", "<s>", "<bos>")
_LONGEST_START = 70
_TURN_START = re.compile(
    r"\s*(?:(?:<\|begin_of_text\|>|<s>|<bos>)\s*)?"
    r"(?:(?:<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>)\s*(?:assistant|model)\b(?:<\|end_header_id\|>)?\s*)?"
)
# What ends a turn in the format of a model; it is in the text where a server takes the model for another.
_END_SIGN = (
    r"(?:<\|(?:im_end|end|eot_id|eom_id|return|call|endoftext|end_of_text)\|>|<end_of_turn>|<｜end▁of▁sentence｜>|</s>)"
)
# Behind it a model that was not stopped may go on with a turn of the user. Amid a sentence it is text about signs.
_NEXT_TURN = re.compile(
    rf"(?<![`'\"“‘])(?<![\w:,;] ){_END_SIGN}\s*(?:<\|(?:im_start|start_header_id|user)\|>|<start_of_turn>|<s>|\[INST\]"
    r"|<｜User｜>|(?:Human|User|Question):)"
)
_TURN_END = re.compile(rf"(?<![`'\"“‘])(?:{_END_SIGN}\s*)+\Z")
_MAY_END = re.compile(r"(?:<[|｜/]?[\w▁]{0,16}[|｜]?(?:>\s{0,2}|\Z)){1,3}(?:\w{0,9}|\[\w{0,4})\Z")
_LONGEST_END = 80


def encodable(text: str) -> str:
    """The text, halves of a character joined, or replaced where one stands alone: no file or terminal takes these."""
    if _HALF.search(text) is None:
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return joined.encode("utf-8", "replace").decode()


def readable(text: str) -> str:
    """The text of a reply without what nobody could read in it."""
    return _CONTROL.sub("", encodable(text))


def readable_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces of such a text, a character that was cut in two between them in one of them."""
    held = ""
    for piece in pieces:
        text = held + piece
        held = text[-1] if "\ud800" <= text[-1:] <= "\udbff" else ""
        if shown := readable(text[: len(text) - len(held)]):
            yield shown
    if held:
        yield readable(held)


def split_reasoning(text: str) -> tuple[str, str]:
    """(reasoning, answer) of a raw reply.

    Reasoning is one or more leading `<think>…</think>`, an unclosed leading one (the model was cut off while it
    thought), or everything up to a lone closing tag (the chat template had opened it in the prompt).
    """
    thoughts = []
    # Both searches for tags look at every character: of a long reply only where there may be one.
    text = readable(text)
    if ">" in text:
        text = _within_turn(text)
    if channel := _CHANNEL.match(text):
        final = _FINAL.match(text) or _COMMENTARY.match(text)
        thought, answer = (final.group(1) or "", text[final.end() :]) if final else (text[channel.end() :], "")
        return _SIGN.sub(" ", thought).strip(), answer
    if bare := _BARE_CHANNEL.match(text):
        closing = _BARE_FINAL.search(text, bare.end())
        end, start = closing.span() if closing else (len(text), len(text))
        return text[bare.end() : end].strip(), text[start:]
    while match := _LEADING.match(text):
        thoughts.append(match.group(2).strip())
        text = text[match.end() :]
    if not thoughts:
        if match := _UNCLOSED.match(text):
            return text[match.end() :].strip(), ""
        closing = _LONE_CLOSING.search(text) if "</" in text else None
        if closing and not _OPENING.search(text, 0, closing.start()):
            return text[: closing.start()].strip(), text[closing.end() :]
    return "\n".join(thoughts), text


def _within_turn(text: str) -> str:
    """A text without the signs of its turn, and without the turns behind it."""
    if following := _next_turn(text):
        text = text[: following.start()]
    text = _TURN_END.sub("", text)
    start = _TURN_START.match(text)
    return text[start.end() :] if start and start.group().strip() else text


def _next_turn(text: str, start: int = 0) -> re.Match[str] | None:
    """Where the turn behind the model's own begins; None in a text that itself shows how turns begin."""
    following = _NEXT_TURN.search(text, start)
    own = _TURN_START.match(text) if following else None
    if not following or not own:
        return None
    return None if any(sign in text[own.end() : following.start()] for sign in _TURN_SIGNS) else following


def visible_pieces(pieces: Iterable[str], *, hides_lone_think: bool = False) -> Iterator[str]:
    """The pieces of a streamed reply without its leading reasoning.

    Args:
        pieces: Raw text as it arrives.
        hides_lone_think: Hold everything back until a closing tag or the end, for models that open their thought in
            the prompt.
    """
    held, is_open = "", False
    for piece in _without_turn_end(readable_pieces(pieces)):
        if is_open:
            yield piece
            continue
        held += piece
        if not _may_be_thought(held, hides_lone_think):
            is_open = True
            _, answer = split_reasoning(held)
            if answer:
                yield answer
    if not is_open:
        _, answer = split_reasoning(held)
        if answer:
            yield answer


def _without_turn_end(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, what may become the sign of an end held back."""
    text, shown, source = "", 0, iter(pieces)
    for piece in source:
        text += piece
        if text.find(">", shown) >= 0 and (following := _next_turn(text, shown)):
            text = text[: following.start()]
            deque(source, 0)  # what it counts comes at its end
            break
        sign = _MAY_END.search(text, max(shown, len(text) - _LONGEST_END))
        ready = sign.start() if sign else len(text)
        if ready > shown:
            yield text[shown:ready]
            shown = ready
    if rest := _TURN_END.sub("", text[shown:]):
        yield rest


def _may_be_thought(held: str, hides_lone_think: bool) -> bool:
    """True while more text is needed to know whether `held` shows anything."""
    if hides_lone_think and not re.search(rf"</{_TAG}>\s*\S", held, re.IGNORECASE):
        return True
    start = held.lstrip()
    if not start:
        return True
    if _CHANNEL.match(held):
        final = _FINAL.match(held)
        return final is None or final.end() == len(held)
    if _BEGUN_CHANNEL.startswith(start) or any(word.startswith(start) for word in ("analysis", "assistantanalysis")):
        return True
    if any(sign.startswith(start) for sign in _TURN_SIGNS):
        return True
    if start.startswith(_TURN_SIGNS) and len(start) < _LONGEST_START:
        begun = _TURN_START.match(held)
        return begun is None or begun.end() in (0, len(held))
    if bare := _BARE_CHANNEL.match(held):
        closing = _BARE_FINAL.search(held, bare.end())
        return closing is None or closing.end() == len(held)
    if start.startswith("<") and ">" not in start[:_LONGEST_TAG] and len(start) < _LONGEST_TAG:
        return True
    if _UNCLOSED.match(held):
        leading = _LEADING.match(held)
        return leading is None or leading.end() == len(held)
    return False
