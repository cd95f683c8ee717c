"""The words we send to models: one file per prompt and language, which users can replace."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from graphrag_lite.errors import InputError, SettingsError

LANGUAGES = ("en", "zh")
_SHIPPED = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{\{(\w+)(?:\|([^{}\n]+))?\}\}")
_DIVIDER = re.compile(r"^---[ \t]*\n", re.MULTILINE)
# What a user's own prompt may say in its own words instead of taking it from the settings.
_OPTIONAL = {"types", "language"}
_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt. `system` is the same for every call of a run, so that providers can cache it."""

    system: str
    user: str


def render(name: str, language: str = "en", folder: str = "", /, **values: object) -> Prompt:
    """A prompt with its placeholders `{{key}}` filled in; values are never searched for placeholders themselves.

    Where a value is empty, `{{key|words}}` shows its own words. A user's prompt that has none shows ours.

    Args:
        name: The file's stem, such as `extract`.
        language: "en" or "zh".
        folder: The user's own prompts, as `folder/en/extract.md`; what is not there is taken from the package.
        values: One value for each placeholder.

    Raises:
        SettingsError: The file is missing, or its placeholders are not exactly the values.
    """
    text = read_prompt(name, language, folder)
    _check_placeholders(text, set(values), f"{language}/{name}.md", folder)
    usual = _usual_words(read_prompt(name, language)) | _usual_words(text)
    shown = {key: str(value) or usual.get(key, "") for key, value in values.items()}
    system, _, user = divide(text)
    return Prompt(_fill(system, shown), _fill(user, shown))


def read_prompt(name: str, language: str, folder: str = "") -> str:
    """The text of a prompt file, the user's own before ours; what is edited meanwhile is seen.

    Raises:
        SettingsError: There is no such prompt, the folder has files that nobody would read, or the user's own file has
            other placeholders than ours.
    """
    ours = _shipped(name, language)
    if not folder:
        return ours
    _check_folder(Path(folder))
    own = Path(folder) / language / f"{name}.md"
    if not own.is_file():
        return ours
    text = _read(own, own.stat().st_mtime_ns)
    _check_placeholders(text, placeholders(ours), f"{language}/{name}.md", folder)
    return text


@cache
def _shipped(name: str, language: str) -> str:
    path = _SHIPPED / language / f"{name}.md"
    if name not in prompt_names() or not path.is_file():
        raise SettingsError(
            f"There is no prompt {language}/{name}.md. Languages: {', '.join(LANGUAGES)}; prompts: "
            f"{', '.join(prompt_names())}."
        )
    return path.read_text(encoding="utf-8").strip()


def _check_folder(folder: Path) -> None:
    """Refuse what was meant as a prompt and would be passed over in silence."""
    if not folder.is_dir():
        raise SettingsError(
            f"llm.prompts = {str(folder)!r} is no folder. Correct it, or leave it empty to use our prompts."
        )
    known = prompt_names()
    passed_over = [path for path in folder.glob("*.md") if path.stem in known]
    passed_over += [path for one in LANGUAGES for path in (folder / one).glob("*.md") if path.stem not in known]
    if passed_over:
        raise SettingsError(
            f"{sorted(passed_over)[0]} is no prompt. Prompts are en/NAME.md and zh/NAME.md, NAME being one of: "
            f"{', '.join(known)}."
        )


def _check_placeholders(text: str, keys: set[str], name: str, folder: str) -> None:
    found = placeholders(text)
    missing, unused = sorted(found - keys), sorted(keys - found - (_OPTIONAL if folder else set()))
    if missing or unused:
        trouble = [f"has no value for {{{{{key}}}}}" for key in missing] + [f"lacks {{{{{key}}}}}" for key in unused]
        raise SettingsError(f"The prompt {name} {' and '.join(trouble)}. Correct the file in {folder!r}.")


@lru_cache(maxsize=64)
def _read(path: Path, modified_ns: int) -> str:
    return path.read_text(encoding="utf-8").strip()


def prompt_fingerprint(names: Iterable[str], folder: str) -> str:
    """A hash of the words of some prompts, in all languages."""
    words = "\0".join(read_prompt(name, language, folder) for name in names for language in LANGUAGES)
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


def placeholders(text: str) -> set[str]:
    """The keys of a prompt's placeholders."""
    return {key for key, _ in _PLACEHOLDER.findall(text)}


def _usual_words(text: str) -> dict[str, str]:
    return {key: words for key, words in _PLACEHOLDER.findall(text) if words}


@cache
def prompt_names() -> list[str]:
    """The prompts that there are."""
    return sorted(path.stem for path in (_SHIPPED / LANGUAGES[0]).glob("*.md"))


def export_prompts(folder: Path) -> list[Path]:
    """Copies of our prompts, to be edited.

    Raises:
        InputError: One of the files is there already; it may hold somebody's work.
    """
    copies = {folder / language / f"{name}.md": (language, name) for language in LANGUAGES for name in prompt_names()}
    for path in copies:
        if path.exists():
            raise InputError(f"{path} is there already: remove it, or name another folder")
    for path, (language, name) in copies.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(read_prompt(name, language) + "\n", encoding="utf-8")
    return list(copies)


def settings_line(folder: Path) -> str:
    """What to put into grl.toml so that the prompts in `folder` are used."""
    return f'[llm]\nprompts = "{folder.resolve().as_posix()}"'


def prompt_language(text: str) -> str:
    """The language whose prompts suit a text: "zh" where at least a fifth of it is Chinese, else "en"."""
    sample = text[:4000]
    return "zh" if 5 * len(_CJK.findall(sample)) >= max(1, len(sample)) else "en"


def fence(texts: Iterable[str]) -> str:
    """A mark that stands in none of the texts, to set them apart from our words.

    It is derived from the texts, so equal calls stay equal, and whoever wrote one of them cannot have known it.
    """
    joined = "\n".join(texts)
    mark, salt = "", 0
    while not mark or mark in joined:
        mark = hashlib.blake2b(f"{salt}\n{joined}".encode(), digest_size=3).hexdigest()
        salt += 1
    return mark


def numbered(items: Iterable[tuple[str, str]]) -> str:
    """Numbered (title, text) items, each behind a line `#mark number title` that no text can forge."""
    pairs = list(items)
    mark = fence(part for pair in pairs for part in pair)
    parts = [f"#{mark} {n}{' ' + _line(title) if title else ''}\n{text}" for n, (title, text) in enumerate(pairs, 1)]
    return "\n".join([*parts, f"#{mark} end"])


def fenced(name: str, text: str) -> str:
    """One text behind a line `#mark name` that it cannot forge."""
    mark = fence([text])
    return f"#{mark} {name}\n{text}\n#{mark} end"


def _line(title: str) -> str:
    return " ".join(title.split())


def divide(text: str) -> tuple[str, str, str]:
    """(system part, divider, user part) of a prompt file."""
    parts = _DIVIDER.split(text, maxsplit=1)
    return parts[0].strip(), "---", parts[1].strip() if len(parts) > 1 else ""


def _fill(template: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], template)
