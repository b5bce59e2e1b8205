"""The wizard through HTTP: upload, columns, check, import, undo."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perennial.connectors import uploads
from perennial.connectors.models import Import, State
from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.team.models import User

pytestmark = pytest.mark.django_db
FILE = "客户编号,客户名称,地区\nC1,北京卓泽,华北\nC2,Acme,\n,Nobody,\n"


@pytest.fixture
def admin(client):
    user = User.objects.create(email="admin@x.cn", name="Admin", role="admin", language="en")
    client.force_login(user)
    return client


def upload(client, text=FILE, kind="customers", name="客户.csv"):
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return client.post("/imports/", {"kind": kind, "file": file})


def mapping(**chosen):
    return {f"from_{ours}": theirs for ours, theirs in chosen.items()}


def test_a_file_goes_from_upload_to_undo(admin):
    draft = upload(admin)
    assert draft.status_code == 302
    page = admin.get(draft.url)
    assert '<option value="客户编号" selected>' in page.content.decode()  # suggested by synonym

    checked = admin.post(
        draft.url, mapping(external_id="客户编号", name="客户名称", region="地区"), follow=True
    )
    text = checked.content.decode()
    assert "A value is missing." in text
    assert "leaving out 1 row" in text
    assert not Customer.objects.exists()

    done = admin.post(f"{draft.url}run/", {"skip_bad_rows": "1"}, follow=True)
    assert done.status_code == 200
    assert Customer.objects.count() == 2
    record = Import.objects.get()
    assert (record.state, str(record.by), record.stored_as) == (State.DONE, "Admin", "")
    assert list(uploads.folder().iterdir()) == []
    rejects = admin.get(f"{draft.url}rejects.csv")
    assert rejects["Content-Disposition"].startswith("attachment")
    assert b"Nobody" in b"".join(rejects.streaming_content)

    admin.post(f"{draft.url}undo/")
    assert not Customer.objects.exists()
    assert "undone" in admin.get("/imports/").content.decode()


def test_a_second_click_shows_what_the_first_did(admin):
    draft = upload(admin).url
    admin.post(draft, mapping(external_id="客户编号", name="客户名称"))
    for _click in range(2):
        assert admin.post(f"{draft}run/", {"skip_bad_rows": "1"}).url == draft
    assert Import.objects.get().counts["added"] == 2
    kept = admin.post(f"{draft}discard/", follow=True).content.decode()
    assert "imported already" in kept
    assert Import.objects.get().state == State.DONE


def test_the_mapping_is_there_next_time(admin):
    first = upload(admin, "x,y\nC1,Acme\n").url
    admin.post(first, mapping(external_id="x", name="y"))
    second = admin.get(upload(admin, "y,x\nAcme,C1\n").url).content.decode()
    assert second.count('<option value="x" selected>') == 1
    assert second.count('<option value="y" selected>') == 1


def test_a_refusal_stands_beside_the_mapping(admin):
    draft = upload(admin, "x,y\nC1,Acme\n").url
    refused = admin.post(draft, mapping(external_id="x"))
    assert refused.status_code == 422
    assert "Required columns are missing: name" in refused.content.decode()


def test_constants_and_translations_need_no_code(admin):
    Customer.objects.create(external_id="C1", name="A", recorded_at="2024-01-01T00:00Z")
    text = "sid,account_id,trial,start,mrr\nS1,C1,TRUE,2024-01-01,0\nS2,C1,FALSE,2024-02-01,5\n"
    draft = upload(admin, text, "orders", "s.csv").url
    posted = mapping(
        order_id="sid", customer_id="account_id", kind="trial", start_on="start", mrr="mrr",
        currency="=",
    ) | {"values_kind": "TRUE:trial, FALSE:new", "text_currency": "USD"}  # fmt: skip
    admin.post(draft, posted)
    admin.post(f"{draft}run/")
    assert list(OrderLine.objects.values_list("order_id", "kind", "currency")) == [
        ("S1", "trial", "USD"),
        ("S2", "new", "USD"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            b"\x89PNG\x00", "This is no CSV, XLSX, NDJSON or Parquet file", id="a picture"
        ),
        pytest.param(b"\x1f\x8b\x08\x00\x00", "truncated", id="half a gzip"),
    ],
)
def test_a_bad_upload_gets_one_sentence(admin, content, sentence):
    refused = admin.get(upload(admin, content).url)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()


def test_a_file_too_large_is_not_kept(admin, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_BYTES", 1_000)
    refused = upload(admin, b"a,b\n" * 1_000)
    assert refused.status_code == 422
    assert not Import.objects.exists()


def test_a_user_s_name_for_a_file_never_becomes_a_path(admin):
    draft = upload(admin, FILE, name="../../evil.csv")
    stored = Import.objects.get().stored_as
    assert [it.name for it in uploads.folder().iterdir()] == [stored]
    admin.post(f"{draft.url}discard/")
    assert list(uploads.folder().iterdir()) == []


@pytest.mark.parametrize("role", ["leader", "csm", "finance", "support", "viewer"])
def test_only_administrators_import(client, role):
    user = User.objects.create(email="u@x.cn", name="U", role=role)
    client.force_login(user)
    draft = Import.objects.create(
        kind="customers", file_name="a.csv", state="draft", created_at="2024-01-01T00:00Z"
    )
    assert client.get("/imports/").status_code == 403
    assert upload(client).status_code == 403
    assert client.get(f"/imports/{draft.pk}/").status_code == 404
    assert client.post(f"/imports/{draft.pk}/run/").status_code == 404


def test_an_export_holds_only_what_its_user_may_see(client):
    csm = User.objects.create(email="u@x.cn", name="U", role="csm")
    for name, owner in (("=MINE", csm), ("Other", None)):
        Customer.objects.create(
            external_id=name, name=name, owner=owner, recorded_at="2024-01-01T00:00Z"
        )
    client.force_login(csm)
    response = client.get("/imports/export/customers.csv")
    text = b"".join(response.streaming_content).decode()
    assert "'=MINE,'=MINE" in text
    assert "Other" not in text
    csm.role = "support"
    csm.save()
    assert client.get("/imports/export/orders.csv").status_code == 403


def test_an_upload_needs_the_page_s_token(admin):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    assert upload(strict).status_code == 403
    assert not Import.objects.exists()
