"""Features named afterwards: the page, what may be done to them, and that they count back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
import time_machine
from django.test import Client

from perennial.customers.merging import merge_customers
from perennial.customers.models import Customer
from perennial.events.actions import track_features
from perennial.events.actions.features import change_feature, forget_feature, name_feature
from perennial.events.load import EventFile, Format, import_events
from perennial.events.models import FEATURES_AT_MOST, Feature
from perennial.events.queries.captured import preview, seen, use_of_features
from perennial.events.queries.orphans import reached
from perennial.events.rules.features import CLICK, VIEW, FeatureRule
from perennial.events.store import open_store
from perennial.metrics.jobs import fill
from perennial.team.models import AuditEntry, Role, User
from perennial.units.errors import InputRefused

TODAY = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SAVE = FeatureRule(CLICK, "*button#save", "/deals/*")
BUTTON = {"selector": "form#deal>button#save", "text": "Save deal"}
Row = tuple[str, str, str, str, dict[str, object]]
Load = Callable[..., None]


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create(email="ada@x.invalid", name="Ada", role=Role.ADMIN)


@pytest.fixture
def load(home: Path, db: None) -> Load:
    """Import events given as (day, customer, person, event, properties)."""
    names = ["acme", "globex"]
    for name in names:
        Customer.objects.create(
            external_id=name, name=name.title(), created_on=date(2020, 1, 1), recorded_at=NOW
        )
    batch = 0

    def _load(*rows: Row) -> None:
        nonlocal batch
        batch += 1
        columns = ("timestamp", "customer_id", "user_id", "event", "properties", "message_id")
        lines = [
            json.dumps(
                dict(zip(columns, (f"{on}T10:00:00+08:00", *rest, f"{batch}-{n}"), strict=True))
            )
            for n, (on, *rest) in enumerate(rows)
        ]
        path = home / "events.ndjson"
        path.write_text("\n".join(lines), encoding="utf-8")
        zone = ZoneInfo("Asia/Shanghai")
        file = EventFile(path=path, format=Format.NDJSON, batch=batch, time_zone=zone)
        known = pa.table({"customer": pa.array(names, pa.string())})
        import_events(file, store=open_store(), known_customers=known, zone=zone, at=NOW)

    return _load


def at(path: str, **more: object) -> dict[str, object]:
    return {"url": f"https://app.example.com{path}", **more}


CLICKS: tuple[Row, ...] = (
    ("2026-08-15", "acme", "ann", CLICK, at("/deals/1", **BUTTON)),
    ("2026-10-30", "acme", "ann", CLICK, at("/deals/7?x=1", **BUTTON)),
    ("2026-10-30", "acme", "bob", CLICK, at("/deals/8", **BUTTON)),
    ("2026-10-31", "globex", "gil", CLICK, at("/deals/9", **BUTTON)),
    ("2026-10-31", "globex", "gil", CLICK, at("/contacts/9", **BUTTON)),
    ("2026-10-31", "globex", "gil", VIEW, at("/deals/9")),
    ("2026-10-31", "globex", "gil", "Deal won", {}),
)


def test_a_feature_that_is_named_today_counts_on_past_days(load, admin):
    load(*CLICKS)
    fill(day=TODAY)
    feature = name_feature("Save a deal", rule=SAVE, deep=True, by=admin, at=NOW)
    assert use_of_features(admin, last_on=TODAY).get(feature.bit) is None
    fill(day=TODAY)
    used = use_of_features(admin, last_on=TODAY)[feature.bit]
    assert (used.people, used.customers, used.last_on) == (3, 2, date(2026, 10, 31))
    with open_store().reading("activity") as session:
        deep = session.rows("SELECT day, person, deep FROM activity WHERE deep > 0 ORDER BY ALL")
    assert [(str(day), person, n) for day, person, n in deep] == [
        ("2026-08-15", "ann", 1.0),
        ("2026-10-30", "ann", 1.0),
        ("2026-10-30", "bob", 1.0),
        ("2026-10-31", "gil", 1.0),
    ]


def test_a_changed_rule_and_a_name_taken_back_count_back_too(load, admin):
    load(*CLICKS)
    feature = name_feature("Save", rule=SAVE, by=admin, at=NOW)
    fill(day=TODAY)
    feature = change_feature(
        feature, rule=FeatureRule(CLICK, "*button#save", "/contacts/*"), by=admin, at=NOW
    )
    fill(day=TODAY)
    assert use_of_features(admin, last_on=TODAY)[feature.bit].people == 1
    forget_feature(feature, by=admin, at=NOW)
    fill(day=TODAY)
    assert feature.bit not in use_of_features(admin, last_on=TODAY)
    done = AuditEntry.objects.filter(object_type="feature").order_by("pk")
    assert [it.action for it in done] == ["feature_named", "feature_changed", "feature_forgotten"]


def test_what_autocapture_saw_is_no_feature_before_it_is_named(load):
    load(*CLICKS)
    fill(day=TODAY)
    assert list(Feature.objects.values_list("name", flat=True)) == ["Deal won"]


def test_the_preview_counts_ninety_days_of_uses_people_and_customers(load, admin):
    load(*CLICKS)
    found = preview(admin, SAVE, last_on=TODAY)
    assert (found.uses, found.people, found.customers) == (4, 3, 2)
    assert (str(found.first_on), sum(found.per_day), len(found.per_day)) == ("2026-08-04", 4, 90)
    assert found.examples[0][2] == 1


def test_elements_and_pages_are_listed_with_their_use_and_can_be_searched(load, admin):
    load(*CLICKS)
    save, view = seen(admin, last_on=TODAY)
    assert (save.text, save.pages, save.uses, save.people, save.customers) == (
        "Save deal",
        4,
        4,
        3,
        2,
    )
    assert (view.event, view.url, view.uses) == (VIEW, "https://app.example.com/deals/9", 1)
    assert seen(admin, last_on=TODAY, search="SAVE") == [save]
    assert seen(admin, last_on=TODAY, event=VIEW) == [view]
    assert seen(admin, last_on=TODAY, search="100%_") == []


def test_figures_are_of_the_customers_that_the_gate_lets_through(load):
    load(*CLICKS)
    own = User.objects.create(email="c@x.invalid", name="Cas", role=Role.CSM)
    assert seen(own, last_on=TODAY) == []
    assert preview(own, SAVE, last_on=TODAY).uses == 0
    Customer.objects.filter(external_id="acme").update(owner=own)
    assert preview(own, SAVE, last_on=TODAY).customers == 1
    assert [it.people for it in seen(own, last_on=TODAY)] == [2]


def test_what_a_merged_customer_did_is_the_survivors(load):
    load(*CLICKS)
    fill(day=TODAY)
    own = User.objects.create(email="c@x.invalid", name="Cas", role=Role.CSM)
    survivor = Customer.objects.get(external_id="acme")
    absorbed = Customer.objects.get(external_id="globex")
    Customer.objects.filter(pk=survivor.pk).update(owner=own)
    merge_customers(absorbed, into=survivor, by=None, at=NOW)
    found = preview(own, SAVE, last_on=TODAY)
    assert (found.people, found.customers) == (3, 1)
    bit = Feature.objects.get(name="Deal won").bit
    used = use_of_features(own, last_on=TODAY)[bit]
    assert (used.people, used.customers) == (1, 1)
    reach = reached(own, today=TODAY)
    assert (reach.customers, reach.with_events, reach.people) == (1, 1, 3)


def test_two_who_change_the_same_feature_at_once_both_get_a_page(admin, client, monkeypatch):
    feature = name_feature("Save", rule=SAVE, by=admin, at=NOW)
    client.force_login(admin)
    read = "perennial.events.views.features.get_object_or_404"
    for meanwhile in (lambda: change_feature(feature, deep=True, by=admin, at=NOW),
                      lambda: forget_feature(feature, by=admin, at=NOW)):  # fmt: skip
        before = Feature.objects.get(pk=feature.pk)
        meanwhile()
        monkeypatch.setattr(read, lambda *_, stale=before, **__: stale)
        assert client.post(f"/data/features/{feature.pk}/deep/").status_code == 302
    assert client.post(f"/data/features/{before.pk}/forget/").status_code == 302
    assert AuditEntry.objects.filter(action="feature_forgotten").count() == 1


def test_with_63_features_one_makes_room_and_the_rest_keep_their_bits(admin):
    track_features([f"event {n}" for n in range(FEATURES_AT_MOST)])
    with pytest.raises(InputRefused) as refused:
        name_feature("Save", rule=SAVE, by=admin, at=NOW)
    assert refused.value.column == "instead_of"
    left = Feature.objects.get(name="event 7")
    feature = name_feature("Save", rule=SAVE, instead_of=left, by=admin, at=NOW)
    assert feature.bit == left.bit
    assert "event 7" not in track_features(["event 7"])
    assert Feature.objects.count() == FEATURES_AT_MOST


def test_a_bit_that_became_free_is_given_again(admin):
    track_features(["a", "b"])
    feature = name_feature("Save", rule=SAVE, by=admin, at=NOW)
    track_features(["c"])
    forget_feature(feature, by=admin, at=NOW)
    assert track_features(["d", "e"]) == {"a": 0, "b": 1, "c": 3, "d": 2, "e": 4}


WRONG = [
    pytest.param("Deal won", SAVE, "name", id="the name of an event"),
    pytest.param(" ", SAVE, "name", id="no name"),
    pytest.param("$click", SAVE, "name", id="a captured event"),
    pytest.param("Save", FeatureRule(CLICK, "*"), "selector", id="everything"),
]


@pytest.mark.parametrize(("name", "rule", "column"), WRONG)
def test_a_feature_that_cannot_be_meant_is_refused(admin, name, rule, column):
    track_features(["Deal won"])
    with pytest.raises(InputRefused) as refused:
        name_feature(name, rule=rule, by=admin, at=NOW)
    assert refused.value.column == column
    assert Feature.objects.count() == 1


def test_an_event_is_only_marked_as_deep(admin):
    track_features(["Deal won"])
    event = Feature.objects.get()
    change_feature(event, deep=True, by=admin, at=NOW)
    event.refresh_from_db()
    assert (event.deep, event.name) == (True, "Deal won")
    for wrong in (
        lambda: change_feature(event, name="Other", rule=SAVE, by=admin, at=NOW),
        lambda: change_feature(event, deep=True, by=admin, at=NOW),
        lambda: forget_feature(event, by=admin, at=NOW),
    ):
        with pytest.raises(InputRefused):
            wrong()


@pytest.fixture
def page(admin: User, client: Client):
    client.force_login(admin)
    with time_machine.travel(NOW, tick=False):
        yield client


def test_the_page_lists_what_was_seen_and_names_it_with_a_preview(load, page):
    load(*CLICKS)
    listed = page.get("/data/features/").content.decode()
    assert "Save deal" in listed and "/deals/9" in listed
    rule = {"event": CLICK, "selector": "*button#save", "url": "/deals/*"}
    said = page.get("/data/features/would-count/", rule).content.decode()
    assert "<b>4</b> uses of <b>3</b> people at <b>2</b> customers" in said
    assert (
        "everything" in page.get("/data/features/would-count/", {"event": CLICK}).content.decode()
    )
    done = page.post("/data/features/name/", {**rule, "name": "Save a deal", "deep": "on"})
    assert (done.status_code, done.headers["Location"]) == (302, "/data/features/")
    feature = Feature.objects.get(name="Save a deal")
    assert feature.deep
    assert "Save a deal" in page.get("/data/features/").content.decode()
    assert "*button#save" in page.get(f"/data/features/{feature.pk}/").content.decode()
    changed = page.post(f"/data/features/{feature.pk}/", {**rule, "name": "Saved"})
    assert changed.status_code == 302
    page.post(f"/data/features/{feature.pk}/deep/")
    feature.refresh_from_db()
    assert (feature.name, feature.deep) == ("Saved", True)
    page.post(f"/data/features/{feature.pk}/forget/")
    assert not Feature.objects.exists()


def test_a_wrong_form_stands_with_its_reason_beside_the_field(page):
    track_features(["Taken"])
    rule = {"event": CLICK, "selector": "*button#save"}
    answer = page.post("/data/features/name/", {**rule, "name": "Taken"})
    assert answer.status_code == 422
    assert "Taken is the name of another feature" in answer.content.decode()


def test_without_captured_events_the_page_shows_the_tag_to_paste(page):
    said = page.get("/data/features/").content.decode()
    assert "http://testserver/sdk/perennial.js" in said


def test_who_defines_no_metrics_may_look_and_not_name(client, db):
    client.force_login(User.objects.create(email="c@x.invalid", name="Cas", role=Role.CSM))
    assert client.get("/data/features/").status_code == 200
    assert client.get("/data/features/name/").status_code == 403
    assert client.post("/data/features/1/deep/").status_code == 403
