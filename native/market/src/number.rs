//! Numbers in records: the token of a JSON number, or a text that holds exactly such a token.

use crate::reason::{Reason, Refusal, quoted};

/// True when the whole text is a JSON number: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
pub(crate) fn is_json_number(text: &str) -> bool {
    number_end(text.as_bytes(), 0) == Some(text.len())
}

/// Where the JSON number that starts at `at` ends, or `None` when there is no number.
pub(crate) fn number_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        (at > start).then_some(at)
    };
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = if bytes.get(at) == Some(&b'0') {
        at + 1
    } else {
        digits(at)?
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(at)?;
    }
    Some(at)
}

/// The value of a number token: the nearest double; too large a token gives an infinity, which the
/// range rules refuse. Negative zero becomes zero.
pub(crate) fn token_value(token: &str) -> f64 {
    token.parse::<f64>().map_or(f64::NAN, |value| value + 0.0)
}

/// Refuses a text that stands where a number is wanted and is not one, with the reason that fits.
pub(crate) fn refuse_number_text(field: &str, text: &str) -> Refusal {
    let shown = quoted(text);
    let bare = text
        .trim()
        .trim_start_matches(['+', '-'])
        .to_ascii_lowercase();
    match bare.as_str() {
        "nan" | "null" | "none" | "nil" | "na" | "n/a" | "#n/a" | "inf" | "infinity" => {
            Refusal::new(
                Reason::NanText,
                format!(
                    "{field} is the text {shown}: write a number, or leave an optional field out"
                ),
            )
        }
        other if other.bytes().any(|byte| byte.is_ascii_digit()) => Refusal::new(
            Reason::NumberText,
            format!("{field} {shown} is not a plain number: write it like 1234.5"),
        ),
        _ => Refusal::new(
            Reason::WrongType,
            format!("{field} {shown} is not a number"),
        ),
    }
}

/// A number for a detail: plain digits, but an exponent where these would be many.
pub(crate) fn shown(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-5 {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}
