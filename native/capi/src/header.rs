//! `include/financelake.h` is kept in the repository, so that it can be read and reviewed, and compared here.

use std::path::Path;

/// Writes the header again when `FINANCELAKE_WRITE_HEADER` is set (`make docs` does), and compares it otherwise.
#[test]
fn the_header_is_what_the_sources_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_crate(folder)
        .generate()
        .unwrap();
    let mut written = Vec::new();
    bindings.write(&mut written);
    let header = folder.join("include/financelake.h");
    if std::env::var_os("FINANCELAKE_WRITE_HEADER").is_some() {
        std::fs::write(&header, &written).unwrap();
    }
    let kept = std::fs::read(&header).unwrap_or_default();
    assert!(
        kept == written,
        "native/capi/include/financelake.h is stale: run make docs"
    );
}
