//! The words of a condition.

use crate::error::{Error, Result};

/// A word of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A keyword, or a name as it is.
    Word(String),
    /// A name in backticks.
    Quoted(String),
    /// A text, without its quotes.
    Text(String),
    /// A number.
    Number(String),
    /// An operator, a parenthesis or a comma.
    Symbol(&'static str),
}

/// Longer ones first.
const SYMBOLS: [&str; 11] = ["==", "<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// The words, each with where it begins.
pub(crate) fn tokens(text: &str) -> Result<Vec<(usize, Token)>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            (Token::Symbol(symbol), symbol.len())
        } else if ['\'', '"', '`'].contains(&first) {
            let (inner, length) = quoted(rest, first).ok_or_else(|| {
                Error::Argument(format!(
                    "the condition {text:?} has no {first} that ends {rest}"
                ))
            })?;
            (
                if first == '`' {
                    Token::Quoted(inner)
                } else {
                    Token::Text(inner)
                },
                length,
            )
        } else if first.is_alphabetic() || first == '_' {
            let length = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            (Token::Word(rest[..length].to_owned()), length)
        } else if first.is_ascii_digit() || ['-', '+', '.'].contains(&first) {
            let number = |c: char| c.is_ascii_alphanumeric() || ['-', '+', '.'].contains(&c);
            let length = rest.find(|c| !number(c)).unwrap_or(rest.len());
            (Token::Number(rest[..length].to_owned()), length)
        } else {
            return Err(Error::Argument(format!(
                "the condition {text:?} has {first:?}, which means nothing"
            )));
        };
        tokens.push((at, token));
        at += length;
    }
    Ok(tokens)
}

/// The text between quotes, where two stand for one, and how long it is with them.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != quote {
            inner.push(character);
        } else if characters.next_if(|(_, next)| *next == quote).is_some() {
            inner.push(quote);
        } else {
            return Some((inner, at + 1));
        }
    }
    None
}
