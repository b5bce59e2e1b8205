"""The command line: exit codes, one JSON document, one sentence per fault, both languages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, OperationalError

from perennial.config import faults
from perennial.config.commands import users
from perennial.team.models import AuditEntry, Role, User
from perennial.units.errors import Busy, InputRefused

Command = Callable[..., Any]


@pytest.mark.django_db
def test_a_user_added_is_listed(perennial: Command):
    added = perennial("users", "add", "li@example.cn", "--role", "csm", "--team", "华东", "--json")
    assert added.code == 0
    assert added.document["link"].startswith("http://127.0.0.1:8000/link/")
    listed = perennial("users", "list", "--json").document["users"]
    assert listed == [
        {"email": "li@example.cn", "name": "li", "role": "csm", "team": "华东", "active": True}
    ]


@pytest.mark.django_db
def test_a_link_lets_in_a_user_who_is_here_and_nobody_else(perennial: Command):
    User.objects.create(email="li@example.cn", name="Li", role=Role.CSM)
    assert perennial("users", "link", "LI@example.cn").code == 0
    refused = perennial("users", "link", "wang@example.cn", "--json")
    assert refused.code == 3
    assert refused.document["error"]["code"] == "unknown_user"
    assert "wang@example.cn" in refused.document["error"]["message"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["frob"], 2, id="unknown command"),
        pytest.param(["run", "--frob"], 2, id="unknown option"),
        pytest.param(["run", "--day", "yesterday"], 2, id="a day that is no date"),
        pytest.param(["run", "--day", "2999-01-01"], 2, id="a day in the future"),
        pytest.param(["users", "add", "no-address", "--role", "csm"], 3, id="input refused"),
        pytest.param(["--help"], 0, id="help"),
        pytest.param(["--version"], 0, id="version"),
    ],
)
def test_exit_codes_say_what_kind_of_end_it_was(
    perennial: Command, arguments: list[str], code: int
):
    assert perennial(*arguments).code == code


@pytest.mark.django_db
def test_with_json_even_a_wrong_command_line_is_one_document(perennial: Command):
    outcome = perennial("users", "add", "--json")
    assert outcome.code == 2
    assert outcome.document["error"].keys() == {"code", "message", "file", "row", "column"}


@pytest.mark.django_db
def test_a_fault_is_told_in_the_language_asked_for(perennial: Command):
    User.objects.create(email="li@example.cn", name="Li", role=Role.CSM)
    chinese = perennial("users", "add", "li@example.cn", "--role", "csm", "--lang", "zh")
    english = perennial("--lang=en", "users", "add", "li@example.cn", "--role", "csm")
    assert re.search(r"li@example.cn.*账号", chinese.err)
    assert english.err.strip() == "li@example.cn has an account already."


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        pytest.param(InputRefused("No."), "input_refused", 3, id="input"),
        pytest.param(Busy("Later."), "busy", 4, id="busy"),
        pytest.param(OperationalError("database is locked"), "busy", 4, id="sqlite is locked"),
        pytest.param(OperationalError("no route"), "environment", 5, id="database is away"),
        pytest.param(
            DatabaseError("file is not a database"), "database_damaged", 5, id="damaged file"
        ),
        pytest.param(OSError(28, "No space left on device"), "environment", 5, id="disk is full"),
        pytest.param(KeyboardInterrupt(), "interrupted", 130, id="Ctrl-C"),
        pytest.param(ZeroDivisionError("secret"), "unexpected", 5, id="our own mistake"),
    ],
)
def test_every_exception_becomes_a_named_error(error: BaseException, code: str, exit_code: int):
    named = faults.name(error)
    assert (named.code, named.exit_code) == (code, exit_code)
    assert "secret" not in faults.sentence(named)


@pytest.mark.parametrize(("free", "said"), [(0, "disk is full"), (1 << 30, "disk I/O error")])
def test_a_write_ahead_log_without_room_means_a_full_disk(home: Path, free: int, said: str):
    home.mkdir(exist_ok=True)
    with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=free)):
        assert said in faults.sentence(faults.name(OperationalError("disk I/O error")))


@pytest.mark.django_db
def test_a_traceback_goes_to_the_log_and_never_to_a_person(perennial: Command, home: Path):
    with mock.patch.object(users, "_address", side_effect=ZeroDivisionError("boom")):
        outcome = perennial("users", "add", "li@example.cn", "--role", "csm")
    assert outcome.code == 5
    assert "Traceback" not in outcome.out + outcome.err
    assert "boom" in (home / "logs" / "perennial.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_help_speaks_chinese_and_leaves_no_home_behind(tmp_path: Path):
    absent = tmp_path / "absent"
    outcome = subprocess.run(
        [sys.executable, "-m", "perennial.config.cli", "run", "--help"],
        env=os.environ
        | {
            "PERENNIAL_HOME": str(absent),
            "LANG": "zh_CN.UTF-8",
            "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "用法：" in outcome.stdout
    assert "以 JSON" in outcome.stdout
    assert not absent.exists()


@pytest.mark.django_db
def test_every_change_from_the_command_line_leaves_an_audit_line(perennial: Command):
    perennial("users", "add", "li@example.cn", "--role", "csm")
    assert AuditEntry.objects.filter(action="user_added", by=None).exists()
    assert json.dumps([it.summary for it in AuditEntry.objects.all()])
