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


def person_key(name: str) -> str:
    """The search key of a person: as of a customer, with the surname as surnames are read.

    >>> person_key("曾小明")
    'zxm zengxiaoming'
    >>> person_key("Ann Lee")
    'ann lee'
    """
    return search_key(_SURNAMES.get(name[:1], name[:1]) + name[1:]) or name.lower()[:KEY_LENGTH]


# Surnames that are read otherwise than the same character in a word, by one read like them.
_SURNAMES = {
    "单": "山", "曾": "增", "解": "谢", "仇": "求", "区": "欧", "查": "渣", "任": "仁",
    "盖": "葛", "朴": "瓢", "华": "画", "覃": "秦", "缪": "妙", "逄": "旁",
}  # fmt: skip


def mixed_keys(word: str) -> list[str]:
    """A word of characters and letters as it stands in a search key: the characters by initials
    and by syllables. Nothing for a word of one kind: it is found as it is typed.

    >>> mixed_keys("北京zz")
    ['bjzz', 'beijingzz']
    >>> mixed_keys("北京"), mixed_keys("zz")
    ([], [])
    """
    letters = any(letter.isascii() and letter.isalpha() for letter in word)
    return search_key(word).split() if letters and not word.isascii() else []


def _keep(text: str) -> str:
    return text


def _joined(parts: list[str]) -> str:
    return "".join("".join(parts).lower().split())
