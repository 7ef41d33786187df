//! How fast records go out.

use std::time::{Duration, Instant};

/// When the next record is due.
#[derive(Clone, Copy, Debug, Default)]
pub enum Pace {
    /// At once.
    #[default]
    Free,
    /// So many records a second, evenly.
    Rate(f64),
    /// As far apart as their events, this many times as fast.
    Speed(f64),
}

/// A pace with its beginning.
pub(crate) struct Clock {
    pace: Pace,
    start: Instant,
    first_event: Option<i64>,
}

impl Clock {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            pace,
            start: Instant::now(),
            first_event: None,
        }
    }

    /// How long to wait before a record, given how many went before it; nothing if it is due.
    pub(crate) fn wait(&mut self, sent: u64, event: Option<i64>) -> Option<Duration> {
        let due = match self.pace {
            Pace::Free => return None,
            Pace::Rate(rate) => sent as f64 / rate,
            Pace::Speed(speed) => {
                let event = event?;
                let first = *self.first_event.get_or_insert(event);
                event.saturating_sub(first) as f64 / 1e6 / speed
            }
        };
        // The longest wait that a Duration has is for ever.
        Duration::try_from_secs_f64(due)
            .unwrap_or(Duration::MAX)
            .checked_sub(self.start.elapsed())
            .filter(|wait| !wait.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_wait_for_their_turn() {
        let mut clock = Clock::new(Pace::Rate(10.0));
        assert_eq!(clock.wait(0, None), None);
        let wait = clock.wait(100, None).unwrap().as_secs_f64();
        assert!((9.5..=10.0).contains(&wait), "{wait}");

        let mut clock = Clock::new(Pace::Speed(60.0));
        assert_eq!(clock.wait(0, Some(5_000_000)), None);
        let wait = clock.wait(1, Some(605_000_000)).unwrap().as_secs_f64();
        assert!((9.5..=10.0).contains(&wait), "{wait}");
        assert_eq!(clock.wait(2, None), None);
    }
}
