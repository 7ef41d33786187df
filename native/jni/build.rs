//! Computes the build id: a digest of every source that ends up in the library, so that two libraries have
//! the same id exactly when they were built from the same sources. Needs no git and no clock.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The crates whose sources are linked into the library.
const CRATES: [&str; 8] = [
    "native/boundary",
    "native/delta",
    "native/indicators",
    "native/ingest",
    "native/jni",
    "native/market",
    "native/storage",
    "native/trend",
];

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let root = own
        .ancestors()
        .nth(2)
        .ok_or(io::Error::other("not below the workspace"))?;
    let mut files = vec![root.join("Cargo.toml"), root.join("Cargo.lock")];
    for name in CRATES {
        let folder = root.join(name);
        files.push(folder.join("Cargo.toml"));
        collect(&folder.join("src"), &mut files)?;
    }
    files.sort();
    let mut digest = Fnv::default();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(root).map_err(io::Error::other)?;
        digest.write(name.to_string_lossy().replace('\\', "/").as_bytes());
        digest.write(&fs::read(&file)?);
    }
    println!("cargo::rustc-env=FINANCELAKE_BUILD_ID={:032x}", digest.0);
    Ok(())
}

/// Adds the files below `folder`; the folder itself is watched for new ones.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?
        } else {
            files.push(path)
        }
    }
    Ok(())
}

/// FNV-1a with 128 bits. It tells sources apart; it does not defend against anyone.
struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Fnv {
    /// Adds the bytes and their count, so that moving bytes from one file to the next is seen.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&(bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u128::from(*byte))
                .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}
