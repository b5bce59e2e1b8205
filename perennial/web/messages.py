"""Catalogues of 简体中文: `python -m perennial.web.messages [SLICE …] [--check] [--tidy]`.

Collects every text of a slice into `perennial/<slice>/locale/zh_Hans/LC_MESSAGES/django.po`
(new ones with an empty translation, for a person to fill) and compiles `django.mo` beside it.
Needs no gettext tools. `--check` writes nothing and fails when a catalogue is behind, has a gap
or disagrees with its source about placeholders. `--tidy` drops texts that are no longer used.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polib
from babel.messages.extract import extract
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = Path("locale/zh_Hans/LC_MESSAGES")
# Texts of units are shown by others: units is no Django app, so web carries their translations.
CARRIED_BY = {"units": "web"}
KEYWORDS: dict[str, Any] = {  # what Babel takes is wider than it says
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "sentence": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "RowError": (2,),
    "PerennialError": (1,),
    "InputRefused": (1,),
    "Busy": (1,),
    "EnvironmentFault": (1,),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[sdif]|%[sdif%]|\{\w*\}")
HEADER = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "zh_Hans",
    "Plural-Forms": "nplurals=1; plural=0;",
}

Key = tuple[str | None, str, str]


@dataclass(frozen=True, slots=True)
class Text:
    """One text to translate: context or None, singular, plural or '', and its file."""

    context: str | None
    singular: str
    plural: str
    file: str

    @property
    def key(self) -> Key:
        return (self.context, self.singular, self.plural)


def source_files(folder: Path) -> Iterator[Path]:
    """Python files and templates of a slice, without tests and migrations."""
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]):
        if not {"tests", "migrations", "static"} & set(path.relative_to(folder).parts):
            yield path


def texts_in(path: Path, name: str) -> Iterator[Text]:
    """Every marked text of one file, in order."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # In brackets, so that the indentation of a template is no Python indentation.
        source = "(" + templatize(source, origin=str(path)) + "\n)"
    stream = io.BytesIO(source.encode())
    stream.name = str(path)
    for _line, message, _comments, context in extract(
        "python", stream, keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        forms = [message] if isinstance(message, str) else list(message)
        if forms[0].strip():
            yield Text(context, forms[0], forms[1] if len(forms) > 1 else "", name)


def texts_of(slice_name: str) -> list[Text]:
    """Every text of a slice once, in the order of its files."""
    carried = [lower for lower, carrier in CARRIED_BY.items() if carrier == slice_name]
    found: dict[Key, Text] = {}
    for part in [slice_name, *carried]:
        for path in source_files(PACKAGE / part):
            name = path.relative_to(PACKAGE).as_posix()
            for text in texts_in(path, name):
                found.setdefault(text.key, text)
    return list(found.values())


def merged(old: polib.POFile, texts: list[Text], *, tidy: bool) -> polib.POFile:
    """The catalogue of exactly these texts, with the translations that `old` has."""
    known: dict[Key, polib.POEntry] = {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): entry for entry in old
    }
    new = polib.POFile(wrapwidth=100)
    new.metadata = dict(HEADER)
    for text in texts:
        entry = known.pop(text.key, None) or polib.POEntry(
            msgctxt=text.context,
            msgid=text.singular,
            msgid_plural=text.plural,
            msgstr_plural={0: ""} if text.plural else {},
        )
        entry.occurrences, entry.obsolete = [(text.file, "")], False
        new.append(entry)
    for entry in known.values():
        if not tidy and (entry.msgstr or any(entry.msgstr_plural.values())):
            entry.occurrences, entry.obsolete = [], True
            new.append(entry)
    return new


def faults(catalogue: polib.POFile) -> Iterator[str]:
    """What is wrong with the translations: gaps, doubts, placeholders that differ."""
    for entry in catalogue:
        if entry.obsolete:
            continue
        shown = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
        if not shown:
            yield f"not translated: {entry.msgid!r}"
        elif entry.fuzzy:
            yield f"marked as doubtful: {entry.msgid!r}"
        else:
            wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
            if not set(PLACEHOLDER.findall(shown)) <= wanted or (
                not entry.msgid_plural and set(PLACEHOLDER.findall(shown)) != wanted
            ):
                yield f"placeholders differ: {entry.msgid!r}"


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step, and only when it changes."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def bring_up(slice_name: str, *, check: bool, tidy: bool) -> list[str]:
    """Write (or only compare) the catalogue of one slice; return what is wrong with it."""
    texts = texts_of(slice_name)
    po_path = PACKAGE / slice_name / LOCALE / "django.po"
    mo_path = po_path.with_suffix(".mo")
    if not texts and not po_path.exists():
        return []
    old = polib.pofile(str(po_path)) if po_path.exists() else polib.POFile()
    new = merged(old, texts, tidy=tidy)
    wrong = list(faults(new))
    content, compiled = (str(new).rstrip() + "\n").encode(), new.to_binary()
    if check:
        current = po_path.exists() and po_path.read_bytes() == content
        if not current or not mo_path.exists() or mo_path.read_bytes() != compiled:
            wrong.append("the catalogue is behind its sources: run `make messages`")
    else:
        write(po_path, content)
        write(mo_path, compiled)
    return [f"{slice_name}: {line}" for line in wrong]


def quarrels() -> Iterator[str]:
    """Django merges the catalogues: one text must not have two translations."""
    told: dict[Key, tuple[str, str]] = {}
    for slice_name in slices():
        path = PACKAGE / slice_name / LOCALE / "django.po"
        entries = polib.pofile(str(path)) if path.exists() else ()
        for entry in (it for it in entries if not it.obsolete):
            shown = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
            first, other = told.setdefault(
                (entry.msgctxt, entry.msgid, entry.msgid_plural), (shown, slice_name)
            )
            if shown and first and first != shown:
                yield (
                    f"{slice_name}: {entry.msgid!r} is {shown} here and {first} in {other}: "
                    "give it a context or agree"
                )


def slices() -> list[str]:
    return sorted(
        path.parent.name
        for path in PACKAGE.glob("*/__init__.py")
        if path.parent.name not in CARRIED_BY
    )


def main(arguments: list[str]) -> int:
    named = [word for word in arguments if not word.startswith("-")]
    check, tidy = "--check" in arguments, "--tidy" in arguments
    wrong = [
        line
        for slice_name in named or slices()
        for line in bring_up(slice_name, check=check, tidy=tidy)
    ]
    if not named:
        wrong += quarrels()
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
