"""The demo home: filled once through the imports, marked, never over somebody's own data."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from django.conf import settings
from django.utils.functional import Promise

from perennial.connectors.models import Import
from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Touch
from perennial.customers.queries import visible_customers
from perennial.demo.captured import GONE_NAME, NEW_NAME
from perennial.demo.cast import ADMIN, CAST, CSMS, LEADER, OUTSIDER, OWNER, TEAMMATE
from perennial.demo.load import MARK, DemoHome, make_home
from perennial.events.models import Feature, Reject, Trait
from perennial.events.queries.drift import drift
from perennial.events.queries.orphans import orphans
from perennial.events.queries.quality import feed_state
from perennial.events.rules.feed import FeedState
from perennial.events.store import open_store
from perennial.revenue.models import MonthlyCostKind
from perennial.revenue.queries.costs import cost_of
from perennial.team.access import Page, can
from perennial.team.actions import add_user
from perennial.team.models import InstallationFact, User
from perennial.units.errors import InputRefused
from perennial.units.period import Period
from perennial.units.progress import Progress, silent

END_ON, AT = date(2026, 6, 30), datetime(2026, 7, 1, 0, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@contextmanager
def unwatched(_title: Promise) -> Iterator[Progress]:
    yield silent


def make(customers: int = 40) -> DemoHome:
    return make_home(
        end_on=END_ON, at=AT, watch=unwatched, customers=customers, events=6_000, seed=2
    )


def test_the_home_holds_the_company_and_its_users() -> None:
    made = make()
    assert Customer.objects.count() == 40
    assert not Customer.objects.filter(owner=None).exists()
    assert OrderLine.objects.exists()
    assert Touch.objects.filter(owner__isnull=False, person__isnull=False).exists()
    with open_store().reading("events") as session:
        brought = dict(session.rows("SELECT source, count(*) FROM events GROUP BY ALL"))
    assert brought["服务端"] >= 6_000  # the file's, and some calls about customers
    assert brought["网页埋点"] > brought["移动端"] > 0
    assert set(made.passwords) == {
        ADMIN.email,
        LEADER.email,
        OWNER.email,
        TEAMMATE.email,
        OUTSIDER.email,
    }
    owner = User.objects.get(email=OWNER.email)
    assert owner.check_password(made.passwords[OWNER.email])
    assert len(set(made.passwords.values())) == 5


def test_the_intake_is_alive() -> None:
    made = make()
    as_of = made.end_on
    states = {feed.source: feed.state for feed in feed_state(as_of=as_of).feeds}
    assert states["服务端"] is FeedState.FRESH
    assert Reject.objects.filter(source__name="移动端").count() > 0
    seen = drift(today=as_of)
    assert [it.name for it in seen.new] == [NEW_NAME]
    assert GONE_NAME in {it.name for it in seen.vanished}
    waiting = orphans(today=as_of)
    assert len(waiting.unknown_customers) == 3
    assert len(waiting.lone_people) == 15  # visitors, and a crawler
    assert Feature.objects.filter(deep=True, selector="").exists()
    assert {it.claimed for it in Trait.objects.filter(external_id="C0001")} == {True, False}


def test_the_cast_uses_what_its_story_says() -> None:
    make()
    with open_store().reading("events") as session:
        session.offer("members", pa.table({"customer": [it.external_id for it in CAST]}))
        sources = session.rows(
            "SELECT DISTINCT source FROM events SEMI JOIN members USING (customer) "
            "WHERE kind IS NULL OR kind <> 'group'"
        )
    assert sources == [("服务端",)]


def test_finance_recorded_what_the_months_cost() -> None:
    made = make()
    year = Period("", date(2025, 7, 1), made.end_on)
    for kind in MonthlyCostKind:
        amount, missing = cost_of(year, kind)
        assert amount and not missing, kind
    before = date(2026, 1, 31)
    assert cost_of(Period("", before.replace(day=1), before), kind, known_on=before)[0] is None


def test_books_are_the_csms_own_and_the_link_opens_everything() -> None:
    made = make()
    seen = {user.email: visible_customers(user).count() for user in User.objects.all()}
    assert seen[OUTSIDER.email] == 0
    assert sum(seen[csm.email] for csm in CSMS) == 40
    assert seen[OWNER.email] < seen[LEADER.email] < 40
    assert seen[made.opens_as.email] == 40
    assert all(can(made.opens_as, page) for page in Page)


def test_made_twice_it_is_the_same_home_and_tells_no_password() -> None:
    first = make()
    imports = Import.objects.count()
    again = make()
    assert (again.end_on, again.passwords, again.opens_as) == (END_ON, {}, first.opens_as)
    assert Import.objects.count() == imports


def test_cut_off_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("perennial.demo.load._import_all", killed)
        with pytest.raises(KeyboardInterrupt):
            make()
    assert not Customer.objects.exists()
    made = make(customers=99)  # what was begun is finished
    assert Customer.objects.count() == 40
    assert User.objects.get(email=OWNER.email).check_password(made.passwords[OWNER.email])
    assert InstallationFact.objects.get(name=MARK).value["complete"]
    assert not list(Path(settings.PERENNIAL_HOME).glob("demo-*"))


def test_it_never_fills_a_home_with_other_data() -> None:
    add_user("somebody@example.com", role="admin", by=None, at=AT)
    with pytest.raises(InputRefused, match="holds data already"):
        make()
    assert not InstallationFact.objects.filter(name=MARK).exists()
