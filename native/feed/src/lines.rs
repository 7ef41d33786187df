//! Lines of JSON as they are, from files or from the standard input.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::message::{Message, Next, Source};

/// Longer lines are no records; reading one whole would only exhaust the memory.
const LONGEST: usize = 64 << 20;

/// One record per line, sent with every byte between the line ends, whether it is a good record or not.
pub struct Lines {
    waiting: VecDeque<PathBuf>,
    open: Option<(PathBuf, Box<dyn BufRead>)>,
    identity: String,
    line: Vec<u8>,
}

impl Lines {
    /// The lines of files, of which those that end with `.gz` are gzipped.
    ///
    /// # Errors
    /// If one of them is not a file.
    pub fn files(paths: &[PathBuf]) -> Result<Self> {
        for path in paths {
            if !path.is_file() {
                return Err(Error::Usage(format!(
                    "there is no file '{}'",
                    path.display()
                )));
            }
        }
        let names = paths.iter().map(|path| path.display().to_string());
        Ok(Self {
            identity: format!("lines of {}", names.collect::<Vec<_>>().join(", ")),
            waiting: paths.iter().cloned().collect(),
            open: None,
            line: Vec::new(),
        })
    }

    /// The lines of the standard input, which cannot be read twice.
    pub fn stdin() -> Self {
        Self {
            waiting: VecDeque::new(),
            open: Some((
                PathBuf::from("standard input"),
                Box::new(io::stdin().lock()),
            )),
            identity: "standard input".to_owned(),
            line: Vec::new(),
        }
    }
}

/// Opens a file of text, gzipped or not.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let file = BufReader::with_capacity(1 << 16, File::open(path).map_err(Error::file(path))?);
    Ok(if path.extension().is_some_and(|ending| ending == "gz") {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}

/// Reads a line without its end; false at the end of the file.
pub(crate) fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if io::Read::take(reader, LONGEST as u64 + 1).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LONGEST {
        let text = format!("a line is longer than {} MiB", LONGEST >> 20);
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(true)
}

impl Source for Lines {
    fn next(&mut self, message: &mut Message) -> Result<Next> {
        loop {
            if self.open.is_none() {
                let Some(path) = self.waiting.pop_front() else {
                    return Ok(Next::End);
                };
                let reader = open(&path)?;
                self.open = Some((path, reader));
            }
            if let Some((path, reader)) = &mut self.open
                && read_line(reader.as_mut(), &mut self.line).map_err(Error::file(path))?
            {
                message.set_json(&self.line);
                return Ok(Next::Record);
            }
            self.open = None;
        }
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn every_line_of_every_file_comes_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("a.jsonl");
        std::fs::write(&plain, b"{}\r\n\n\xff").unwrap();
        let zipped = folder.path().join("b.jsonl.gz");
        let mut gzip = flate2::write::GzEncoder::new(
            File::create(&zipped).unwrap(),
            flate2::Compression::fast(),
        );
        gzip.write_all(b"{\"symbol\":\"A\"}\n").unwrap();
        gzip.finish().unwrap();

        let mut source = Lines::files(&[plain, zipped]).unwrap();
        let mut message = Message::default();
        let mut found = Vec::new();
        while source.next(&mut message).unwrap() == Next::Record {
            found.push(message.value.clone());
        }
        assert_eq!(found, [&b"{}\r"[..], b"", b"\xff", b"{\"symbol\":\"A\"}"]);
    }
}
