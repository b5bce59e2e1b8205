"""Template tags of the interface; built in, so templates need no {% load ui %}."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from perennial.web import formats
from perennial.web import richtext as rich
from perennial.web.charts import small
from perennial.web.formats import Number

register = template.Library()


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


# The bands of the health score (health.md): tone of the colour; the word is translated below.
TONES = {"green": "good", "yellow": "warn", "red": "bad"}
DUE_SOON_DAYS = 45


def band_of(score: float | None) -> str:
    """Default bands [0, 50), [50, 75), [75, 100]; '' when there is no score."""
    if score is None:
        return ""
    return "red" if score < 50 else "yellow" if score < 75 else "green"


def band_word(band: str) -> str:
    words = {"green": _("Healthy"), "yellow": _("Needs attention"), "red": _("At risk")}
    return words.get(band, _("Not measured"))


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """{% icon "bell" %}: decoration; the words stand beside it."""
    return _icon(name, css_class, static("web/icons.svg"))


@lru_cache(maxsize=512)  # a page of cards draws hundreds
def _icon(name: str, css_class: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', css_class, sprite, name
    )


@register.filter
def named(customer: Named) -> str:
    return formats.named(customer.name, customer.name_en)


@register.filter
def richtext(text: str) -> SafeString:
    """Markdown that somebody typed, as safe HTML."""
    return rich.html(text)


@register.filter
def money(amount: Number | None, currency: str = "CNY") -> str:
    return formats.money(amount, currency)


@register.filter
def money_exact(amount: Number | None, currency: str = "CNY") -> str:
    return formats.money(amount, currency, exact=True)


@register.filter
def money_signed(amount: Number | None, currency: str = "CNY") -> str:
    return formats.money(amount, currency, sign=True)


@register.filter
def money_change(amount: Number | None, currency: str = "CNY") -> str:
    return formats.money(amount, currency, exact=True, sign=True)


@register.filter
def number(value: Number | None, decimals: int = 0) -> str:
    return formats.number(value, decimals=decimals)


@register.filter
def signed(value: Number | None, decimals: int = 0) -> str:
    return formats.signed(value, decimals=decimals)


@register.filter
def percent(rate: Number | None, decimals: int = 0) -> str:
    return formats.percent(rate, decimals=decimals)


@register.filter
def percent_signed(rate: Number | None, decimals: int = 0) -> str:
    return formats.percent(rate, decimals=decimals, sign=True)


@register.filter
def day(value: date | datetime | None) -> str:
    return formats.day(value)


@register.filter
def moment(value: datetime | None) -> str:
    return formats.moment(value)


@register.filter
def month(value: date | None) -> str:
    return formats.month(value)


@register.filter
def ago(value: date | datetime | None) -> SafeString:
    """How long ago, with the exact time on hover."""
    if value is None:
        return format_html('<span class="mut">{}</span>', formats.ago(None))
    exact = formats.moment(value) if isinstance(value, datetime) else formats.day(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, formats.ago(value)
    )


@register.filter
def due(value: date | None, today: date | None = None) -> str:
    return formats.due(value, today=today)


@register.filter
def due_tone(value: date | None, today: date | None = None) -> str:
    """bad when overdue, warn within 45 days."""
    if value is None:
        return ""
    days = (value - (today or timezone.localdate())).days
    return "bad" if days < 0 else "warn" if days <= DUE_SOON_DAYS else ""


@register.filter
def tone(band: str | None) -> str:
    """green, yellow, red → good, warn, bad; anything else is unknown."""
    return TONES.get(band or "", "na")


@register.filter
def score_tone(score: float | None) -> str:
    return tone(band_of(score))


@register.filter
def change_tone(value: Number | None) -> str:
    """Rises are good, falls are bad, for figures where more is better."""
    return "" if not value else "t-good" if value > 0 else "t-bad"


@register.filter
def points_tone(value: Number | None) -> str:
    """As change_tone, for changes of a score: what is shown as 0 has no tone."""
    return change_tone(value) if value is not None and abs(float(value)) >= 0.5 else ""


@register.simple_tag
def health_pill(score: float | None, band: str = "", word: bool = False) -> SafeString:
    """Shape, figure and word; the word is read aloud also when it is not shown."""
    band = band or band_of(score)
    return format_html(
        '<span class="hp {}"><i></i><b>{}</b><span class="{}">{}</span></span>',
        tone(band),
        formats.number(None if score is None else int(score)),  # 74.6 is no 75, which is green
        "" if word else "vh",
        band_word(band),
    )


@register.simple_tag
def tier(value: str) -> SafeString:
    if not value:
        return mark_safe("")
    return format_html('<span class="tier t{}" title="{}">{}</span>', value, _("Tier"), value)


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """First letter on one of eight colours; {% avatar name "s" %} or "xl". Decoration."""
    # 北京卓泽: the place says little, the company's own name starts after it.
    shown = name.strip()
    letter = shown[2] if len(shown) > 3 and shown[:2] in PLACES.split() else shown[:1] or "?"
    hue = sum(ord(character) for character in shown) % 8
    css_class = f"av av-{hue}" + (f" av-{size}" if size else "")
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css_class, letter.upper())


PLACES = (
    "北京 上海 天津 重庆 广州 深圳 杭州 南京 苏州 成都 武汉 西安 青岛 厦门 宁波 长沙 郑州 济南 "
    "合肥 福州 大连 沈阳 无锡 佛山 东莞 昆明 南昌 太原 贵阳 南宁 海口 珠海 常州 烟台 温州"
)


@register.simple_tag
def sparkline(
    values: Sequence[float | None], tone: str = "ink", width: int = 84, label: str = ""
) -> SafeString:
    return small.sparkline(values, tone=tone, width=width, label=label or _("Trend"))


@register.simple_tag
def ring(score: float | None, band: str = "", size: int = 46) -> SafeString:
    band = band or band_of(score)
    label = _("Health %(score)s: %(band)s") % {
        "score": formats.number(score),
        "band": band_word(band),
    }
    return small.ring(score, tone=tone(band), label=label, size=size)


@register.simple_tag
def meter(part: Number | None, whole: Number | None = 1, tone: str = "ink") -> SafeString:
    """{% meter used seats %}: a bar beside the figures."""
    share = float(part) / float(whole) if part is not None and whole else None
    return small.meter(share, tone=tone)


@register.simple_tag(takes_context=True)
def qs(context: Context, *pairs: str | int | None) -> str:
    """The current address with changes: {% qs "sort" "-arr" "page" None %}. Forgets the page."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        if value in (None, ""):
            query.pop(str(key), None)
        else:
            query[str(key)] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def qs_drop(context: Context, key: str, value: str | None = None) -> str:
    """The current address without `key`, or without one of its values."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    kept = [] if value is None else [one for one in query.getlist(key) if one != str(value)]
    query.setlist(key, kept) if kept else query.pop(key, None)
    return f"?{query.urlencode()}"


@register.filter
def get(mapping: dict[object, object], key: object) -> object:
    return mapping.get(key)
