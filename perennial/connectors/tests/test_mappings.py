"""Exports of other tools, typed from the shapes that their makers document."""

from datetime import UTC, datetime

import pytest

from perennial.connectors.actions import import_file
from perennial.connectors.kinds import EVENTS
from perennial.connectors.mapping_files import (
    mapping_named,
    options_with,
    recognised_mapping,
    shipped_mappings,
)
from perennial.connectors.options import Options
from perennial.connectors.results import RowsRefused
from perennial.connectors.tests.files import NOW, write
from perennial.events.store import open_store
from perennial.units.errors import InputRefused
from perennial.units.mapping import parse_map

pytestmark = pytest.mark.django_db
MIXPANEL = (
    '{"event":"Signed Up","properties":{"time":1602611311,"$insert_id":"hpuDqcvpltp",'
    '"mp_processing_time_ms":1602625711874,"distinct_id":"user123","company_id":"C1",'
    '"plan":{"name":"Pro"}}}\n'
    '{"event":"Purchase","properties":{"time":1602787121.5,"$insert_id":"jajcebutltm",'
    '"distinct_id":"user123"}}\n'
)
GROWINGIO = (
    "visitUserId,sessionId,time,sendTime,pageTime,domain,page,queryParameters,eventName,"
    "eventNumber,eventVariable,loginUserId,pageRequestId\n"
    '"fc55728b","6b5099c7","1506069592985","1507897826891","","www.example.com","pages/index",'
    '"","revenue","99.99","{\\"price\\":\\"50.0\\",\\"item\\":\\"101\\"}","user12345",""\n'
)
ZHUGE = (
    "zg_id,session_id,uuid,event_id,begin_date,begin_time_id,device_id,user_id,event_name,"
    "platform,app_version\n"
    "71,1555120000123,u-1,1649,1555120001,100001,9001,42,提交订单,3,2.1\n"
    "71,1555120000123,u-2,1649,1555120001,100001,9001,42,提交订单,3,2.1\n"
)


def bring(folder, name, text, mapping, *pairs, **said):
    path = write(folder, name, text)
    options = options_with(Options(map=parse_map(pairs), **said), mapping_named(mapping))
    result = import_file("events", path, options=options, by=None, at=NOW)
    rows = [it for batch in open_store().event_batches() for it in batch.to_pylist()]
    return result, sorted(rows, key=lambda it: (it["ts"], it["message_id"]))


def test_mixpanels_raw_export(tmp_path):
    result, rows = bring(
        tmp_path, "m.ndjson", MIXPANEL, "mixpanel", "customer_id=properties.company_id"
    )
    assert result.counts.added == 2
    first, second = rows
    assert (first["event"], first["person"], first["customer"]) == ("Signed Up", "user123", "C1")
    assert first["ts"] == datetime(2020, 10, 13, 17, 48, 31, tzinfo=UTC)
    assert second["ts"] == datetime(2020, 10, 15, 18, 38, 41, 500_000, tzinfo=UTC)
    kept = '{"mp_processing_time_ms":1602625711874,"plan":{"name":"Pro"}}'
    assert (first["properties"], second["properties"]) == (kept, None)
    assert bring(tmp_path, "again.ndjson", MIXPANEL, "mixpanel")[0].counts.duplicates == 2


def test_a_project_on_wall_time_is_read_in_its_zone(tmp_path):
    said = {"date_format": "epoch_wall", "time_zone": "Asia/Shanghai"}
    _, rows = bring(tmp_path, "m.ndjson", MIXPANEL, "mixpanel", **said)
    assert rows[0]["ts"] == datetime(2020, 10, 13, 9, 48, 31, tzinfo=UTC)


def test_growingios_custom_events(tmp_path):
    _, [row] = bring(tmp_path, "g.csv.gz", GROWINGIO, "growingio")
    assert (row["event"], row["person"], row["value"]) == ("revenue", "user12345", 1)
    assert row["ts"] == datetime(2017, 9, 22, 8, 39, 52, 985_000, tzinfo=UTC)
    assert '"price":"50.0"' in row["properties"]
    assert '"eventNumber":"99.99"' in row["properties"]


def test_the_event_table_of_zhuge(tmp_path):
    result, rows = bring(tmp_path, "z.csv", ZHUGE, "zhuge")
    assert result.counts.added == 2
    assert {row["event"] for row in rows} == {"提交订单"}
    assert rows[0]["ts"] == datetime(2019, 4, 13, 1, 46, 41, tzinfo=UTC)
    assert bring(tmp_path, "again.csv", ZHUGE, "zhuge")[0].counts.duplicates == 2


@pytest.mark.parametrize(
    ("format", "text", "moment"),
    [
        ("epoch", "1602611311", datetime(2020, 10, 13, 17, 48, 31, tzinfo=UTC)),
        ("epoch", "1602611311874", datetime(2020, 10, 13, 17, 48, 31, 874_000, tzinfo=UTC)),
        ("epoch", "1602611311874001", datetime(2020, 10, 13, 17, 48, 31, 874_001, tzinfo=UTC)),
        ("epoch_ms", "86400000", datetime(1970, 1, 2, tzinfo=UTC)),
        ("epoch_ms", "1602611311874.5", datetime(2020, 10, 13, 17, 48, 31, 874_500, tzinfo=UTC)),
        ("epoch", "soon", None),
        ("epoch", "-5", None),
        ("epoch_ms", "99999999999999999", None),
    ],
)
def test_moments_since_1970_in_every_kind_of_file(tmp_path, format, text, moment):
    options = Options(date_format=format)
    events = write(tmp_path, "e.csv", f"event,timestamp\na,{text}\n")
    tickets = f"external_id,customer_id,opened_at\nT1,C1,{text}\n"
    if moment is None:
        with pytest.raises(RowsRefused) as refused:
            import_file("events", events, options=options, by=None, at=NOW)
        assert refused.value.code == "bad_timestamp"
        with pytest.raises(RowsRefused):
            path = write(tmp_path, "t.csv", tickets)
            import_file("tickets", path, options=options, by=None, at=NOW)
        return
    import_file("events", events, options=options, by=None, at=NOW)
    [batch] = open_store().event_batches()
    assert batch.column("ts").to_pylist() == [moment]


def test_an_unknown_mapping_names_those_that_there_are():
    assert shipped_mappings() == ["growingio", "mixpanel", "zhuge"]
    with pytest.raises(InputRefused) as refused:
        mapping_named("amplitude")
    assert refused.value.params["names"] == "growingio, mixpanel, zhuge"


@pytest.mark.parametrize(
    ("text", "name"), [(GROWINGIO, "growingio"), (ZHUGE, "zhuge"), ("a,b\n", None)]
)
def test_the_wizard_knows_an_export_by_its_columns(text, name):
    found = recognised_mapping(EVENTS, tuple(text.splitlines()[0].split(",")))
    assert found == (name and options_with(Options(), mapping_named(name)))
