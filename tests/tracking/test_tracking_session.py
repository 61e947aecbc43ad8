"""The parent run says where its runs were done last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdbench.record.store import Store
from tests.execution.recorded import session
from tests.tracking.studies import RECORDS, everything, plan, write_store

if TYPE_CHECKING:
    from tests.tracking.studies import Place

ALL = [record.key for record in RECORDS]


def test_the_parent_carries_the_facts_of_its_plans_last_session(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    with Store.open(place.folder) as store:
        store.begin_session(session(plan="plan-1", runner="serial", kind="serial", workers=1))
        store.begin_session(session(plan="plan-1", runner="many", workers=8, comparable=False))
        store.begin_session(session(plan="another", runner="elsewhere"))
    place.sync()
    tags = everything(place.uri)["runs"]["plan plan-1"]["tags"]
    assert {name: value for name, value in tags.items() if name.startswith("runner")} == {
        "runner": "many",
        "runner.kind": "processes",
        "runner.workers": "8",
        "runner.cores": "2",
        "runner.comparable_seconds": "no",
    }


def test_a_store_without_sessions_leaves_these_tags_out(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    place.sync()
    tags = everything(place.uri)["runs"]["plan plan-1"]["tags"]
    assert not [name for name in tags if name.startswith("runner")]
