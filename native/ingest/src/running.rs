//! A commit that goes on while records are collected.

use crate::error::{Error, Result};
use crate::sink::Outcome;
use std::panic::resume_unwind;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A commit on its way, on a thread of the runtime.
#[derive(Debug)]
pub(crate) struct Running {
    location: String,
    patience: Duration,
    task: JoinHandle<Result<Outcome>>,
}

impl Running {
    /// Starts it; `patience` is how long it may take. It is cut off then, at a point at which it waits for the storage.
    pub(crate) fn start(
        location: &str,
        patience: Duration,
        commit: impl Future<Output = Result<Outcome>> + Send + 'static,
    ) -> Self {
        let place = location.to_owned();
        let bounded = async move {
            match timeout(patience, commit).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Error::slow(&place, patience)),
            }
        };
        Self {
            location: location.to_owned(),
            patience,
            task: tokio::spawn(bounded),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Waits for its end. A panic in it goes on here.
    pub(crate) async fn end(self) -> Result<Outcome> {
        match self.task.await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(Error::slow(&self.location, self.patience)),
        }
    }

    /// Cuts it off. What it did is safe at any point, and read back later.
    pub(crate) async fn cancel(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}
