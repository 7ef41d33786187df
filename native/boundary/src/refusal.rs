//! Why a call is refused before or while it works.

/// An error of this crate; each boundary turns it into what its language has for errors.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The caller passed something that cannot be: a null address, a length that does not fit, a malformed request.
    #[error("{0}")]
    Argument(String),
    /// The engine does not accept the program, the batch or the state.
    #[error(transparent)]
    Engine(#[from] financelake_indicators::Error),
    /// A trend model is refused, or does not accept the columns or the state.
    #[error(transparent)]
    Trend(#[from] financelake_trend::Error),
}

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Refusal>;

impl Refusal {
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::Argument(message.into())
    }
}
