//! Who this library is. The loader compares it with what the jar was built with and refuses to mix them.

/// The identity as lines of a Java properties file, between two marks by which the build finds it in the
/// library's read-only data and copies it into the jar, without loading the library.
///
/// `abi` is the version of the native interface: it is raised when an entry point changes its name, its
/// arguments or its layouts.
#[used]
static MARKED: &str = concat!(
    "financelake-identity{\n",
    "abi=2",
    "\nversion=",
    env!("CARGO_PKG_VERSION"),
    "\nbuild=",
    env!("FINANCELAKE_BUILD_ID"),
    "\n}financelake-identity"
);

/// `abi`, `version`, `build` and `cpu`, one `key=value` per line.
pub(crate) fn describe() -> String {
    let identity = MARKED
        .trim_start_matches("financelake-identity{\n")
        .trim_end_matches("}financelake-identity");
    format!("{identity}cpu={}\n", cpu_level())
}

/// The x86-64 feature level of this machine, or the architecture's name elsewhere.
fn cpu_level() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            "x86-64-v4"
        } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            "x86-64-v3"
        } else if is_x86_feature_detected!("sse4.2") && is_x86_feature_detected!("popcnt") {
            "x86-64-v2"
        } else {
            "x86-64-v1"
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        std::env::consts::ARCH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_itself_in_lines_of_key_and_value() {
        let text = describe();
        let keys: Vec<_> = text
            .lines()
            .map(|line| line.split('=').next().unwrap())
            .collect();
        assert_eq!(keys, ["abi", "version", "build", "cpu"]);
        assert!(text.contains(&format!("version={}\n", env!("CARGO_PKG_VERSION"))));
    }
}
