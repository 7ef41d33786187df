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
    let value = short_decimal(token.as_bytes());
    value
        .or_else(|| token.parse().ok())
        .map_or(f64::NAN, |value| value + 0.0)
}

/// The value of a decimal without exponent whose digits fit a double exactly, as those of prices do:
/// one division of two exact doubles, and so the nearest double.
fn short_decimal(token: &[u8]) -> Option<f64> {
    const POWERS: [f64; 19] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18,
    ];
    let (negative, digits) = match token {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > POWERS.len() {
        return None;
    }
    let mut mantissa = 0_u64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' => point = Some(at + 1),
            _ => return None,
        }
    }
    let scale = *POWERS.get(point.map_or(0, |point| digits.len() - point))?;
    if mantissa > 1 << 53 {
        return None;
    }
    let value = mantissa as f64 / scale;
    Some(if negative { -value } else { value })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_json_number, token_value};

    proptest! {
        #[test]
        fn values_are_the_nearest_doubles(token in "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?") {
            let wanted: f64 = token.parse().expect("a number");
            prop_assert!(is_json_number(&token));
            prop_assert_eq!(token_value(&token).to_bits(), (wanted + 0.0).to_bits(), "{}", token);
        }

        #[test]
        fn short_prices_are_the_nearest_doubles(units in 0_u64..1 << 54, places in 0..18_usize) {
            let digits = format!("{units:019}");
            let (whole, part) = digits.split_at(19 - places);
            let whole = whole.trim_start_matches('0');
            let whole = if whole.is_empty() { "0" } else { whole };
            let token = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
            let wanted: f64 = token.parse().expect("a number");
            prop_assert_eq!(token_value(&token).to_bits(), wanted.to_bits(), "{}", token);
        }
    }

    #[test]
    fn only_whole_json_numbers_are_numbers() {
        for text in ["0", "-0", "10", "0.5", "1e5", "1E+5", "1.5e-7", "-12.50"] {
            assert!(is_json_number(text), "{text}");
        }
        for text in [
            "", "-", "+1", "01", ".5", "1.", "1e", "1e+", "0x1", "1 ", " 1", "1_0", "NaN",
        ] {
            assert!(!is_json_number(text), "{text}");
        }
    }
}
