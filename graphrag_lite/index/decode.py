"""Bytes to text: which encoding, and whether it is text at all."""

from __future__ import annotations

import re

from graphrag_lite.errors import InputError
from graphrag_lite.index.formats import is_binary

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CANDIDATES = [
    "gb18030",
    "big5",
    "cp949",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "koi8_r",
]
_KANA = re.compile(r"[\u3041-\u30fe]")
_HIGH_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")
# Letters of Central Europe where cp1252 shows signs inside words, or Nordic and Romance letters side by side.
_CENTRAL_EUROPEAN = re.compile(r"[a-z][¹³¿¼¾º]|[¹³¿¼¾º][a-z]|ø(?=.*[ìùò])|[ìùò](?=.*ø)", re.DOTALL)
_SAMPLE = 65_536


def decode(data: bytes, encoding: str = "") -> str:
    """The text of a file, with line feeds as line ends.

    Args:
        data: The whole file.
        encoding: Its encoding; empty means to detect it, UTF-8 first.

    Raises:
        InputError: The bytes are not text, or not in that encoding.
    """
    name = encoding or detect_encoding(data)
    try:
        # Bytes that are no UTF-8 are tolerated only where detection found them rare.
        text = data.decode(name, errors="strict" if encoding else "replace")
    except UnicodeDecodeError as error:
        raise InputError(
            f"is not {encoding} text (byte {error.start}). Correct load.encoding, or leave it empty to detect"
        ) from error
    except LookupError as error:
        raise InputError(f"encoding {encoding!r} is unknown. Correct load.encoding, or leave it empty") from error
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def detect_encoding(data: bytes) -> str:
    """The codec that reads `data`.

    Raises:
        InputError: The bytes are not text.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if b"\x00" in sample and (name := _utf16(sample)):
        return name
    if is_binary(sample):
        raise InputError("is a binary file, not text. Convert it, or exclude it: load.exclude")
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return _legacy(data)


def _utf16(sample: bytes) -> str:
    """UTF-16 without a mark, or empty: every second byte of Western text, spaces and line ends is zero."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) * 5 > len(sample) and min(even, odd) * 20 < max(even, odd):
        text = sample[: len(sample) // 2 * 2].decode(name, errors="replace")
        if sum(not c.isprintable() and not c.isspace() for c in text) * 50 < len(text):
            return name
    return ""


def _legacy(data: bytes) -> str:
    """The encoding of text that is not quite UTF-8, or not at all."""
    high = b"".join(match.group() for match in _HIGH_LINE.finditer(data[: 16 * _SAMPLE]))[:_SAMPLE]
    as_utf8 = high.decode("utf-8", errors="replace")
    broken = as_utf8.count("\ufffd")
    if broken * 10 < sum(c > "\x7f" for c in as_utf8) - broken:
        return "utf-8"
    for name in ("cp932", "euc_jp"):  # kana is proof; frequencies confuse these with Chinese encodings
        text = _decoded(high, name)
        if len(_KANA.findall(text)) * 6 > sum(c > "\x7f" for c in text) > 0:
            return name
    from charset_normalizer import from_bytes

    best = from_bytes(high, cp_isolation=_CANDIDATES).best()
    name = best.encoding if best else "cp1252"
    if name in ("cp1250", "cp1254") and not _CENTRAL_EUROPEAN.search(_decoded(high, "cp1252")):
        return "cp1252"  # these share most letters, and Western Europe is the better guess
    return name


def _decoded(data: bytes, name: str) -> str:
    """Empty where the bytes, less a character cut off at the end, are not in that encoding."""
    for cut in (0, 1, 2, 3):
        try:
            return data[: len(data) - cut].decode(name)
        except UnicodeDecodeError:
            continue
    return ""
