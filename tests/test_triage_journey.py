"""A morning in a browser: ten items are triaged by keyboard alone, and the focus is never lost."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from perennial.customers.models import Customer
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import AS_OF
from perennial.team.actions import add_user
from perennial.team.models import InstallationFact, User
from perennial.work.models import Lane, Outcome, Reason, State, WorkItem
from tests.pages import link_for, opened

ITEMS = 14
SECONDS = 120
UNDO = {"zh-CN": "撤销", "en-US": "Undo"}
WHERE = """() => {
  const at = document.activeElement;
  if (at.closest("dialog[open]")) return "sheet";
  return at.matches(".work.cur") ? at.id : "lost: " + at.tagName;
}"""


@pytest.fixture
def queue(transactional_db) -> tuple[User, list[WorkItem]]:
    """A CSM with fourteen customers, each with one item; a colleague to give things to."""
    now = datetime.now(UTC)
    day = timezone.localdate() - timedelta(days=1)
    owner = add_user("owner@x.invalid", name="林晓", role="csm", team="华东", by=None, at=now)
    add_user("lead@x.invalid", name="陈思远", role="leader", team="华东", by=None, at=now)
    InstallationFact.objects.create(name=AS_OF, value=day.isoformat())
    return owner, [_item(at, owner, day, now) for at in range(ITEMS)]


def _item(at: int, owner: User, day, now) -> WorkItem:
    customer = Customer.objects.create(
        external_id=f"C{at}", name=f"客户{at:02}", owner=owner, recorded_at=now
    )
    CustomerFigures.objects.create(customer=customer, arr=Decimal(100_000))
    worth = Decimal(100_000 - at * 1_000)
    terms = {
        "stake": str(worth),
        "severity_rate": 0.5,
        "chance_rate": 0.4,
        "urgency_rate": 0.8,
        "effort_hours": 0.5,
    }
    return WorkItem.objects.create(
        customer=customer,
        reason=Reason.SILENT,
        lane=Lane.RISK,
        params={"days": 70, "last_on": "2026-01-01"},
        terms=terms,
        money_at_risk=worth,
        currency="CNY",
        rank_value=float(worth),
        raised_on=day,
        last_fired_on=day,
    )


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_ten_items_are_triaged_by_keyboard_alone(chromium, live_server, queue, language):
    owner, items = queue
    User.objects.filter(pk=owner.pk).update(language="")
    page = opened(chromium, live_server, language=language)
    page.goto(link_for(owner, "/"), wait_until="networkidle")
    keys, begun = page.keyboard, time.perf_counter()

    def stands_on(at: int) -> None:
        page.wait_for_function(
            f"document.activeElement.id === 'card-{items[at].customer_id}'", timeout=15_000
        )
        assert page.evaluate(WHERE) == f"card-{items[at].customer_id}"

    def in_sheet(of: str) -> None:
        page.wait_for_selector(f"#sheet[open] form[action$='/{of}/']")
        page.wait_for_function("document.activeElement.closest('dialog[open]')")

    keys.press("j")
    stands_on(0)
    for at in range(4):  # four done, without waiting for the server in between
        keys.press("e")
        stands_on(at + 1)
    for at in (4, 5, 6):  # three later: the first choice of days
        keys.press("h")
        in_sheet("snooze")
        keys.press("Enter")
        stands_on(at + 1)
    keys.press("r")  # one to the colleague
    in_sheet("reassign")
    keys.press("Tab")  # past oneself
    keys.press("Enter")
    stands_on(8)
    keys.press("i")  # one begun: it stays, and says so
    page.wait_for_selector(f"#card-{items[8].customer_id} .st.good")
    stands_on(8)
    keys.press("j")
    stands_on(9)
    keys.press("e")  # one done by mistake, and back
    stands_on(10)
    page.get_by_role("button", name=UNDO[language]).last.wait_for()
    page.wait_for_selector(f"#card-{items[9].customer_id}", state="detached")
    keys.press("z")
    page.wait_for_selector(f"#card-{items[9].customer_id}")
    stands_on(10)
    keys.press("k")
    stands_on(9)
    keys.press("e")
    stands_on(10)
    page.wait_for_selector(f"#card-{items[9].customer_id}", state="detached")

    assert time.perf_counter() - begun < SECONDS
    page.wait_for_function(
        f"document.querySelector('.tabs [aria-current] em').innerText === '{ITEMS - 9}'"
    )
    ends = {it.pk: it for it in WorkItem.objects.all()}
    done = [it for it in ends.values() if it.state == State.DONE]
    assert {it.outcome for it in done} == {Outcome.SUCCESS}
    assert [ends[it.pk].state for it in items[:9]] == (
        [State.DONE] * 4 + [State.SNOOZED] * 3 + [State.OPEN, State.IN_PROGRESS]
    )
    given = ends[items[7].pk].owner
    assert given is not None and given.name == "陈思远"
    assert len(done) == 5
    assert page.complaints == []
    page.context.close()
