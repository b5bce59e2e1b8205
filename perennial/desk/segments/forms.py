"""What somebody sends from the builder: the filter, the name and titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from perennial.customers.filters import AllOf, Field, FilterRefused, Kind, Op, parse
from perennial.customers.filters.tree import Condition
from perennial.customers.models import Segment
from perennial.customers.pinyin import search_key
from perennial.customers.segments.actions import Wanted
from perennial.desk.segments.builder import Built, built_of, done, read, tree_of
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment that is being written. `refused`: the text cannot be read."""

    built: Built
    wanted: Wanted
    version: int
    refused: FilterRefused | None = None


def draft_of(segment: Segment, fields: Sequence[Field]) -> Draft:
    """The form as it opens on a segment."""
    wanted = Wanted(
        segment.name,
        segment.title_zh,
        segment.title_en,
        segment.filter,
        segment.meaning,
        segment.shared,
    )
    return Draft(_built(segment.filter, fields), wanted, segment.version)


def empty(text: str, fields: Sequence[Field], *, user: User) -> Draft:
    """The form of a new one, with the filter that it begins with; `me` is named."""
    try:
        tree = mine(parse(text), user)
        return Draft(built_of(tree, _named(fields)), Wanted("", "", "", tree.text), 0)
    except FilterRefused as refused:
        return Draft(Built(), Wanted("", "", "", ""), 0, refused)


def sent(params: QueryDict, fields: Sequence[Field], *, user: User, name: str = "") -> Draft:
    """What was sent, after the button that was pressed."""
    act = params.get("do", "")
    refused = None
    built = read(params, _named(fields))
    if act == "read":
        try:
            built = built_of(mine(parse(params.get("text", "").strip()), user), _named(fields))
        except FilterRefused as wrong:
            built, refused = replace(built, text=params.get("text", "")), wrong
    built = done(built, act)
    text = built.text or mine(tree_of(built, _named(fields)), user).text
    zh, en = (" ".join(params.get(f"title_{it}", "").split())[:200] for it in ("zh", "en"))
    wanted = Wanted(
        name=name or params.get("name", "").strip().lower() or _name_of(en or zh),
        title_zh=zh or en,
        title_en=en or zh,
        filter=text,
        meaning=params.get("meaning", "").strip(),
        shared=params.get("shared") == "yes",
    )
    version = params.get("version", "")
    return Draft(built, wanted, int(version) if version.isdecimal() else 0, refused)


def mine(tree: AllOf, user: User) -> AllOf:
    """`me` as the user who says it: a segment is the same for everybody."""
    return AllOf(
        tuple(
            replace(part, values=tuple(str(user.pk) if v == "me" else v for v in part.values))
            if isinstance(part, Condition)
            and part.op in (Op.IN, Op.NOT_IN)
            and part.field == "owner"
            else part
            for part in tree.parts
        )
    )


def _built(text: str, fields: Sequence[Field]) -> Built:
    try:
        return built_of(parse(text), _named(fields))
    except FilterRefused:
        return Built((), text)


def _named(fields: Sequence[Field]) -> Mapping[str, Field]:
    return {it.name: it for it in fields}


def _name_of(title: str) -> str:
    """An identifier made of a title: `key_accounts`, `dakehu`."""
    spelled = search_key(title).split()[-1:] or [title]
    kept = "".join(it if it.isascii() and it.isalnum() else "_" for it in spelled[0].lower())
    return "_".join(filter(None, kept.split("_")))[:40]


def groups_of_fields(fields: Sequence[Field]) -> list[Field]:
    """The fields in the order of the list, segments first."""
    return sorted(fields, key=lambda it: it.kind is not Kind.SEGMENT)
