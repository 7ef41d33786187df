//! What a running feed counts, as a progress line and for Prometheus.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result};

/// Counts since the start of the process. Whoever reads them sees each count as it was at some moment.
#[derive(Debug, Default)]
pub struct Counters {
    /// Records handed to the producer.
    pub sent: AtomicU64,
    /// Their bytes.
    pub bytes: AtomicU64,
    /// Records that the broker acknowledged.
    pub delivered: AtomicU64,
    /// Records that the producer gave up.
    pub failed: AtomicU64,
    /// How often the producer's queue was full, so that the source had to wait.
    pub waits: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }

    /// The text that Prometheus reads.
    pub fn exposition(&self) -> String {
        let series = [
            ("sent", "Records handed to the producer", &self.sent),
            (
                "sent_bytes",
                "Bytes of the records handed to the producer",
                &self.bytes,
            ),
            (
                "delivered",
                "Records that the broker acknowledged",
                &self.delivered,
            ),
            ("failed", "Records that the producer gave up", &self.failed),
            (
                "queue_full",
                "How often the source waited for the producer's queue",
                &self.waits,
            ),
        ];
        let mut text = String::new();
        for (name, help, counter) in series {
            let name = format!("financelake_produce_{name}_total");
            let value = counter.load(Ordering::Relaxed);
            // Writing into a text does not fail.
            let _ = write!(
                text,
                "# HELP {name} {help}.\n# TYPE {name} counter\n{name} {value}\n"
            );
        }
        text
    }
}

/// Answers Prometheus at an address until the process ends, and returns the address.
///
/// # Errors
/// If nothing can listen there.
pub fn serve(address: &str, counters: &Arc<Counters>) -> Result<SocketAddr> {
    let refused = |error: std::io::Error| Error::Usage(format!("--metrics {address}: {error}"));
    let place = address.to_socket_addrs().map_err(refused)?.next();
    let place =
        place.ok_or_else(|| Error::Usage(format!("--metrics {address} names no address")))?;
    let listener = TcpListener::bind(place).map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let counters = Arc::clone(counters);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // Who does not listen to the answer misses it.
            let _ = answer(client, &counters.exposition());
        }
    });
    Ok(bound)
}

fn answer(mut client: TcpStream, body: &str) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(1)))?;
    client.set_write_timeout(Some(Duration::from_secs(1)))?;
    // Every path has the same answer; the request need only have come.
    let _ = client.read(&mut [0; 4096])?;
    write!(
        client,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_is_answered_more_than_once() {
        let counters = Arc::new(Counters::default());
        let address = serve("127.0.0.1:0", &counters).unwrap();
        for count in 1..3 {
            Counters::add(&counters.delivered, 1);
            let mut client = TcpStream::connect(address).unwrap();
            client.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
            let mut text = String::new();
            client.read_to_string(&mut text).unwrap();
            let wanted = format!("\nfinancelake_produce_delivered_total {count}\n");
            assert!(
                text.starts_with("HTTP/1.1 200 OK") && text.contains(&wanted),
                "{text}"
            );
        }
        assert!(serve(&address.to_string(), &counters).is_err());
    }
}
