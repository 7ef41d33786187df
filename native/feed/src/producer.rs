//! Records into Kafka: each one once and in order per symbol, as long as the process lives.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};

use crate::error::{Error, Result};
use crate::message::Message;
use crate::metrics::Counters;

/// The header that says after which contract a record is written, and the contract of today.
const SCHEMA_HEADER: &str = "financelake.schema";
const SCHEMA_VERSION: &str = "1";

/// How often the producer is asked for acknowledgements, in records.
const POLL_EVERY: u64 = 512;

/// Where records go, and how.
#[derive(Clone, Debug, Default)]
pub struct ProducerConfig {
    /// Brokers, as `host:port,host:port`.
    pub brokers: String,
    /// The topic of market records.
    pub topic: String,
    /// The topic of bond yields.
    pub bond_topic: String,
    /// Records become visible in transactions of this id, if there is one.
    pub transactional_id: Option<String>,
    /// Settings of librdkafka beside and instead of ours.
    pub settings: BTreeMap<String, String>,
}

/// What must hold whatever the user sets: every record once, in order, acknowledged by all.
const FIXED: [(&str, &str); 2] = [("enable.idempotence", "true"), ("acks", "all")];

/// A producer with its open transaction, if it works in transactions.
pub struct Producer {
    client: BaseProducer<Deliveries>,
    config: ProducerConfig,
    counters: Arc<Counters>,
    headers: OwnedHeaders,
    handed: u64,
    in_transaction: bool,
}

/// Counts what became of records.
struct Deliveries {
    counters: Arc<Counters>,
    failure: Mutex<Option<String>>,
}

impl ClientContext for Deliveries {
    fn error(&self, error: KafkaError, reason: &str) {
        // A broker that is away is not the end: the client goes on trying.
        eprintln!("financelake: {error}: {reason}");
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => Counters::add(&self.counters.delivered, 1),
            Err((error, _)) => {
                Counters::add(&self.counters.failed, 1);
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

impl Producer {
    /// Connects, and asks for the topics within a time, so that a wrong address or name is told before anything is sent.
    ///
    /// # Errors
    /// If a setting is wrong, no broker answers, or a topic does not exist.
    pub fn connect(
        config: ProducerConfig,
        counters: Arc<Counters>,
        limit: Duration,
    ) -> Result<Self> {
        if let Some((key, value)) = FIXED.iter().find(|(key, value)| {
            config
                .settings
                .get(*key)
                .is_some_and(|given| given != value)
        }) {
            return Err(Error::Usage(format!(
                "--set {key}={} would lose or repeat records; it is always {value}",
                config.settings[*key]
            )));
        }
        let mut settings = ClientConfig::new();
        settings
            .set("bootstrap.servers", &config.brokers)
            .set("client.id", "financelake-produce")
            .set("compression.codec", "zstd")
            // Where the Java client would send a key, too.
            .set("partitioner", "murmur2_random")
            .set("linger.ms", "20")
            .set("batch.num.messages", "20000")
            .set("batch.size", "1000000")
            .set("queue.buffering.max.messages", "200000")
            .set("queue.buffering.max.kbytes", "131072")
            // A broker may be away for long; the records wait.
            .set("message.timeout.ms", "0")
            .set("topic.metadata.refresh.interval.ms", "30000");
        if let Some(id) = &config.transactional_id {
            settings
                .set("transactional.id", id)
                .set("message.timeout.ms", "60000");
        }
        for (key, value) in config
            .settings
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .chain(FIXED)
        {
            settings.set(key, value);
        }
        let deliveries = Deliveries {
            counters: Arc::clone(&counters),
            failure: Mutex::new(None),
        };
        let client: BaseProducer<Deliveries> = settings
            .create_with_context(deliveries)
            .map_err(|error| Error::Usage(format!("Kafka's client refuses a setting: {error}")))?;
        let producer = Self {
            client,
            counters,
            headers: OwnedHeaders::new().insert(Header {
                key: SCHEMA_HEADER,
                value: Some(SCHEMA_VERSION),
            }),
            handed: 0,
            in_transaction: false,
            config,
        };
        producer.require_topics(limit)?;
        if producer.config.transactional_id.is_some() {
            producer
                .client
                .init_transactions(limit)
                .map_err(kafka("the transactions"))?;
        }
        Ok(producer)
    }

    fn require_topics(&self, limit: Duration) -> Result<()> {
        for topic in [&self.config.topic, &self.config.bond_topic] {
            let brokers = &self.config.brokers;
            let metadata = self
                .client
                .client()
                .fetch_metadata(Some(topic), limit)
                .map_err(|error| {
                    Error::Kafka(format!(
                        "no broker answers at {brokers} within {} s ({error})",
                        limit.as_secs()
                    ))
                })?;
            let found = metadata.topics().iter().find(|found| found.name() == topic);
            if found.is_none_or(|found| found.error().is_some() || found.partitions().is_empty()) {
                return Err(Error::Kafka(format!(
                    "the topic '{topic}' does not exist at {brokers}: create it, or name another one"
                )));
            }
        }
        Ok(())
    }

    /// Hands over a record; waits while the queue is full.
    ///
    /// # Errors
    /// If this or an earlier record cannot be delivered, ever.
    pub fn send(&mut self, message: &Message) -> Result<()> {
        if self.config.transactional_id.is_some() && !self.in_transaction {
            self.client
                .begin_transaction()
                .map_err(kafka("a transaction"))?;
            self.in_transaction = true;
        }
        let topic = if message.bond {
            &self.config.bond_topic
        } else {
            &self.config.topic
        };
        let mut record = BaseRecord::<[u8], [u8]>::to(topic)
            .payload(message.value.as_slice())
            .headers(self.headers.clone());
        if !message.key.is_empty() {
            record = record.key(message.key.as_slice());
        }
        while let Err((error, back)) = self.client.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(Error::Kafka(format!("a record cannot be sent: {error}")));
            }
            record = back;
            Counters::add(&self.counters.waits, 1);
            self.client.poll(Duration::from_millis(100));
            self.check()?;
        }
        Counters::add(&self.counters.sent, 1);
        Counters::add(&self.counters.bytes, message.value.len() as u64);
        self.handed += 1;
        if self.handed.is_multiple_of(POLL_EVERY) {
            self.poll(Duration::ZERO)?;
        }
        Ok(())
    }

    /// Takes acknowledgements for so long.
    ///
    /// # Errors
    /// If a record could not be delivered.
    pub fn poll(&self, time: Duration) -> Result<()> {
        self.client.poll(time);
        self.check()
    }

    /// Waits until the broker has all records that were handed over, and ends the open transaction.
    ///
    /// # Errors
    /// If that takes longer than the limit, or a record could not be delivered; says how many are missing.
    pub fn flush(&mut self, limit: Duration) -> Result<()> {
        let end = Instant::now() + limit;
        while self.client.in_flight_count() > 0 && Instant::now() < end {
            // In short steps, as acknowledgements are counted on this thread.
            self.client.poll(Duration::from_millis(10));
            self.check()?;
        }
        // What lingers in a batch goes out at once.
        let flushed = self
            .client
            .flush(end.saturating_duration_since(Instant::now()));
        self.check()?;
        let missing = self.client.in_flight_count();
        if missing > 0 || flushed.is_err() {
            return Err(Error::Kafka(format!(
                "{missing} records were not acknowledged within {} s; a run with the same --position sends them again",
                limit.as_secs()
            )));
        }
        if self.in_transaction {
            self.client
                .commit_transaction(limit)
                .map_err(kafka("a transaction"))?;
            self.in_transaction = false;
        }
        Ok(())
    }

    /// Counts so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn check(&self) -> Result<()> {
        if let Some((code, reason)) = self.client.client().fatal_error() {
            return Err(Error::Kafka(format!(
                "the producer cannot go on: {code}: {reason}"
            )));
        }
        if self.counters.failed.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let failure = &self.client.context().failure;
        let failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
        let why = failure.as_deref().unwrap_or("no reason was given");
        Err(Error::Kafka(format!("a record was not delivered: {why}")))
    }
}

fn kafka(what: &str) -> impl FnOnce(KafkaError) -> Error + use<> {
    let what = what.to_owned();
    move |error| Error::Kafka(format!("{what} failed: {error}"))
}
