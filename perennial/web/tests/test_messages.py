"""The catalogue tool: nothing forgotten, nothing lost, placeholders kept."""

import polib
import pytest

from perennial.web import messages


@pytest.fixture
def slice_folder(tmp_path, monkeypatch):
    """A package with one slice that says two things."""
    folder = tmp_path / "garden"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "rules.py").write_text(
        'x = sentence("{n} seeds")\ny = ngettext("a %(n)d", "b %(n)d", 2)\n'
    )
    (folder / "templates/page.html").write_text(
        '<p>\n  {% translate "Grow" context "plant" %}\n</p>'
    )
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    return folder


def catalogue(folder):
    return polib.pofile(str(folder / messages.LOCALE / "django.po"))


def translate(folder, **translations):
    file = catalogue(folder)
    for entry in file:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: translations["plural"]}
        else:
            entry.msgstr = translations[entry.msgid.split()[-1]]
    file.save()


GOOD = {"seeds": "{n} 粒种子", "Grow": "生长", "plural": "%(n)d 个"}


def test_texts_of_code_and_templates_are_collected(slice_folder):
    wrong = messages.bring_up("garden", check=False, tidy=False)
    assert len(wrong) == 3
    found = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in catalogue(slice_folder)}
    assert found == {(None, "{n} seeds", ""), (None, "a %(n)d", "b %(n)d"), ("plant", "Grow", "")}


def test_a_complete_catalogue_passes_the_check(slice_folder):
    messages.bring_up("garden", check=False, tidy=False)
    translate(slice_folder, **GOOD)
    assert messages.bring_up("garden", check=False, tidy=False) == []
    assert messages.bring_up("garden", check=True, tidy=False) == []
    assert (slice_folder / messages.LOCALE / "django.mo").exists()


def test_a_new_text_fails_the_check_and_writes_nothing(slice_folder):
    test_a_complete_catalogue_passes_the_check(slice_folder)
    with (slice_folder / "rules.py").open("a") as rules:
        rules.write('z = sentence("Water")\n')
    before = (slice_folder / messages.LOCALE / "django.po").read_bytes()
    assert messages.bring_up("garden", check=True, tidy=False)
    assert (slice_folder / messages.LOCALE / "django.po").read_bytes() == before


def test_a_lost_placeholder_is_found(slice_folder):
    messages.bring_up("garden", check=False, tidy=False)
    translate(slice_folder, **GOOD | {"seeds": "种子"})
    assert any(
        "placeholders" in line for line in messages.bring_up("garden", check=True, tidy=False)
    )


def test_a_text_that_comes_back_finds_its_translation_again(slice_folder):
    test_a_complete_catalogue_passes_the_check(slice_folder)
    rules = (slice_folder / "rules.py").read_text()
    (slice_folder / "rules.py").write_text("")
    messages.bring_up("garden", check=False, tidy=False)
    (slice_folder / "rules.py").write_text(rules)
    assert messages.bring_up("garden", check=False, tidy=False) == []
