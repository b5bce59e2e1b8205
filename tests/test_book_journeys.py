"""Journeys through a book in a real browser: a playbook to its end along a branch, two records
that are one company, and a book of two hundred that changes hands; each in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize, expect

from perennial.customers.models import Customer, Merge
from perennial.desk.tests.scene import Office, customer, office, user
from perennial.team.models import AuditEntry, Role, User
from perennial.work.models import Enrolment, Reason, Run, State, StepRun, WorkItem

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])
Visit = Callable[..., Page]
BOOK = 200


@pytest.fixture
def visit(chromium: Browser, live_server) -> Iterator[Visit]:
    """Opens a page as somebody, in a language; whatever the console complains about fails."""
    contexts, complaints = [], []

    def open_page(address: str, *, who: User, language: str) -> Page:
        who.language = language
        who.save()
        client = Client()
        client.force_login(who)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        size = ViewportSize(width=1280, height=860)
        context = chromium.new_context(base_url=live_server.url, viewport=size, locale=language)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def scene(db) -> Office:
    return office()


@LANGUAGES
def test_a_playbook_is_started_branches_and_ends(visit: Visit, scene: Office, language: str):
    page = visit("/playbooks/of/usage_drop/", who=scene.owner, language=language)
    page.keyboard.press("p")
    sheet = page.locator("#sheet")
    chosen = sheet.locator("[name=customer]")
    expect(chosen).to_be_visible()
    _choose_customer(page, scene.shenzhen)
    sheet.locator(".sheet-f .btn-primary").click()
    expect(page.locator(".toast")).to_contain_text(scene.shenzhen.name)
    run = Run.objects.get()
    item = WorkItem.objects.get(reason=Reason.STEP)
    assert (run.customer, item.customer) == (scene.shenzhen, scene.shenzhen)

    page.goto(f"/playbooks/runs/{run.pk}/")
    page.locator("form[action$='/steps/look/finish/'] button").click()
    item.refresh_from_db()
    assert item.state == State.DONE  # the step and its call to action end together
    page.locator("form[action$='/steps/call/finish/'] textarea").fill("放假 <b>一周</b>")
    page.locator("form[action$='/steps/call/finish/'] button[value=season]").click()
    expect(page.locator(".kstrip")).to_contain_text("已完成" if language != "en" else "done")
    run.refresh_from_db()
    assert run.state == Run.State.DONE
    states = dict(StepRun.objects.filter(run=run).values_list("step", "state"))
    assert states["call"] == StepRun.State.DONE
    assert states.get("fix", StepRun.State.SKIPPED) == StepRun.State.SKIPPED  # another branch
    assert "<b>一周</b>" not in page.content()  # what was typed is text
    assert not WorkItem.objects.filter(reason=Reason.STEP).exclude(state=State.DONE).exists()


def _choose_customer(page: Page, wanted: Customer) -> None:
    field = page.locator("#sheet [name=customer]")
    if field.evaluate("it => it.tagName") == "SELECT":
        field.select_option(str(wanted.pk))
    else:
        field.fill(wanted.external_id)


@LANGUAGES
def test_two_records_of_one_company_are_merged_and_parted(
    visit: Visit, scene: Office, language: str
):
    twin = customer("北京卓泽科技", scene.owner)
    page = visit(
        f"/customers/merge/?a={scene.beijing.pk}&b={twin.pk}", who=scene.leader, language=language
    )
    page.locator(f"input[type=radio][value='{scene.beijing.pk}']").check()
    page.wait_for_load_state("networkidle")
    page.locator("[name=confirm]").fill("something else")
    page.locator(".btn-danger").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    assert not Merge.objects.exists()
    page.locator("[name=confirm]").fill(twin.name)
    page.locator(".btn-danger").click()
    expect(page.locator("body")).to_contain_text(twin.name)
    twin.refresh_from_db()
    assert twin.merged_into == scene.beijing
    answer = page.goto(f"/customers/{twin.pk}/")
    assert answer is not None and answer.status in (200, 404)  # never a page of its own
    page.goto("/customers/duplicates/")
    page.locator(f"form[action$='/{Merge.objects.get().pk}/undo/'] button").click()
    expect(page.locator("body")).to_contain_text(twin.name)
    twin.refresh_from_db()
    assert twin.merged_into is None


@LANGUAGES
def test_a_book_of_two_hundred_changes_hands_and_comes_back(
    visit: Visit, scene: Office, language: str
):
    heir = user("heir", Role.CSM, scene.leader.team)
    Customer.objects.filter(owner=scene.owner).update(owner=None)
    for n in range(BOOK):
        customer(f"书{n:03}公司", scene.owner)
    page = visit("/customers/?q=书", who=scene.leader, language=language)
    page.locator("[data-all]").check()
    page.locator("#bulk [name=all]").check()
    page.locator("#bulk [data-sheet-of-form]").first.click()
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text(str(BOOK))
    sheet.locator(f"[name=owner][value='{heir.pk}']").check()
    sheet.locator(".btn-primary").click()
    expect(page.locator(".toast")).to_contain_text(str(BOOK))
    assert Customer.objects.filter(owner=heir).count() == BOOK
    assert AuditEntry.objects.filter(action="customers.assigned").count() == 1
    page.locator(".toast button").first.click()
    expect(page.locator(".toast").last).to_contain_text(str(BOOK))
    page.wait_for_timeout(300)
    assert Customer.objects.filter(owner=scene.owner).count() == BOOK


@LANGUAGES
def test_all_that_match_are_taken_into_a_playbook(visit: Visit, scene: Office, language: str):
    Customer.objects.filter(owner=scene.owner).update(owner=None)
    for n in range(BOOK):
        customer(f"书{n:03}公司", scene.owner)
    page = visit("/customers/?q=书", who=scene.owner, language=language)
    page.locator("[data-all]").check()
    page.locator("#bulk [name=all]").check()
    page.locator("#bulk button[formaction$='/playbook/']").click()
    sheet = page.locator("#sheet")
    sheet.locator("[name=playbook]").select_option("periodic_review")
    sheet.locator("button[name=do]").first.click()
    expect(sheet.locator("[role=status]")).to_contain_text(str(BOOK))
    assert not Run.objects.exists()  # a count is no act
    sheet.locator("button[value=enrol]").click()
    page.wait_for_url("**/playbooks/enrolments/**")
    made = Enrolment.objects.get()
    assert len(made.customers) == BOOK
