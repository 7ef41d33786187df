//! Calls of a Connect worker's REST interface.

use super::PAUSE;
use crate::failure::Failure;
use serde_json::Value;
use std::thread::sleep;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::{Request, StatusCode};

/// A worker may take up to 90 seconds to judge a configuration.
const PATIENCE: Duration = Duration::from_secs(100);

/// A worker.
pub(crate) struct Rest {
    agent: Agent,
    url: String,
}

impl Rest {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        if !url.starts_with("http://") {
            return Err(Failure::Usage(format!(
                "--url {url:?}: write http://host:port; a worker behind TLS is reached through a local proxy"
            )));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE));
        Ok(Self {
            agent: config.build().into(),
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send("GET", path, None)
    }

    /// The answer, or nothing when the worker does not know the path (yet).
    pub(crate) fn get_if_there(&self, path: &str) -> Result<Option<Value>, Failure> {
        match self.call("GET", path, None)? {
            (StatusCode::NOT_FOUND, _) => Ok(None),
            answer => self.judged(path, answer).map(Some),
        }
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send("PUT", path, Some(body))
    }

    /// A change that is asked for again while the cluster moves its tasks about.
    pub(crate) fn put_until(
        &self,
        end: Instant,
        path: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        loop {
            match self.call("PUT", path, Some(body))? {
                (StatusCode::CONFLICT, _) if Instant::now() < end => sleep(PAUSE),
                answer => return self.judged(path, answer),
            }
        }
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let answer = self.call(method, path, body)?;
        self.judged(path, answer)
    }

    /// Asks until there is an answer; at the end the failure is the last one, or empty when there was none.
    pub(crate) fn until<T>(
        &self,
        end: Instant,
        mut ask: impl FnMut() -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        let mut told = false;
        loop {
            let asked = ask();
            let late = Instant::now() >= end;
            match asked {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) if late => return Err(Failure::Cluster(String::new())),
                Err(Failure::Unreachable(problem)) if !late => {
                    if !std::mem::replace(&mut told, true) {
                        eprintln!("waiting, as it may be starting: {problem}");
                    }
                }
                Err(failure) => return Err(failure),
                Ok(None) => {}
            }
            sleep(PAUSE);
        }
    }

    fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), Failure> {
        let unreachable = |error: ureq::Error| {
            Failure::Unreachable(format!("the worker at {}: {error}", self.url))
        };
        let body = body.map_or_else(String::new, Value::to_string);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Content-Type", "application/json")
            .body(body)
            .map_err(|error| Failure::Usage(format!("{}{path}: {error}", self.url)))?;
        let mut answer = self.agent.run(request).map_err(unreachable)?;
        let text = answer.body_mut().read_to_string().map_err(unreachable)?;
        // Errors of a proxy are no JSON.
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((answer.status(), value))
    }

    fn judged(&self, path: &str, (status, value): (StatusCode, Value)) -> Result<Value, Failure> {
        if status.is_success() {
            return Ok(value);
        }
        let told = value["message"]
            .as_str()
            .or(value.as_str())
            .unwrap_or_default();
        Err(Failure::Cluster(format!(
            "{}{path}: {status}: {told}",
            self.url
        )))
    }
}

/// A name as a part of a path.
pub(crate) fn segment(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let mut segment = String::new();
    for byte in name.bytes() {
        if plain(byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn names_stay_one_part_of_a_path() {
        assert_eq!(segment("a-b_c.9"), "a-b_c.9");
        assert_eq!(segment("a/b ü"), "a%2Fb%20%C3%BC");
    }
}
