//! A strict scanner of JSON text (RFC 8259), without recursion and without building a tree.
//!
//! A general parser can say that a text is not JSON; the quarantine also has to say in which way,
//! and some texts that parsers let pass (a lone surrogate, a number beyond a double) must not.

use std::borrow::Cow;

use crate::fields::Value;
use crate::number::number_end;
use crate::reason::{Reason, Refusal, quoted};

/// Deepest nesting of arrays and objects that is read; the record itself is level 1.
const MAX_DEPTH: usize = 32;

pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    pub(crate) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    pub(crate) fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// An error that says what stands where something else was wanted.
    pub(crate) fn unexpected(&self, wanted: &str) -> Refusal {
        let found = match self.text.get(self.at..) {
            Some("") | None => "the record ends".to_owned(),
            Some(rest) => format!(
                "{} stands",
                quoted(&rest.chars().take(12).collect::<String>())
            ),
        };
        let at = self.at;
        Refusal::new(
            Reason::MalformedJson,
            format!("{found} at byte {at} where {wanted} is wanted"),
        )
    }

    /// Any value; arrays and objects are checked and returned as their text. `depth` is the level
    /// at which the value stands, 0 for the whole text.
    pub(crate) fn value(&mut self, depth: usize) -> Result<Value<'a>, Refusal> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'[' | b'{') => {
                let start = self.at;
                self.nested(depth)?;
                Ok(Value::Nested(&self.text[start..self.at]))
            }
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Result<Value<'a>, Refusal> {
        if let Some(end) = number_end(self.bytes(), self.at) {
            let token = &self.text[self.at..end];
            self.at = end;
            return Ok(Value::Number(token));
        }
        let rest = &self.text[self.at..];
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        for word in ["NaN", "Infinity", "-Infinity"] {
            if rest.starts_with(word) {
                let at = self.at;
                let detail =
                    format!("{word} at byte {at} is not JSON: leave the field out instead");
                return Err(Refusal::new(Reason::NanLiteral, detail));
            }
        }
        Err(self.unexpected("a value"))
    }

    /// Checks an array or object and everything in it.
    fn nested(&mut self, depth: usize) -> Result<(), Refusal> {
        let mut closers: Vec<u8> = Vec::new();
        loop {
            // One value: scalars are done at once, openers push a level.
            match self.peek() {
                Some(open @ (b'[' | b'{')) => {
                    if depth + closers.len() >= MAX_DEPTH {
                        return Err(Refusal::new(
                            Reason::DeepNesting,
                            format!("nested more than {MAX_DEPTH} levels deep"),
                        ));
                    }
                    self.at += 1;
                    closers.push(if open == b'[' { b']' } else { b'}' });
                    self.skip_blanks();
                    if !self.accept_closer(&mut closers) {
                        self.key_before_value(&closers)?;
                        continue;
                    }
                }
                Some(b'"') => drop(self.string()?),
                _ => drop(self.scalar()?),
            }
            // After a value: close as many levels as end here, or go on to the next member.
            loop {
                if closers.is_empty() {
                    return Ok(());
                }
                self.skip_blanks();
                if self.accept(b',') {
                    self.skip_blanks();
                    self.key_before_value(&closers)?;
                    break;
                }
                if !self.accept_closer(&mut closers) {
                    return Err(self.unexpected("a comma or the end of the array or object"));
                }
            }
        }
    }

    fn accept_closer(&mut self, closers: &mut Vec<u8>) -> bool {
        let closed = closers.last().is_some_and(|closer| self.accept(*closer));
        if closed {
            closers.pop();
        }
        closed
    }

    fn key_before_value(&mut self, closers: &[u8]) -> Result<(), Refusal> {
        if closers.last() == Some(&b'}') {
            self.key()?;
        }
        Ok(())
    }

    /// A field name with its colon and the blanks after it.
    pub(crate) fn key(&mut self) -> Result<Cow<'a, str>, Refusal> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a field name in double quotes"));
        }
        let key = self.string()?;
        self.skip_blanks();
        if !self.accept(b':') {
            return Err(self.unexpected("a colon"));
        }
        self.skip_blanks();
        Ok(key)
    }

    /// A text in quotes; borrowed when it has no escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, Refusal> {
        self.at += 1;
        let mut owned: Option<String> = None;
        let mut start = self.at;
        loop {
            let rest = &self.bytes()[self.at..];
            let length = plain_length(rest);
            if length == rest.len() {
                self.at = self.text.len();
                return Err(self.unexpected("the closing quote of a text"));
            }
            self.at += length;
            let piece = &self.text[start..self.at];
            match rest[length] {
                b'"' => {
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(piece),
                        Some(mut text) => {
                            text.push_str(piece);
                            Cow::Owned(text)
                        }
                    });
                }
                b'\\' => {
                    let text = owned.get_or_insert_default();
                    text.push_str(piece);
                    let c = self.escape()?;
                    text.push(c);
                    start = self.at;
                }
                control => {
                    let at = self.at;
                    let detail = format!("raw byte {control:#04x} inside a text at byte {at}");
                    return Err(Refusal::new(Reason::ControlByte, detail));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        let start = self.at;
        self.at += 2;
        let simple = match self.bytes().get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(self.bad_escape(start, "is not an escape of JSON")),
        };
        Ok(simple)
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Refusal> {
        let unit = self.hex4(start)?;
        if !(0xd800..0xdc00).contains(&unit) {
            return char::from_u32(unit).ok_or_else(|| {
                self.bad_escape(start, "is the second half of a surrogate pair alone")
            });
        }
        let low_start = self.at;
        let low = if self.bytes()[low_start..].starts_with(b"\\u") {
            self.at += 2;
            self.hex4(low_start)?
        } else {
            0
        };
        if !(0xdc00..0xe000).contains(&low) {
            return Err(self.bad_escape(start, "is the first half of a surrogate pair alone"));
        }
        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        char::from_u32(code).ok_or_else(|| self.bad_escape(start, "is no character"))
    }

    fn hex4(&mut self, start: usize) -> Result<u32, Refusal> {
        let value = self.bytes().get(self.at..self.at + 4).and_then(|hex| {
            hex.iter()
                .try_fold(0, |sum, b| Some(sum * 16 + char::from(*b).to_digit(16)?))
        });
        self.at += 4;
        value.ok_or_else(|| self.bad_escape(start, "has no four hexadecimal digits"))
    }

    fn bad_escape(&self, start: usize, why: &str) -> Refusal {
        let shown: String = self
            .text
            .get(start..)
            .unwrap_or("")
            .chars()
            .take(6)
            .collect();
        Refusal::new(
            Reason::BadEscape,
            format!("{} at byte {start} {why}", quoted(&shown)),
        )
    }
}

/// How many bytes stand before the first quote, backslash or control character; all if there is none.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut length = 0;
    for chunk in bytes.chunks_exact(8) {
        let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        // A byte's high bit is set where it is zero, or below 0x20; the lowest such bit is exact.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = quote | backslash | control;
        if found != 0 {
            return length + (found.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let tail = &bytes[length..];
    let plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | 0..=0x1f);
    length
        + tail
            .iter()
            .position(|byte| !plain(byte))
            .unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    #[test]
    fn plain_bytes_end_at_the_first_special_one() {
        for byte in 0..=255_u8 {
            let special = matches!(byte, b'"' | b'\\' | 0..=0x1f);
            for filler in [b'a', b' ', b'#', b']', 0x7f, 0x80, 0xff] {
                for place in 0..20 {
                    let mut bytes = [filler; 20];
                    bytes[place] = byte;
                    assert_eq!(
                        plain_length(&bytes),
                        if special { place } else { 20 },
                        "{byte}"
                    );
                    // Two in a row: the first one counts.
                    bytes[19] = b'"';
                    let wanted = if special { place } else { 19 };
                    assert_eq!(plain_length(&bytes), wanted.min(19), "{byte}");
                }
            }
        }
    }
}
