//! Programs by their description in JSON.

use financelake_indicators::{Call, Program};

use crate::{Refusal, Result};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    columns: usize,
    calls: Vec<Call>,
}

/// Compiles `{"columns": 2, "calls": [{"function": "rsi", "inputs": [0], "params": [14]}]}`: the number of input columns,
/// and calls whose inputs are indices into them. Trailing parameters may be left out.
///
/// # Errors
/// JSON of another shape, and what [`Program::compile`] refuses.
pub fn program(json: &str) -> Result<Program> {
    let request: Request = serde_json::from_str(json).map_err(|error| {
        Refusal::argument(format!("the request is not as docs/ffi.md says: {error}"))
    })?;
    Ok(Program::compile(&request.calls, request.columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_request_is_refused_with_its_place() {
        for json in [
            "",
            "{}",
            r#"{"columns":1,"calls":[],"more":1}"#,
            r#"{"columns":-1,"calls":[]}"#,
        ] {
            let Err(Refusal::Argument(message)) = program(json) else {
                panic!("{json} was accepted");
            };
            assert!(message.contains("docs/ffi.md"), "{message}");
        }
    }
}
