//! Requests at a limited rate, each tried again while it may help. Nothing here waits: who asks too early is told when to come
//! back, so that the producer goes on meanwhile.

use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::StatusCode;

use crate::random::Random;

/// The first pause after a failure, doubled each time up to the longest one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
/// An answer is a few hundred kilobytes at most.
const LARGEST_ANSWER: u64 = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The answer.
    Body(String),
    /// There is no such thing; asking again does not help.
    Unknown(String),
    /// Not yet.
    Later(Duration),
    /// Failed as often as it may, last for this reason.
    GaveUp(String),
}

/// A server with a limit.
pub(super) struct Requests {
    agent: Agent,
    url: String,
    gap: Duration,
    retries: u32,
    random: Random,
    not_before: Instant,
    failures: u32,
    first_pause: Duration,
}

impl Requests {
    pub(super) fn new(url: &str, per_minute: f64, retries: u32, seed: u64) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            // The API refuses clients that do not look like a browser.
            .user_agent("Mozilla/5.0 (compatible; financelake)");
        Self {
            agent: config.build().into(),
            url: url.trim_end_matches('/').to_owned(),
            gap: Duration::from_secs_f64(60.0 / per_minute),
            retries,
            random: Random::new(seed),
            not_before: Instant::now(),
            failures: 0,
            first_pause: FIRST_PAUSE,
        }
    }

    #[cfg(test)]
    pub(super) fn with_first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Asks for a path, which is the same one until there is an answer or it gave up.
    pub(super) fn get(&mut self, path: &str) -> Reply {
        let now = Instant::now();
        if let Some(wait) = self
            .not_before
            .checked_duration_since(now)
            .filter(|w| !w.is_zero())
        {
            return Reply::Later(wait);
        }
        self.not_before = now + self.gap;
        match self.call(path) {
            Ok(reply) => {
                self.failures = 0;
                reply
            }
            Err((reason, _)) if self.failures >= self.retries => {
                self.failures = 0;
                Reply::GaveUp(reason)
            }
            Err((_, asked)) => {
                let pause = asked.unwrap_or_else(|| self.pause());
                self.failures += 1;
                self.not_before = Instant::now() + pause.max(self.gap);
                Reply::Later(pause.max(self.gap))
            }
        }
    }

    /// Doubled with each failure, and then a random part between a half and all of it: clients that failed together do
    /// not come back together.
    fn pause(&mut self) -> Duration {
        let whole = self
            .first_pause
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_PAUSE);
        let part = (self.random.bits() >> 11) as f64 / (1u64 << 53) as f64;
        whole.mul_f64(0.5 + part / 2.0)
    }

    /// An answer, or why there is none and how long the server asks to wait.
    fn call(&self, path: &str) -> Result<Reply, (String, Option<Duration>)> {
        let url = format!("{}{path}", self.url);
        let failed = |error: ureq::Error| (format!("{url}: {error}"), None);
        let mut response = self.agent.get(&url).call().map_err(failed)?;
        let status = response.status();
        let asked = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(|seconds| Duration::from_secs(seconds).min(LONGEST_PAUSE));
        let body = response
            .body_mut()
            .with_config()
            .limit(LARGEST_ANSWER)
            .read_to_string();
        let body = body.map_err(failed)?;
        match status {
            StatusCode::OK => Ok(Reply::Body(body)),
            StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                Ok(Reply::Unknown(body))
            }
            _ => Err((format!("{url}: {status}"), asked)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(retries: u32) -> Requests {
        Requests::new("http://127.0.0.1:9", 60_000.0, retries, 1)
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_are_never_the_same() {
        let mut requests = requests(99);
        for (failures, whole) in [(0, 1.0), (1, 2.0), (3, 8.0), (40, 120.0)] {
            requests.failures = failures;
            let (one, other) = (
                requests.pause().as_secs_f64(),
                requests.pause().as_secs_f64(),
            );
            assert!((whole / 2.0..=whole).contains(&one), "{one} of {whole}");
            assert!(one != other);
        }
    }

    #[test]
    fn who_asks_too_early_is_told_when_to_come_back() {
        let mut slow = Requests::new("http://127.0.0.1:9", 1.0, 0, 1);
        assert!(matches!(slow.get("/"), Reply::GaveUp(_)));
        let Reply::Later(wait) = slow.get("/") else {
            panic!("the limit is one request a minute");
        };
        assert!((58.0..=60.0).contains(&wait.as_secs_f64()), "{wait:?}");
    }
}
