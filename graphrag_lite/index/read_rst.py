"""reStructuredText to light Markdown, as a reader of the page would see it.

By our own hand, since kreuzberg takes every line that begins with a role (:ref:`…`) for a field and so breaks the
sentences of any Sphinx manual, and docutils drops what stands in a directive that it does not know, which are most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphrag_lite.index.render import heading
from graphrag_lite.text.lexicon import word_set

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+\s*$")
_LEAST_ADORNMENT = 4  # signs under a longer title
_DIRECTIVE = re.compile(r"\s*(?:[*+-] +)?\.\. (?:\|[^|\n]+\| )?(?P<name>[\w:+.-]+)::(?: +(?P<argument>.*))?$")
_TARGET = re.compile(r"\s*\.\. _[^\n]*:|\s*__ ")
_NOTE = re.compile(r"(\s*)\.\. (\[[^\]\n]+\] )")
_COMMENT = re.compile(r"\s*\.\.(?: |$)")
_LIKE_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_OPTION = re.compile(r"\s+:[\w-]+:(?: |$)")
_CODE = word_set("code-block code sourcecode math prompt doctest testcode")
_UNSEEN = word_set(
    "toctree contents image include literalinclude index meta role highlight default-role replace sectnum raw "
    "currentmodule testsetup testcleanup tabularcolumns unicode date"
)
_FRAMES = word_set(
    "parsed-literal only container topic epigraph compound class rst-class tab-set tabs list-table table"
)
_ADMONITIONS = word_set("attention caution danger error hint important note seealso tip warning")
_SINCE = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
}
_INLINE = re.compile(
    r"``(?P<code>.+?)``"
    r"|(?::[\w+.-]+){1,3}:`(?P<role>[^`]+)`"
    r"|`(?P<link>[^`\s][^`]*)`_{0,2}"
    r"|\\(?P<escaped>[^\w\s])",
    re.DOTALL,
)
_WITH_TARGET = re.compile(r"(.+?)\s+<.+>$", re.DOTALL)


def read_rst(text: str) -> str:
    """The text of a page: headings marked, roles and links as their words, no comments, targets or options."""
    shown = "\n".join(_Page(text.expandtabs().splitlines()).read())
    return re.sub(r"\n{3,}", "\n\n", shown).strip("\n")


class _Page:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._styles: list[str] = []  # of headings, in the order of their first use, which is that of their levels

    def read(self) -> Iterator[str]:
        prose: list[str] = []
        while self._at < len(self._lines):
            known = self._heading() or self._explicit()
            if known is None:
                prose.append(self._lines[self._at])
                self._at += 1
                known = list(self._literal()) if prose[-1].rstrip().endswith("::") else None
            if known is not None:
                yield from _shown(prose)
                yield from known
                prose = []
        yield from _shown(prose)

    def _heading(self) -> list[str] | None:
        lines = self._lines[self._at : self._at + 3]
        if len(lines) > 2 and lines[2].strip() and lines[0].rstrip() == lines[2].rstrip() and lines[1].strip():
            over, title, size = lines[0], lines[1], 3
        else:
            over, title, size = "", lines[0], 2
        if len(lines) < 2 or not title.strip() or (not over and title[0] == " ") or _ADORNMENT.match(title):
            return None
        under = lines[size - 1].rstrip()
        if not _ADORNMENT.match(under) or len(under) < min(len(title.strip()), _LEAST_ADORNMENT):
            return None
        style = under[0] * (2 if over else 1)
        if style not in self._styles:
            self._styles.append(style)
        self._at += size
        return ["", heading(_plain(title), 1 + self._styles.index(style)), ""]

    def _explicit(self) -> list[str] | None:
        """What is seen of a line that begins with two dots; None for any other."""
        line = self._lines[self._at]
        if directive := _DIRECTIVE.match(line):
            self._at += 1
            return self._directive(directive["name"].rpartition(":")[2], directive["argument"] or "", _indent(line))
        if _TARGET.match(line):
            self._at += 1
            return []
        if note := _NOTE.match(line):
            self._lines[self._at] = note[1] + note[2] + line[note.end() :]
            return None
        if _COMMENT.match(line):
            self._at += 1
            list(self._block(_indent(line)))
            return []
        return None

    def _directive(self, name: str, argument: str, indent: int) -> list[str]:
        while self._at < len(self._lines) and _OPTION.match(self._lines[self._at]):
            self._at += 1
        if name in _UNSEEN:
            list(self._block(indent))
            return []
        if name in _CODE:
            return ["", *_as_code(list(self._block(indent)))]
        if name in _SINCE:
            version, _, said = argument.partition(" ")
            end = f": {said}" if said else ":" if self._goes_on(indent) else "."
            return ["", " " * indent + _plain(f"{_SINCE[name]} {version}{end}")]
        if name in _ADMONITIONS:
            label = "See also" if name == "seealso" else name.capitalize()
            return ["", " " * indent + _plain(f"{label}: {argument}".rstrip())]
        return ["", " " * indent + _plain(argument)] if argument and name not in _FRAMES else [""]

    def _goes_on(self, indent: int) -> bool:
        """Whether what comes next is indented further."""
        return next((_indent(line) > indent for line in self._lines[self._at :] if line.strip()), False)

    def _literal(self) -> Iterator[str]:
        """The block after two colons, as it is."""
        yield from _as_code(list(self._block(_indent(self._lines[self._at - 1]))))

    def _block(self, indent: int) -> Iterator[str]:
        """The lines from here on that are indented further, with the empty ones between."""
        held: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and _indent(line) <= indent:
                break
            held.append(line)
            if line.strip():
                yield from held
                held = []
            self._at += 1
        self._at -= len(held)


def _as_code(lines: list[str]) -> list[str]:
    """A block of code, indented so far that no comment in it is a heading in Markdown."""
    if not any(map(_LIKE_HEADING.match, lines)):
        return lines
    return [f"    {line}" if line.strip() else line for line in lines]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _shown(prose: list[str]) -> list[str]:
    """Lines of prose without their marks; two colons at the end of one are one."""
    text = _plain("\n".join(prose))
    return re.sub(r"(?m)^[ ]*::$", "", re.sub(r"(?m)(?<=\S)[ ]*::$", ":", text)).split("\n") if prose else []


def _plain(text: str) -> str:
    return _INLINE.sub(_words, text)


def _words(match: re.Match[str]) -> str:
    """What a reader sees of a role, a link, code or an escaped sign."""
    if match["code"] or match["escaped"]:
        return match["code"] or match["escaped"]
    shown = match["role"] or match["link"]
    if titled := _WITH_TARGET.match(shown):
        return titled[1]
    if match["role"]:
        return shown[1:].rpartition(".")[2] if shown.startswith("~") else shown.removeprefix("!")
    return shown
