//! What the library is, and what it can compute.

use financelake_indicators::registry;
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

/// The version of this interface. It is raised when a function or a structure of this header changes.
pub const FINANCELAKE_ABI: u32 = 1;

/// FINANCELAKE_ABI of the library that was loaded; compare it with that of the header.
#[unsafe(no_mangle)]
pub extern "C" fn financelake_abi() -> u32 {
    FINANCELAKE_ABI
}

/// FinanceLake's version. The text belongs to the library and stays.
#[unsafe(no_mangle)]
pub extern "C" fn financelake_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// All functions as JSON, with their inputs, parameters, defaults, ranges and outputs. The text belongs to the library and
/// stays.
#[unsafe(no_mangle)]
pub extern "C" fn financelake_functions() -> *const c_char {
    static JSON: OnceLock<CString> = OnceLock::new();
    JSON.get_or_init(|| CString::new(registry::json().to_string()).unwrap_or_default())
        .as_ptr()
}
