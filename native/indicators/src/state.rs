//! The bytes of a saved state.
//!
//! `FLIS`, format (u32), length of the description (u32), description, then 8-byte words: per domain the rows seen, the
//! recurrences and the remembered values of each wire that others do not give ([`crate::recall`]), and last an FNV-1a
//! checksum of all before. Little-endian. A state fits the program with the same description and nothing else; it is
//! never reinterpreted.

use crate::{Error, Program, domain::DomainState, simd::Checked};

const MAGIC: &[u8; 4] = b"FLIS";
const FORMAT: u32 = 2;

/// FNV-1a, 64 bit.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

pub(crate) fn save(program: &Program, domains: &[DomainState]) -> Vec<u8> {
    let description = program.description();
    let mut bytes = MAGIC.to_vec();
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend((description.len() as u32).to_le_bytes());
    bytes.extend(description.as_bytes());
    for (state, domain) in domains.iter().zip(program.domains()) {
        state.carried().save(&domain.plan, &mut bytes);
    }
    bytes.extend(hash(&bytes).to_le_bytes());
    bytes
}

/// Loads a state. Nothing is changed unless the whole state fits.
pub(crate) fn restore(
    program: &Program,
    level: Checked,
    bytes: &[u8],
    domains: &mut [DomainState],
) -> Result<(), Error> {
    let mut words = check(program.description(), bytes)?;
    let wrong_size =
        || Error::StateFormat("its size does not fit its content; replay the history".into());
    let mut parts = Vec::with_capacity(domains.len());
    for (state, domain) in domains.iter().zip(program.domains()) {
        let (row, rest) = words.split_first().ok_or_else(wrong_size)?;
        let row = u64::from_le_bytes(*row);
        let count = state.carried().saved_values(&domain.plan, row);
        let (values, rest) = rest.split_at_checked(count).ok_or_else(wrong_size)?;
        parts.push((row, values));
        words = rest;
    }
    if !words.is_empty() {
        return Err(wrong_size());
    }
    let loaded = domains.iter_mut().zip(program.domains()).zip(parts);
    for ((state, domain), (row, values)) in loaded {
        state.load(level, &domain.plan, row, values);
    }
    Ok(())
}

fn check<'b>(description: &str, bytes: &'b [u8]) -> Result<&'b [[u8; 8]], Error> {
    let refuse = |text: &str| Error::StateFormat(text.into());
    let cut_off = || refuse("it is cut off; replay the history");
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| refuse("these bytes are not a saved indicator state"))?;
    let (format, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
    let format = u32::from_le_bytes(*format);
    if format != FORMAT {
        return Err(refuse(&format!(
            "it has format {format}, this version reads format {FORMAT}; replay the history"
        )));
    }
    let (_, sum) = rest.split_last_chunk::<8>().ok_or_else(cut_off)?;
    if hash(&bytes[..bytes.len() - 8]) != u64::from_le_bytes(*sum) {
        return Err(refuse(
            "its checksum is wrong, so it was cut off or altered; replay the history",
        ));
    }
    let rest = &rest[..rest.len() - 8];
    let (length, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
    let (saved, words) = rest
        .split_at_checked(u32::from_le_bytes(*length) as usize)
        .ok_or_else(cut_off)?;
    if saved != description.as_bytes() {
        return Err(Error::StateMismatch {
            saved: String::from_utf8_lossy(saved).into_owned(),
            wanted: description.into(),
        });
    }
    match words.as_chunks() {
        (words, []) => Ok(words),
        _ => Err(cut_off()),
    }
}
