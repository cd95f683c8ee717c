"""The files of directories, globs and paths, in one fixed order."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from graphrag_lite.errors import InputError, NotFoundError
from graphrag_lite.index.formats import HEAD, foreign_kind, is_container, looks_like_text, suffix_format
from graphrag_lite.settings import SETTINGS_FILE, LoadSettings

_STORE = frozenset(
    (
        SETTINGS_FILE,
        "lancedb",
        "snapshots",
        "tables.json",
        "grl-prompts",
        "writer.lock",
        "cache.sqlite",
        "cache.sqlite-wal",
        "cache.sqlite-shm",
    )
)
_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `source` is its absolute path with slashes, `root` the directory, file or glob it came from.

    `is_folder` where it stands for a folder that cannot be looked into.
    """

    path: Path
    source: str
    root: str
    is_folder: bool = False


def discover(
    sources: Sequence[str | Path], settings: LoadSettings, skipped: Counter[str] | None = None
) -> Iterator[SourceFile]:
    """Every file under the sources once, sorted by path within each source.

    A file named by itself is always given; in directories those that can hold no text (images, archives, programs)
    are left out and counted. A folder that cannot be read, or that a symbolic link leads back into, is given as if
    it were a file: reading it says what is wrong.

    Args:
        sources: Directories, files or globs (`docs/**/*.md`).
        settings: `include`, `exclude` and `hidden` are used; globs are relative to the directory. One without a
            slash matches names at any depth; one that matches a folder matches all in it.
        skipped: Receives the endings of the files that were left out.

    Raises:
        NotFoundError: A source does not exist.
        InputError: A glob matches nothing.
    """
    seen: set[str] = set()
    counts: Counter[str] = Counter() if skipped is None else skipped
    for source in sources:
        for file in _source_files(source, settings, counts):
            if file.source not in seen:
                seen.add(file.source)
                yield file


def describe_skipped(skipped: Counter[str]) -> str:
    """A notice such as "12 files without text skipped: .png (10), .zip (2)"; empty when none was."""
    if not skipped:
        return ""
    kinds = ", ".join(f"{name} ({n})" for name, n in sorted(skipped.items(), key=lambda pair: (-pair[1], pair[0]))[:8])
    total = sum(skipped.values())
    return f"{total} {'file' if total == 1 else 'files'} without text skipped: {kinds}"


def source_name(path: Path) -> str:
    r"""The name under which a file is known: its path with slashes, and "\xe9" for a byte that is no UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def is_glob(source: str) -> bool:
    """True for a pattern such as `docs/**/*.md`."""
    return _MAGIC.search(source) is not None


def glob_pattern(pattern: str) -> re.Pattern[str]:
    """A glob to match against whole paths: `*` stays inside a folder, `**` does not."""
    return re.compile(_translate(pattern), re.DOTALL)


def directories(sources: Iterable[str | Path]) -> set[str]:
    """Those of the sources that are directories, as `SourceFile.root` names them, also where no file is left in one."""
    paths = [Path(os.path.abspath(os.path.expanduser(source))) for source in sources]
    return {source_name(path) for path in paths if path.is_dir()}


def _source_files(source: str | Path, settings: LoadSettings, skipped: Counter[str]) -> Iterator[SourceFile]:
    path = Path(os.path.abspath(os.path.expanduser(source)))
    root = source_name(path)
    if os.path.lexists(path):
        if path.is_dir():
            yield from _walk(path, root, settings, skipped)
        else:
            yield SourceFile(path, root, root)
        return
    if not is_glob(str(source)):
        raise NotFoundError(f"{source}: no such file or directory. Check the path; it is relative to {os.getcwd()}")
    parts = path.parts
    fixed = next(i for i, part in enumerate(parts) if _MAGIC.search(part))
    base = Path(*parts[:fixed])
    pattern = glob_pattern("/".join(parts[fixed:]))
    inside = settings.model_copy(update={"include": (), "exclude": settings.exclude})
    found = [f for f in _walk(base, root, inside, skipped) if pattern.fullmatch(f.path.relative_to(base).as_posix())]
    if not found:
        raise InputError(
            f"{source}: matches no file. Check the pattern, and quote it so that the shell leaves it alone"
        )
    yield from found


def _walk(directory: Path, root: str, settings: LoadSettings, skipped: Counter[str]) -> Iterator[SourceFile]:
    found: list[Path] = []
    folders: set[Path] = set()
    links: list[Path] = []
    visited: set[str] = set()
    pending = [directory]
    while pending or links:
        # Real folders first: what a link leads to is known by its own path where it has one.
        folder = pending.pop() if pending else links.pop(0)
        real = os.path.realpath(folder)
        if real in visited:
            if os.path.realpath(folder.parent).startswith(real + os.sep) or os.path.realpath(folder.parent) == real:
                folders.add(folder)  # a loop
            continue
        visited.add(real)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            folders.add(folder)
            continue
        names = {entry.name for entry in entries}
        is_store = SETTINGS_FILE in names or {"lancedb", "snapshots"} <= names or {"tables.json", "snapshots"} <= names
        for entry in entries:
            path = Path(entry.path)
            relative = path.relative_to(directory).as_posix()
            if _is_left_out(entry.name, relative, settings) or (is_store and entry.name in _STORE):
                continue
            if _is_dir(entry):
                (links if entry.is_symlink() else pending).append(path)
            elif _is_wanted(path, relative, settings, skipped):
                found.append(path)
    for path in sorted([*found, *folders], key=lambda p: p.as_posix()):
        yield SourceFile(path, source_name(path), root, path in folders)


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_left_out(name: str, relative: str, settings: LoadSettings) -> bool:
    is_hidden = name.startswith(".") and not settings.hidden
    return is_hidden or any(_matches(pattern, relative) for pattern in settings.exclude)


def _is_wanted(path: Path, relative: str, settings: LoadSettings, skipped: Counter[str]) -> bool:
    if settings.include:
        return any(_matches(pattern, relative) for pattern in settings.include)
    if suffix_format(path.name):
        return True
    ending = path.suffix.lower() or "no ending"
    try:
        if not path.is_file():
            return path.is_symlink()  # broken, or a loop: reading it says so; sockets and pipes are no files
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError:
        return True
    is_text = not foreign_kind(head) and looks_like_text(head)
    if (is_text or is_container(head)) and not (head.startswith(b"PK\x03\x04") and ending not in ("no ending",)):
        return True
    skipped[ending] += 1
    return False


def _matches(pattern: str, relative: str) -> bool:
    return _compiled(pattern).fullmatch(relative) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    pattern = pattern.removeprefix("./").rstrip("/")
    anywhere = "" if "/" in pattern else r"(?:.*/)?"
    return re.compile(rf"{anywhere}{_translate(pattern)}(?:/.*)?", re.DOTALL)


def _translate(pattern: str) -> str:
    """A glob as a regular expression: `*` stays inside a folder, `**` does not."""
    out = ""
    i = 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out, i = out + r"(?:.*/)?", i + 3
        elif pattern.startswith("**", i):
            out, i = out + r".*", i + 2
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) > 0:
            inside = pattern[i + 1 : end].replace("\\", r"\\")
            out, i = out + "[" + ("^" + inside[1:] if inside[0] == "!" else inside) + "]", end + 1
        else:
            out, i = out + {"*": "[^/]*", "?": "[^/]"}.get(pattern[i], re.escape(pattern[i])), i + 1
    return out
