"""Telling: a line in the inbox, and by the readers' wishes mails and messages to channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation

from perennial.notify import email, queries, wording, writing
from perennial.notify.models import Channel, ChannelKind, Delivery, How, Mail, Notice, Topic
from perennial.team.access import sees_money
from perennial.team.models import User

BATCH = 500


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in one language; `why`: why this reader sees it, one sentence."""

    title: str
    body: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What one colleague is told. `key`: telling it again tells nothing.

    `discreet`: the same without amounts, for roles that see none and for channels; None: `said`
    holds none. `customer_id`: whom it speaks of; who may not see that customer is not told.
    """

    user: User
    topic: Topic
    key: str
    said: Mapping[str, Said]  # by language code
    url: str = ""
    customer_id: int | None = None
    discreet: Mapping[str, Said] | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one colleague, already in the reader's language."""

    user: User
    topic: Topic
    key: str
    subject: str
    text: str
    html: str = ""
    names: tuple[int, ...] = ()  # customers it speaks of: out of reach, it does not leave


def in_languages(say: Callable[[], Said]) -> dict[str, Said]:
    """What `say` says, in every language of ours."""
    found = {}
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            found[code] = say()
    return found


@transaction.atomic
def tell(news: Iterable[News], *, at: datetime) -> int:
    """Put lines into inboxes, those that are new, and what follows from them; how many were."""
    fresh = _fresh(list(news))
    if not fresh:
        return 0
    hows = queries.hows({it.user.pk for it in fresh}) if email.is_set_up() else {}
    Notice.objects.bulk_create(
        [
            Notice(
                user=it.user,
                topic=it.topic,
                key=it.key[:100],
                said={code: _plain(one) for code, one in _for(it.user, it).items()},
                url=it.url,
                customer_id=it.customer_id,
                told_at=at,
                waits_for_digest=it.topic != Topic.DIGEST
                and hows.get((it.user.pk, it.topic)) == How.DIGEST,
            )
            for it in fresh
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    at_once = [it for it in fresh if hows.get((it.user.pk, it.topic)) == How.AT_ONCE]
    _mail([_letter(it) for it in at_once], at=at)
    _announce(fresh, at=at)
    return len(fresh)


def _fresh(news: Sequence[News]) -> list[News]:
    """Those that their readers do not have yet, each once."""
    keys = {it.key[:100] for it in news}
    known = set(Notice.objects.filter(key__in=keys).values_list("user", "key"))
    found: dict[tuple[int, str], News] = {}
    for it in news:
        place = (it.user.pk, it.key[:100])
        if place not in known:
            found.setdefault(place, it)
    return list(found.values())


def _for(user: User | None, news: News) -> Mapping[str, Said]:
    """What this reader, or a channel, may read of it."""
    if news.discreet is None or (user is not None and sees_money(user)):
        return news.said
    return news.discreet


def _plain(said: Said) -> dict[str, str]:
    return {"title": said.title, "body": said.body, "why": said.why}


def _letter(news: News) -> Letter:
    language = news.user.language or wording.DEFAULT_LANGUAGE
    with translation.override(language):
        said = _plain(_in(language, _for(news.user, news)))
        text, html = writing.mail(said, news.topic, news.url, how=How.AT_ONCE)
    names = (news.customer_id,) if news.customer_id is not None else ()
    return Letter(news.user, news.topic, news.key, said["title"], text, html, names)


def _in(language: str, said: Mapping[str, Said]) -> Said:
    return said.get(language) or next(iter(said.values()))


def post(letters: Iterable[Letter], *, at: datetime) -> int:
    """Lay out mails that were written elsewhere, those that are new; none without a server.
    Whoever writes them has asked the readers' wishes (queries.how_of)."""
    return _mail(list(letters), at=at) if email.is_set_up() else 0


def _mail(letters: Sequence[Letter], *, at: datetime) -> int:
    quiet = queries.quiet_hours({it.user.pk for it in letters})
    rows = [
        Mail(
            user=it.user,
            topic=it.topic,
            key=it.key[:100],
            subject=" ".join(it.subject.split())[:200],
            text=it.text,
            html=it.html,
            names=list(it.names),
            made_at=at,
            due_at=queries.leaves_at(at, quiet.get(it.user.pk)),
        )
        for it in letters
    ]
    before = Mail.objects.count()
    Mail.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return Mail.objects.count() - before


def _announce(news: Sequence[News], *, at: datetime) -> None:
    """One message per event and channel, however many readers it has."""
    channels = list(Channel.objects.filter(is_paused=False).select_related("team"))
    rows = []
    for channel in channels:
        events: dict[str, list[News]] = defaultdict(list)
        for it in news:
            if it.topic != Topic.DIGEST and _takes(channel, it):
                events[it.key[:100]].append(it)
        rows += [_delivery(channel, key, readers, at=at) for key, readers in events.items()]
    Delivery.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _takes(channel: Channel, news: News) -> bool:
    is_ours = channel.team_id is None or channel.team_id == news.user.team_id
    return is_ours and news.topic in channel.topics


def _delivery(channel: Channel, key: str, readers: Sequence[News], *, at: datetime) -> Delivery:
    first = readers[0]
    language = channel.language or wording.DEFAULT_LANGUAGE
    with translation.override(language):
        message = _plain(_in(language, _for(None, first)))
        message["why"] = wording.rule_of_channel(channel, first.topic)
    message["readers"] = ", ".join(sorted({str(it.user) for it in readers}))
    message["url"] = first.url
    return Delivery(
        channel=channel,
        key=key,
        topic=first.topic,
        customer_id=first.customer_id,
        message=message,
        made_at=at,
        due_at=at,
    )


def announce(
    channel: Channel, *, key: str, topic: Topic, said: Said, url: str, at: datetime
) -> bool:
    """One message to one channel, such as a team's digest; False when it has it already."""
    with translation.override(channel.language or wording.DEFAULT_LANGUAGE):
        message = _plain(said) | {"why": wording.rule_of_channel(channel, topic), "url": url}
    values = {"topic": topic, "message": message, "made_at": at, "due_at": at}
    _row, is_new = Delivery.objects.get_or_create(channel=channel, key=key[:100], defaults=values)
    return is_new


def call_webhook(
    channel: Channel,
    *,
    event: str,
    data: Mapping[str, object],
    key: str,
    topic: Topic,
    customer_id: int | None,
    at: datetime,
) -> Delivery:
    """Lay out a call of a webhook that an administrator entered; the same key calls it once.

    `data` must be JSON. The postman sends it within a second, tries again like a mail, and asks
    the gate before: `Delivery.state` says what became of it.
    """
    if channel.kind != ChannelKind.WEBHOOK:
        raise ValueError(channel.kind)  # a page offered a channel that is none
    row, _is_new = Delivery.objects.get_or_create(
        channel=channel,
        key=key[:100],
        defaults={
            "topic": topic,
            "customer_id": customer_id,
            "message": {"event": event, "data": dict(data)},
            "made_at": at,
            "due_at": at,
        },
    )
    return row


def digest_sent(user: User, *, at: datetime) -> None:
    """What waited for the reader's digest stood in it."""
    Notice.objects.filter(user=user, waits_for_digest=True, told_at__lte=at).update(
        waits_for_digest=False
    )
