"""Many records, and every part killed at random moments; with the sink of Kafka Connect as well."""

from __future__ import annotations

import random
import time

import pytest

from tests.connect.lake import Lake
from tests.pipeline.checks import DIRTY, batch, check_every_layer, check_reasons
from tests.pipeline.services import Services
from tests.servers.process import ROOT

pytestmark = pytest.mark.soak

RECORDS = 200_000


@pytest.mark.parametrize("ingest", ["spark", "connect"])
def test_parts_that_are_killed_at_random_moments(
    tmp_path_factory: pytest.TempPathFactory, lake: Lake, ingest: str
) -> None:
    folder = tmp_path_factory.mktemp(ingest)
    replay = f"replay --times now --rate 1500 --records {RECORDS} --data {ROOT}/data/market"
    services = Services(folder, PRODUCER_ARGS=replay)
    chance = random.Random(20240305)
    parts = ["kafka", "hdfs", "producer", "consumer"] + (["connect"] if ingest == "connect" else [])
    try:
        services.start("--ingest", ingest)
        dirty = services.produce("jsonl", DIRTY / "stock_ticks.jsonl")
        assert dirty.wait(60) == 0
        for _ in range(5):
            time.sleep(chance.uniform(5, 30))
            services.kill(chance.choice(parts))
            # Whatever lost its server may have ended, too.
            services.start("--ingest", ingest)
        services.wait(lambda: "finished: " in services.log("producer")[-400:], 600, "the producer")
        if ingest == "connect":
            time.sleep(20)
        services.stop("--only", "consumer,connect")
        batch(services, services.lake, ingest)
        check_reasons(check_every_layer(services, lake))
    finally:
        services.stop()
