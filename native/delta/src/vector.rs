//! Deletion vectors: which rows of a file are deleted, as a compressed set of row numbers.

use crate::entry::{VectorDescriptor, relative};
use crate::error::{Error, Result};
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt};
use roaring::RoaringTreemap;

/// First number of the content, which says in which form the rest is.
const MAGIC: u32 = 1_681_511_377;
/// The one version of the files that hold vectors.
const FILE_VERSION: u8 = 1;
/// Digits of base 85 as ZeroMQ has them.
const DIGITS: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// Where the vector is stored; `None` when the log holds it.
pub(crate) fn location(vector: &VectorDescriptor) -> Result<Option<Path>> {
    match vector.storage_type.as_str() {
        "i" => Ok(None),
        "u" => {
            // An optional prefix, then 20 digits.
            let text = &vector.path_or_inline_dv;
            let split = text
                .len()
                .checked_sub(20)
                .filter(|at| text.is_char_boundary(*at));
            let (prefix, digits) = text.split_at(split.ok_or_else(|| damaged(vector, "a name"))?);
            let bytes = decode85(digits).ok_or_else(|| damaged(vector, "a name in base 85"))?;
            let id = uuid::Uuid::from_slice(&bytes).map_err(|_| damaged(vector, "a name"))?;
            let name = format!("deletion_vector_{id}.bin");
            let path = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}/{name}")
            };
            Path::parse(path)
                .map(Some)
                .map_err(|_| damaged(vector, "a name"))
        }
        "p" => relative(&vector.path_or_inline_dv).map(Some),
        other => Err(Error::Unsupported(format!(
            "it has a deletion vector of the kind {other:?}; known are u, i and p"
        ))),
    }
}

/// Reads the deleted rows' numbers.
///
/// # Errors
/// [`Error::Damaged`] when the content is not what its descriptor says; [`Error::Storage`].
pub async fn read(store: &dyn ObjectStore, vector: &VectorDescriptor) -> Result<RoaringTreemap> {
    let size = u64::try_from(vector.size_in_bytes).map_err(|_| damaged(vector, "a size"))?;
    let content = match location(vector)? {
        None => {
            let mut bytes = decode85(&vector.path_or_inline_dv)
                .ok_or_else(|| damaged(vector, "content in base 85"))?;
            // The last digits carry up to three bytes more than there are.
            bytes.truncate(vector.size_in_bytes as usize);
            bytes
        }
        Some(path) => {
            let start = u64::try_from(vector.offset.unwrap_or(1))
                .map_err(|_| damaged(vector, "an offset"))?;
            // Version of the file; then per vector its size, its content and a checksum.
            let version = store.get_range(&path, 0..1).await?;
            if version.first() != Some(&FILE_VERSION) {
                return Err(damaged(vector, "a file of version 1"));
            }
            let frame = store.get_range(&path, start..start + 4 + size + 4).await?;
            content_of(&frame, size)
                .ok_or_else(|| damaged(vector, "content that fits its checksum"))?
        }
    };
    let rows = parse(&content).ok_or_else(|| damaged(vector, "a set of row numbers"))?;
    if i64::try_from(rows.len()) != Ok(vector.cardinality) {
        return Err(damaged(
            vector,
            "the number of rows that it is said to have",
        ));
    }
    Ok(rows)
}

fn damaged(vector: &VectorDescriptor, lacks: &str) -> Error {
    Error::Damaged(format!(
        "the deletion vector {} does not have {lacks}",
        vector.id()
    ))
}

fn content_of(frame: &[u8], size: u64) -> Option<Vec<u8>> {
    let (head, rest) = frame.split_first_chunk::<4>()?;
    if u64::from(u32::from_be_bytes(*head)) != size {
        return None;
    }
    let (content, sum) = rest.split_at_checked(usize::try_from(size).ok()?)?;
    let sum = u32::from_be_bytes(sum.try_into().ok()?);
    (crc32fast::hash(content) == sum).then(|| content.to_vec())
}

fn parse(content: &[u8]) -> Option<RoaringTreemap> {
    let (magic, rest) = content.split_first_chunk::<4>()?;
    (u32::from_le_bytes(*magic) == MAGIC).then_some(())?;
    RoaringTreemap::deserialize_from(rest).ok()
}

fn decode85(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(5) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 5 * 4);
    for digits in text.as_bytes().chunks(5) {
        let mut number = 0_u32;
        for digit in digits {
            let value = DIGITS.iter().position(|known| known == digit)?;
            number = number
                .checked_mul(85)?
                .checked_add(u32::try_from(value).ok()?)?;
        }
        bytes.extend(number.to_be_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(kind: &str, text: &str) -> VectorDescriptor {
        VectorDescriptor {
            storage_type: kind.to_owned(),
            path_or_inline_dv: text.to_owned(),
            offset: None,
            size_in_bytes: 44,
            cardinality: 6,
        }
    }

    // Both examples are the protocol's own.
    #[test]
    fn the_protocols_examples() {
        let stored = descriptor("u", "ab^-aqEH.-t@S}K{vb[*k^");
        assert_eq!(
            location(&stored).unwrap().unwrap().as_ref(),
            "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"
        );
        let inline = descriptor(
            "i",
            "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
        );
        let content = decode85(&inline.path_or_inline_dv).unwrap();
        let rows = parse(&content).unwrap();
        assert_eq!(rows.iter().collect::<Vec<_>>(), [3, 4, 7, 11, 18, 29]);
    }

    #[test]
    fn what_is_not_a_vector_is_damage() {
        for (kind, text) in [
            ("u", "short"),
            ("u", "ab^-aqEH.-t@S}K{vb[*k\""),
            ("i", "^Bg9"),
        ] {
            let vector = descriptor(kind, text);
            let content = decode85(text).and_then(|content| parse(&content));
            assert!(location(&vector).is_err() || content.is_none(), "{text}");
        }
        assert!(
            location(&descriptor("x", ""))
                .unwrap_err()
                .to_string()
                .contains("\"x\"")
        );
        let mut frame = 3_u32.to_be_bytes().to_vec();
        frame.extend(b"abc");
        frame.extend(crc32fast::hash(b"abc").to_be_bytes());
        assert_eq!(content_of(&frame, 3).unwrap(), b"abc");
        frame[5] ^= 1;
        assert_eq!(content_of(&frame, 3), None);
    }
}
