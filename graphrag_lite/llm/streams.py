"""Reads what a server streams: the SDK hides how a stream ended, and takes an event without data for broken JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

DONE = "[DONE]"  # the last event, where a server says that it is done


def lines_of(parts: Iterable[bytes]) -> Iterator[str]:
    """The lines of a body as they come.

    The HTTP library would also end them at signs that may stand within JSON, such as U+0085.
    """
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from (line.decode(errors="replace").rstrip("\r") for line in lines)
    yield rest.decode(errors="replace")


def events_of(parts: Iterable[bytes]) -> Iterator[Any]:
    """The JSON of each server-sent event, and `DONE` for the last; without that the connection may have been cut.

    JSON that stands bare on a line is one too: so some gateways send what went wrong, or a whole reply.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    data = ""
    for line in chain(lines_of(parts), [""]):
        field, _, value = line.removeprefix("\ufeff").partition(":")
        if field == "data":
            data += value + "\n"
            if data.strip() == DONE:
                yield DONE
                return
        elif field.startswith("{"):
            yield json.JSONDecoder().raw_decode(line)[0]
        elif not line and data.strip():
            yield json.loads(data)
            data = ""
