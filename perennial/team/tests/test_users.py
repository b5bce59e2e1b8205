"""Users, profile, language and theme: through HTTP, with an audit line for each change."""

from datetime import UTC, datetime

import pytest

from perennial.team.actions import add_user, change_user
from perennial.team.models import AuditEntry, Team, User
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def admin() -> User:
    return add_user(
        "admin@demo.invalid", name="周航", role="admin", password=PASSWORD, by=None, at=NOW
    )


@pytest.fixture
def csm() -> User:
    return add_user("csm@demo.invalid", name="林晓", role="csm", team="华东", by=None, at=NOW)


@pytest.fixture
def office(client, admin):
    client.force_login(admin)
    return client


NEW = {"email": "new@demo.invalid", "name": "陈思远", "role": "leader", "team": "华南"}


def test_an_administrator_adds_a_colleague_and_gets_a_link_to_pass_on_once(office):
    assert office.post("/users/new/", NEW).status_code == 302
    added = User.objects.get(email="new@demo.invalid")
    assert (added.role, str(added.team)) == ("leader", "华南")
    assert AuditEntry.objects.filter(action="user_added", object_id=str(added.pk)).exists()
    shown = office.get("/users/").content.decode()
    assert "http://testserver/link/" in shown
    assert "http://testserver/link/" not in office.get("/users/").content.decode()


BAD = [
    pytest.param({"email": "csm@demo.invalid"}, "has an account already", id="known-address"),
    pytest.param({"email": "CSM@demo.invalid"}, "has an account already", id="known-in-capitals"),
    pytest.param({"email": "nonsense"}, "valid email", id="no-address"),
    pytest.param({"role": "king"}, "not one of the available", id="unknown-role"),
    pytest.param({"name": ""}, "required", id="no-name"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD)
def test_what_is_wrong_with_a_new_colleague_stands_in_the_form(office, csm, change, sentence):
    response = office.post("/users/new/", NEW | change)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert User.objects.count() == 2


def test_a_change_of_role_and_team_is_written_down(office, admin, csm):
    given = {"name": "林晓", "role": "leader", "team": "华南", "is_active": "on"}
    assert office.post(f"/users/{csm.pk}/", given).status_code == 302
    csm.refresh_from_db()
    assert (csm.role, str(csm.team), csm.is_active) == ("leader", "华南", True)
    entry = AuditEntry.objects.get(action="user_changed")
    assert entry.by == admin
    assert entry.detail["before"]["role"] == "csm"
    page = office.get(f"/users/{csm.pk}/").content.decode()
    assert "Role: CSM → CS leader" in page
    assert "Team: 华东 → 华南" in page


def test_a_deactivated_colleague_is_out_at_once(office, csm):
    from django.test import Client

    inside = Client()
    inside.force_login(csm)
    assert inside.get("/profile/").status_code == 200
    office.post(f"/users/{csm.pk}/", {"name": "林晓", "role": "csm", "team": "华东"})
    assert inside.get("/profile/").status_code == 302


def test_the_last_administrator_stays(admin):
    with pytest.raises(InputRefused, match="last administrator"):
        change_user(admin, name="周航", role="viewer", team="", is_active=True, by=admin, at=NOW)
    with pytest.raises(InputRefused, match="last administrator"):
        change_user(admin, name="周航", role="admin", team="", is_active=False, by=admin, at=NOW)


def test_saving_without_a_change_writes_nothing_down(admin):
    change_user(admin, name="周航", role="admin", team="", is_active=True, by=admin, at=NOW)
    assert not AuditEntry.objects.filter(action="user_changed").exists()


def test_users_are_for_administrators(client, csm, admin):
    client.force_login(csm)
    for address in ("/users/", "/users/new/", f"/users/{admin.pk}/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/users/{admin.pk}/link/").status_code == 403
    assert "/users/" not in client.get("/profile/").content.decode()


def test_an_unknown_colleague_is_not_found(office):
    assert office.get("/users/4711/").status_code == 404


def test_the_language_switch_keeps_the_page_and_is_remembered_for_the_user(client, csm):
    client.force_login(csm)
    asked = {"language": "zh-hans", "next": "/profile/?x=1"}
    assert client.post("/language/", asked).url == "/profile/?x=1"
    page = client.get("/profile/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="zh-Hans"' in page
    assert "个人资料" in page
    csm.refresh_from_db()
    assert csm.language == "zh-hans"


def test_the_browser_decides_before_anybody_logs_in(client):
    assert (
        "欢迎回来" in client.get("/log-in/", headers={"Accept-Language": "zh-CN"}).content.decode()
    )
    assert (
        "Welcome back" in client.get("/log-in/", headers={"Accept-Language": "de"}).content.decode()
    )


def test_the_theme_is_remembered_in_the_cookie_and_for_the_user(client, csm):
    client.post("/theme/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/log-in/").content.decode()
    client.force_login(csm)
    client.post("/theme/", {"theme": "light", "next": "/profile/"})
    csm.refresh_from_db()
    assert csm.theme == "light"
    assert 'data-theme="light"' in client.get("/profile/").content.decode()


def test_the_profile_changes_name_language_and_theme(client, csm):
    client.force_login(csm)
    given = {"name": "林小晓", "language": "en", "theme": "dark"}
    assert client.post("/profile/", given).status_code == 302
    csm.refresh_from_db()
    assert (csm.name, csm.language, csm.theme) == ("林小晓", "en", "dark")
    assert AuditEntry.objects.filter(action="profile_changed", by=csm).exists()


def test_a_new_password_needs_the_old_one_and_keeps_this_session(office, admin):
    wrong = {"current": "wrong", "password": "another fine password"}
    assert office.post("/profile/password/", wrong).status_code == 422
    right = {"current": PASSWORD, "password": "another fine password"}
    assert office.post("/profile/password/", right).status_code == 302
    assert office.get("/profile/").status_code == 200
    admin.refresh_from_db()
    assert admin.check_password("another fine password")


def test_who_came_by_link_sets_a_first_password(client, csm):
    client.force_login(csm)
    assert client.post("/profile/password/", {"password": "a fine password"}).status_code == 302


def test_a_new_team_name_makes_a_team_once(csm):
    add_user("two@demo.invalid", role="csm", team=" 华东 ", by=None, at=NOW)
    assert Team.objects.count() == 1
