"""Records for the topics of the tests, and what a table must hold of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from tests.connect.lake import Lake

#: Kafka's timestamp of every record: 2024-03-05T00:00Z.
RECEIVED_MS = 1_709_596_800_000
SYMBOLS = [
    ("AAPL", "US", "equity"),
    ("SAP", "EU", "equity"),
    ("7203.T", "ASIA", "equity"),
    ("BTC-USD", "GLOBAL", "crypto"),
]


def quote(number: int) -> bytes:
    """The record with that number; each is different."""
    symbol, region, asset_class = SYMBOLS[number % len(SYMBOLS)]
    price = 100 + number % 50
    second = number % 86_400
    record = {
        "symbol": symbol,
        "ts": f"2024-03-04T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z",
        "seq": number,
        **{"open": price, "high": price + 1, "low": price - 1, "close": price + 0.25},
        **{"volume": number, "region": region, "asset_class": asset_class},
    }
    return json.dumps(record).encode()


@dataclass
class Topic:
    """A topic, and everything that was sent to it by (partition, offset)."""

    address: str
    name: str
    partitions: int
    sent: dict[tuple[int, int], bytes | None] = field(default_factory=dict)

    def create(self) -> Topic:
        admin = KafkaAdminClient(bootstrap_servers=self.address)
        admin.create_topics([NewTopic(self.name, self.partitions, 1)])
        admin.close()
        return self

    def send(
        self, values: Iterable[bytes | None], partition: int | None = None, headers: list | None = None
    ) -> None:
        producer = KafkaProducer(bootstrap_servers=self.address, acks="all", linger_ms=5, retries=20)
        futures = []
        for number, value in enumerate(values):
            place = number % self.partitions if partition is None else partition
            future = producer.send(
                self.name,
                value=value,
                key=b"key",
                headers=headers or [],
                partition=place,
                timestamp_ms=RECEIVED_MS,
            )
            futures.append((future, value))
        producer.flush(60)
        for future, value in futures:
            stored = future.get(60)
            self.sent[stored.partition, stored.offset] = value
        producer.close()

    def send_aborted(self, values: Iterable[bytes]) -> None:
        """Records of a transaction that is aborted: they are in the topic, and nobody is to see them."""
        producer = KafkaProducer(bootstrap_servers=self.address, transactional_id=self.name)
        producer.init_transactions()
        producer.begin_transaction()
        for number, value in enumerate(values):
            producer.send(self.name, value=value, partition=number % self.partitions)
        producer.flush(60)
        producer.abort_transaction()
        producer.close()

    def send_quotes(self, count: int) -> None:
        start = len(self.sent)
        self.send(quote(number) for number in range(start, start + count))


def check_exactly_once(lake: Lake, table: str, topic: Topic) -> None:
    """Every record that was sent is in the table once, with the value that was sent."""
    columns = ["topic", "partition", "offset", "value"]
    rows = lake.read(table).select(*columns).collect()
    found: dict[tuple[int, int], bytes | None] = {}
    repeated = []
    for row in rows:
        place = (row["partition"], row["offset"])
        if place in found:
            repeated.append(place)
        assert row["topic"] == topic.name
        found[place] = None if row["value"] is None else bytes(row["value"])
    missing = sorted(topic.sent.keys() - found.keys())
    invented = sorted(found.keys() - topic.sent.keys())
    assert not repeated, f"{len(repeated)} records are there twice, such as {sorted(repeated)[:5]}"
    assert not missing, f"{len(missing)} of {len(topic.sent)} records are missing, such as {missing[:5]}"
    assert not invented, f"{len(invented)} rows were never sent, such as {invented[:5]}"
    assert found == topic.sent, "values differ from what was sent"


def shuffled(seed: int) -> random.Random:
    """Chance that a failing test can repeat."""
    return random.Random(seed)
