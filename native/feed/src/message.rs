//! A record on its way, and where records come from.

use serde::Deserialize;

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
            if let Some(serde_json::Value::String(symbol)) = head.symbol {
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
    symbol: Option<serde_json::Value>,
    asset_class: Option<serde_json::Value>,
}

/// Where records come from: the same ones in the same order whenever it is opened.
pub trait Source {
    /// Fills in the next record, or says that there is none.
    ///
    /// # Errors
    /// When what it reads from fails.
    fn next(&mut self, message: &mut Message) -> Result<bool>;

    /// What tells this source from another one, with everything that decides its records.
    fn identity(&self) -> String;

    /// Leaves out so many records, which were sent before.
    ///
    /// # Errors
    /// As [`Source::next`].
    fn skip(&mut self, records: u64) -> Result<()> {
        let mut message = Message::default();
        for _ in 0..records {
            if !self.next(&mut message)? {
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
