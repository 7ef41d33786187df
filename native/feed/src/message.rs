//! A record on its way, and where records come from.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::error::Result;

/// A record. Its buffers are used again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The symbol; empty where it cannot be told.
    pub key: Vec<u8>,
    /// What is sent.
    pub value: Vec<u8>,
    /// Whether it goes to the topic of bond yields.
    pub bond: bool,
    /// The time of the event in microseconds since 1970, where the source keeps to it.
    pub event: Option<i64>,
}

impl Message {
    pub(crate) fn clear(&mut self) {
        self.key.clear();
        self.value.clear();
        self.bond = false;
        self.event = None;
    }

    /// Takes bytes as the value, and what they say about themselves, as far as they can be understood.
    pub(crate) fn set_json(&mut self, value: &[u8]) {
        self.clear();
        self.value.extend_from_slice(value);
        if let Ok(head) = serde_json::from_slice::<Head>(value) {
            if let Some(Value::String(symbol)) = head.symbol {
                self.key.extend_from_slice(symbol.as_bytes());
            }
            self.bond = head.asset_class.is_some_and(|class| class == BOND_YIELD);
        }
    }
}

/// The asset class that has a topic of its own.
pub(crate) const BOND_YIELD: &str = "bond_yield";

#[derive(Deserialize)]
struct Head {
    symbol: Option<Value>,
    asset_class: Option<Value>,
}

/// What a source has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The record that was filled in.
    Record,
    /// Nothing before so much time has passed.
    Later(Duration),
    /// Nothing any more.
    End,
}

/// Where records come from. Those that can be read again give the same ones in the same order whenever they are opened; a
/// live one keeps a bookmark.
pub trait Source {
    /// Fills in the next record, or says that there is none, now or ever.
    ///
    /// # Errors
    /// When what it reads from fails.
    fn next(&mut self, message: &mut Message) -> Result<Next>;

    /// The last record was handed to the producer.
    fn sent(&mut self) {}

    /// Where it is after the records that were handed over, if their number does not say it.
    fn bookmark(&self) -> Value {
        Value::Null
    }

    /// Goes on after so many records, with the bookmark of that time.
    ///
    /// # Errors
    /// As [`Source::next`], or if the bookmark is none of this source.
    fn resume(&mut self, records: u64, _bookmark: &Value) -> Result<()> {
        self.skip(records)
    }

    /// What tells this source from another one, with everything that decides its records.
    fn identity(&self) -> String;

    /// Leaves out so many records, which were sent before.
    ///
    /// # Errors
    /// As [`Source::next`].
    fn skip(&mut self, records: u64) -> Result<()> {
        let mut message = Message::default();
        for _ in 0..records {
            if self.next(&mut message)? != Next::Record {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_keyed_by_their_symbol_whatever_else_is_wrong_with_them() {
        let mut message = Message::default();
        message.set_json(br#"{"symbol":"AAPL","close":"x"}"#);
        assert_eq!(message.key, b"AAPL");
        message.set_json(br#"{"symbol":7}"#);
        assert_eq!(message.key, b"");
        message.set_json(b"\xff{");
        assert_eq!((message.key.len(), message.value.len()), (0, 2));
        message.set_json(br#"{"symbol":"UST-10Y","asset_class":"bond_yield"}"#);
        assert!(message.bond);
    }
}
