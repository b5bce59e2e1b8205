"""The menu shows what somebody may open and where they are."""

import pytest

from perennial.web.navigation import MENU, sections

EVERYTHING = {item.page for group in MENU for item in group.items}


def shown(path, *, pages):
    return {
        link.href: link.is_current
        for section in sections(path, may=lambda page: page in pages)
        for link in section.links
    }


def test_pages_without_the_right_are_left_out():
    assert "/users/" not in shown("/", pages=EVERYTHING - {"users"})
    assert "/users/" in shown("/", pages=EVERYTHING)


@pytest.mark.parametrize("path", ["/users/", "/users/3/"])
def test_the_page_and_what_is_below_it_is_current_and_the_front_page_is_not(path):
    current = [href for href, is_current in shown(path, pages=EVERYTHING).items() if is_current]
    assert current == ["/users/"]


def test_every_page_of_the_menu_has_an_address():
    assert len(shown("/", pages=EVERYTHING)) == sum(len(group.items) for group in MENU)


def test_letters_after_g_are_unique():
    letters = [item.letter for group in MENU for item in group.items if item.letter]
    assert len(letters) == len(set(letters))
