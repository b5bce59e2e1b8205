"""The search key of a name: `bjzz` and `beijing` find 北京卓泽.

Initials first, then the syllables, each for the whole name: a search by substring then finds
both from the beginning of any character (`zz`, `zhuoze`).
"""

from __future__ import annotations

KEY_LENGTH = 300  # Customer.pinyin


def search_key(name: str) -> str:
    """Initials and syllables of a Chinese name, lower case; empty when it has no Chinese.

    >>> search_key("北京卓泽")
    'bjzz beijingzhuoze'
    >>> search_key("Acme")
    ''
    """
    if not any("\u4e00" <= letter <= "\u9fff" for letter in name):
        return ""
    from pypinyin import Style, lazy_pinyin  # its dictionary costs a command 0.4 s

    initials = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_keep)
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=_keep)
    return f"{_joined(initials)} {_joined(syllables)}"[:KEY_LENGTH]


def _keep(text: str) -> str:
    return text


def _joined(parts: list[str]) -> str:
    return "".join("".join(parts).lower().split())
