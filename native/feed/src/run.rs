//! From a source to the broker until the source ends or somebody says stop.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::message::{Message, Next, Source};
use crate::pace::{Clock, Pace};
use crate::position::Position;
use crate::producer::Producer;

/// How often a stop is looked for while waiting.
const STEP: Duration = Duration::from_millis(50);
/// How often the position is written, which costs waiting for the records on their way.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// How often the clock is looked at, in records.
const LOOK_EVERY: u64 = 256;

/// What a run does.
#[derive(Debug)]
pub struct Feed<'a> {
    /// How fast.
    pub pace: Pace,
    /// How many records of the source at most, counted from its beginning.
    pub records: Option<u64>,
    /// Where the position is kept, if it is.
    pub position: Option<&'a Path>,
    /// Between two calls of `progress`.
    pub progress_every: Duration,
    /// How long the last records may take.
    pub flush_limit: Duration,
}

/// Sends the records of a source; returns how many of them the broker has, counted from its beginning.
///
/// When `stop` becomes true, what was handed over is still delivered.
///
/// # Errors
/// If the source or the broker fails.
pub fn run(
    feed: &Feed<'_>,
    source: &mut dyn Source,
    producer: &mut Producer,
    stop: &AtomicBool,
    mut progress: impl FnMut(&Producer, u64),
) -> Result<u64> {
    let mut position = match feed.position {
        Some(path) => Some(Position::open(path, &source.identity())?),
        None => None,
    };
    let first = position.as_ref().map_or(0, Position::records);
    match &position {
        Some(position) => source.resume(first, position.bookmark())?,
        None => source.skip(first)?,
    }
    let mut message = Message::default();
    let mut clock = Clock::new(feed.pace);
    let mut next = first;
    let (mut told, mut saved) = (Instant::now(), Instant::now());
    let mut tick = |producer: &mut Producer, source: &dyn Source, next: u64| -> Result<()> {
        if let (Some(position), true) = (&mut position, saved.elapsed() >= SAVE_EVERY) {
            producer.flush(feed.flush_limit)?;
            position.save(next, source.bookmark())?;
            saved = Instant::now();
        }
        if told.elapsed() >= feed.progress_every {
            progress(producer, next);
            told = Instant::now();
        }
        Ok(())
    };
    let stopped = || stop.load(Ordering::Relaxed);
    while !stopped() && feed.records.is_none_or(|records| next < records) {
        match source.next(&mut message)? {
            Next::End => break,
            Next::Later(wait) => {
                let until = Instant::now() + wait;
                while let Some(left) = until.checked_duration_since(Instant::now())
                    && !stopped()
                {
                    thread::sleep(left.min(STEP));
                    producer.poll(Duration::ZERO)?;
                    tick(producer, source, next)?;
                }
                continue;
            }
            Next::Record => {}
        }
        while let Some(wait) = clock.wait(next - first, message.event) {
            if stopped() {
                break;
            }
            thread::sleep(wait.min(STEP));
            producer.poll(Duration::ZERO)?;
            tick(producer, source, next)?;
        }
        if stopped() {
            break;
        }
        producer.send(&message)?;
        source.sent();
        next += 1;
        if next.is_multiple_of(LOOK_EVERY) {
            tick(producer, source, next)?;
        }
    }
    producer.flush(feed.flush_limit)?;
    if let Some(position) = &mut position {
        position.save(next, source.bookmark())?;
    }
    Ok(next)
}
