"""Ids out of texts: whole words become their pseudonyms, however they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

WORD_FROM = 4  # shorter ids are replaced where an id stands, not as words of a text


@dataclass(frozen=True)
class Scrub:
    """What every id becomes."""

    pseudonyms: Mapping[str, str]

    @cached_property
    def forms(self) -> dict[str, str]:
        """Every way in which an id that is long enough may be written → its pseudonym."""
        return {
            form: new
            for one, new in self.pseudonyms.items()
            if len(one) >= WORD_FROM
            for form in _forms(one)
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        longest = sorted(self.forms, key=len, reverse=True)
        return re.compile("|".join(map(_word, longest)), re.ASCII) if longest else None

    def in_bytes(self, data: bytes) -> bool:
        """Whether any id stands in a file, as a word or a part of one."""
        forms = {*self.forms, *self.pseudonyms}
        return any(form.encode() in data for form in forms if len(form) >= WORD_FROM)

    def text(self, text: str) -> str:
        """A text of people, or an id."""
        if text in self.pseudonyms:
            return self.pseudonyms[text]
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self.forms[found.group()], text)

    def json(self, text: str) -> str:
        """A JSON text; left as it stands when no id is in it."""
        try:
            value = json.loads(text)
            changed = self.value(value)
        except (ValueError, RecursionError):
            return self.text(text)
        return text if changed == value else json.dumps(changed, ensure_ascii=False)

    def value(self, value: object, *, is_id: bool = False) -> object:
        """A JSON value: texts, names, and numbers that stand under a name ending in “id”."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {
                    self.text(name): self.value(it, is_id=name.lower().endswith("id"))
                    for name, it in value.items()
                }
            case list():
                return [self.value(it, is_id=is_id) for it in value]
            case int() if is_id and not isinstance(value, bool):
                return self.pseudonyms.get(str(value), value)
        return value


def _forms(one: str) -> set[str]:
    escaped = json.dumps(one)[1:-1]
    upper = re.sub(r"\\u[0-9a-f]{4}", lambda it: "\\u" + it.group()[2:].upper(), escaped)
    plain = json.dumps(one, ensure_ascii=False)[1:-1]
    texts = {one, escaped, upper, plain}
    return {*texts, *(it.replace("/", "\\/") for it in texts), quote(one, safe=""), quote(one)}


def _word(form: str) -> str:
    before = r"\b" if re.match(r"\w", form, re.ASCII) else ""
    after = r"\b" if re.search(r"\w$", form, re.ASCII) else ""
    return before + re.escape(form) + after
