//! Records as they cross from Java: one after the other in one buffer.
//!
//! A frame is, in the machine's byte order and without padding: `i32` number of the partition (of
//! [`crate::Sink::assign`]), `i64` offset, `i64` timestamp in milliseconds, `i32` timestamp type (-1 none, 0 set by the
//! producer, 1 by the broker), then key and value, each as `i32` length and bytes (length -1: null), then `i32` number of headers and per
//! header its name and its value in that form.

use crate::error::{Error, Result};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The number that its topic partition was given.
    pub slot: usize,
    /// Its offset.
    pub offset: i64,
    /// Its timestamp in milliseconds since 1970, if it has one.
    pub timestamp: Option<i64>,
    /// Kafka's code for who set the timestamp; -1 when it has none.
    pub timestamp_type: i32,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers, in order.
    pub headers: Vec<Header<'a>>,
}

impl Frame<'_> {
    /// Whether the record is one that is expected: it is not below the next offset of its partition, as partitions are
    /// read from their position.
    ///
    /// # Errors
    /// [`Error::WentBack`].
    pub(crate) fn follows(&self, next: Option<i64>, topic: &str, partition: i32) -> Result<()> {
        match next.filter(|next| self.offset < *next) {
            Some(expected) => Err(Error::WentBack {
                topic: topic.into(),
                partition,
                found: self.offset,
                expected,
            }),
            None => Ok(()),
        }
    }
}

/// One header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name.
    pub key: &'a str,
    /// Its value.
    pub value: Option<&'a [u8]>,
}

/// The records of a buffer.
#[derive(Debug)]
pub struct Frames<'a> {
    buffer: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    /// Reads the buffer from its start.
    pub fn new(buffer: &'a [u8]) -> Self {
        Self { buffer, at: 0 }
    }

    /// The next record, or nothing at the end of the buffer.
    ///
    /// # Errors
    /// [`Error::Frame`].
    #[expect(
        clippy::should_implement_trait,
        reason = "an error ends it, which an iterator does not say"
    )]
    pub fn next(&mut self) -> Result<Option<Frame<'a>>> {
        if self.at == self.buffer.len() {
            return Ok(None);
        }
        let slot =
            usize::try_from(self.int()?).map_err(|_| self.wrong("a negative partition number"))?;
        let offset = self.long()?;
        let timestamp = self.long()?;
        let timestamp_type = self.int()?;
        let (key, value) = (self.bytes()?, self.bytes()?);
        let count = self.int()?;
        if count < 0 {
            return Err(self.wrong("a negative number of headers"));
        }
        let mut headers = Vec::new();
        for _ in 0..count {
            let key = self
                .bytes()?
                .and_then(|bytes| std::str::from_utf8(bytes).ok());
            let key = key.ok_or_else(|| self.wrong("the name of a header is not UTF-8"))?;
            headers.push(Header {
                key,
                value: self.bytes()?,
            });
        }
        let timestamp = (timestamp_type >= 0).then_some(timestamp);
        Ok(Some(Frame {
            slot,
            offset,
            timestamp,
            timestamp_type,
            key,
            value,
            headers,
        }))
    }

    fn wrong(&self, problem: &'static str) -> Error {
        Error::Frame {
            at: self.at,
            problem,
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let rest = &self.buffer[self.at..];
        let taken = rest
            .get(..length)
            .ok_or_else(|| self.wrong("it ends inside a record"))?;
        self.at += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn int(&mut self) -> Result<i32> {
        Ok(i32::from_ne_bytes(self.array()?))
    }

    fn long(&mut self) -> Result<i64> {
        Ok(i64::from_ne_bytes(self.array()?))
    }

    fn bytes(&mut self) -> Result<Option<&'a [u8]>> {
        match self.int()? {
            -1 => Ok(None),
            length => {
                let length =
                    usize::try_from(length).map_err(|_| self.wrong("a negative length"))?;
                self.take(length).map(Some)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as Java writes it.
    fn frame() -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(3_i32.to_ne_bytes());
        bytes.extend(41_i64.to_ne_bytes());
        bytes.extend(1_700_000_000_000_i64.to_ne_bytes());
        bytes.extend(0_i32.to_ne_bytes());
        bytes.extend((-1_i32).to_ne_bytes());
        bytes.extend(2_i32.to_ne_bytes());
        bytes.extend(b"{}");
        bytes.extend(1_i32.to_ne_bytes());
        bytes.extend(1_i32.to_ne_bytes());
        bytes.extend(b"h");
        bytes.extend(0_i32.to_ne_bytes());
        bytes
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let bytes = [frame(), frame()].concat();
        let mut frames = Frames::new(&bytes);
        let record = frames.next().unwrap().unwrap();
        assert_eq!(
            (record.slot, record.offset, record.timestamp),
            (3, 41, Some(1_700_000_000_000))
        );
        assert_eq!((record.key, record.value), (None, Some(&b"{}"[..])));
        assert_eq!(
            record.headers,
            vec![Header {
                key: "h",
                value: Some(b"")
            }]
        );
        assert_eq!(frames.next().unwrap(), Some(record));
        assert_eq!(frames.next().unwrap(), None);
    }

    #[test]
    fn every_cut_is_noticed() {
        let bytes = frame();
        for length in 1..bytes.len() {
            let error = Frames::new(&bytes[..length]).next().unwrap_err();
            assert!(
                error.to_string().contains("ends inside a record"),
                "{length}: {error}"
            );
        }
    }

    #[test]
    fn impossible_lengths_are_refused() {
        for (at, value) in [(0, -1), (24, -2), (24, i32::MAX), (34, -1), (38, -1)] {
            let mut bytes = frame();
            bytes[at..at + 4].copy_from_slice(&i32::to_ne_bytes(value));
            assert!(Frames::new(&bytes).next().is_err(), "{value} at {at}");
        }
    }
}
