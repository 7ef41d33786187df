//! Everything that can be refused, each with what was given, why it is wrong and what to write instead.

/// An error of this crate. Nothing else goes wrong: arithmetic never fails, it yields NULL.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// No definition has this name.
    #[error("unknown indicator \"{given}\"; {hint}")]
    UnknownFunction {
        /// The name as it was written.
        given: String,
        /// Names that look like it, or where the list is.
        hint: String,
    },
    /// A call has too few or too many inputs.
    #[error("{function} takes {expected} input(s) ({names}), {given} given")]
    InputCount {
        /// Name of the function.
        function: &'static str,
        /// Number of inputs it takes.
        expected: usize,
        /// Their names.
        names: String,
        /// Number of inputs in the call.
        given: usize,
    },
    /// A call names a column that the program does not have.
    #[error("{function} reads column {given}, but there are {columns} column(s), numbered from 0")]
    NoSuchColumn {
        /// Name of the function.
        function: &'static str,
        /// Index in the call.
        given: usize,
        /// Number of columns of the program.
        columns: usize,
    },
    /// A call has more parameters than the function knows.
    #[error("{function} takes at most {expected} parameter(s) ({names}), {given} given")]
    TooManyParameters {
        /// Name of the function.
        function: &'static str,
        /// Number of its parameters.
        expected: usize,
        /// Their names.
        names: String,
        /// Number of parameters in the call.
        given: usize,
    },
    /// A parameter is outside its range.
    #[error("{function}: {parameter} = {given} is out of range; write {min} to {max}")]
    ParameterRange {
        /// Name of the function.
        function: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// Value in the call.
        given: f64,
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
    },
    /// A parameter must be a whole number.
    #[error("{function}: {parameter} = {given} is not a whole number; write {min} to {max}")]
    ParameterNotWhole {
        /// Name of the function.
        function: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// Value in the call.
        given: f64,
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
    },
    /// A parameter must be an even number.
    #[error(
        "{function}: {parameter} = {given} is not an even number; write an even number from {min} to {max}"
    )]
    ParameterNotEven {
        /// Name of the function.
        function: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// Value in the call.
        given: f64,
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
    },
    /// A parameter is larger than the one after it.
    #[error(
        "{function}: {parameter} = {given} is larger than {next} = {next_given}; write a smaller {parameter} or a larger {next}"
    )]
    ParameterOrder {
        /// Name of the function.
        function: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// Value in the call.
        given: f64,
        /// Name of the parameter after it.
        next: &'static str,
        /// Its value, in the call or its default.
        next_given: f64,
    },
    /// A batch whose parts do not fit each other or the program.
    #[error("batch refused: {0}")]
    BatchShape(String),
    /// Bytes that are not a state, are cut off, or were altered.
    #[error("state refused: {0}")]
    StateFormat(String),
    /// A state of another program.
    #[error("state refused: it was saved by {saved}, this program is {wanted}; replay the history")]
    StateMismatch {
        /// Calls of the program that saved it.
        saved: String,
        /// Calls of this program.
        wanted: String,
    },
}
