//! Why a model, a data set or a state is refused.

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The bytes are not a model of this format.
    #[error("the model file: {0}")]
    File(String),
    /// The description inside the file cannot be.
    #[error("the model's description: {0}")]
    Card(String),
    /// A tensor is missing, has another shape, or holds what cannot be.
    #[error("tensor '{name}': {problem}")]
    Tensor {
        /// Its name in the file.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Columns, lengths or settings that do not fit the model or each other.
    #[error("{0}")]
    Argument(String),
    /// A saved state that is damaged or of another model.
    #[error("the saved state: {0}")]
    State(String),
}

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::Argument(message.into())
    }

    pub(crate) fn card(message: impl Into<String>) -> Self {
        Self::Card(message.into())
    }
}
