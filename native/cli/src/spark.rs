//! Starting a job of the jar through `spark-submit`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The release of Delta that jobs are tested with, as `sbt/project/Versions.scala` has it.
const DELTA: &str = "4.4.0";

/// Runs a job and returns its exit code. Its output goes where ours goes.
///
/// `options` go to `spark-submit`; when none of them names jars or packages, and Spark has no Delta of
/// its own, the package of Delta is added.
pub(crate) fn submit(
    class: &str,
    options: &[OsString],
    arguments: &[OsString],
) -> Result<u8, Failure> {
    let program = program()?;
    let jar = jar()?;
    let mut command = Command::new(&program);
    if !names_jars(options) {
        command.args(delta(&program)?);
    }
    command.args(options).arg("--class").arg(class).arg(jar);
    let status = command.args(arguments).status()?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}

fn names_jars(options: &[OsString]) -> bool {
    options
        .iter()
        .filter_map(|option| option.to_str())
        .any(|option| {
            let name = option.split('=').next().unwrap_or(option);
            ["--jars", "--packages"].contains(&name)
        })
}

/// `spark-submit` of SPARK_HOME, else the first one on PATH.
fn program() -> Result<PathBuf, Failure> {
    if let Some(home) = env::var_os("SPARK_HOME").filter(|home| !home.is_empty()) {
        let program = Path::new(&home).join("bin/spark-submit");
        return if program.is_file() {
            Ok(program)
        } else {
            Err(Failure::Usage(format!(
                "SPARK_HOME is {}, which has no bin/spark-submit: set it to the folder of a Spark installation",
                home.display()
            )))
        };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join("spark-submit"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            let advice = "this command needs Spark, and there is no spark-submit on PATH: \
                          set SPARK_HOME to the folder of a Spark installation";
            Failure::Usage(advice.to_owned())
        })
}

/// The jar that FINANCELAKE_JAR names, else the one beside this program.
fn jar() -> Result<PathBuf, Failure> {
    if let Some(jar) = env::var_os("FINANCELAKE_JAR").filter(|jar| !jar.is_empty()) {
        let jar = PathBuf::from(jar);
        return if jar.is_file() {
            Ok(jar)
        } else {
            Err(Failure::Usage(format!(
                "FINANCELAKE_JAR names '{}', which is not a file",
                jar.display()
            )))
        };
    }
    let folder = env::current_exe()?.canonicalize()?;
    let jar = folder.with_file_name(format!(
        "financelake-spark_2.13-{}.jar",
        env!("CARGO_PKG_VERSION")
    ));
    if jar.is_file() {
        Ok(jar)
    } else {
        Err(Failure::Usage(format!(
            "'{}' is missing: put it beside this program, or name it with FINANCELAKE_JAR",
            jar.display()
        )))
    }
}

/// The arguments that bring Delta along, none when Spark has it.
fn delta(program: &Path) -> Result<Vec<String>, Failure> {
    let jars = program
        .canonicalize()?
        .parent()
        .and_then(Path::parent)
        .map(|home| file_names(&home.join("jars")))
        .unwrap_or_default();
    if jars.iter().any(|jar| jar.starts_with("delta-spark_")) {
        return Ok(Vec::new());
    }
    let version = jars
        .iter()
        .find_map(|jar| jar.strip_prefix("spark-core_2.13-"))
        .and_then(minor)
        .or_else(|| asked_version(program));
    match version {
        Some(minor) => Ok(vec![
            "--packages".to_owned(),
            format!("io.delta:delta-spark_{minor}_2.13:{DELTA}"),
        ]),
        None => Err(Failure::Usage(format!(
            "'{}' does not say which Spark 4 it is: name Delta's package yourself, \
             -- --packages io.delta:delta-spark_<4.x>_2.13:{DELTA}",
            program.display()
        ))),
    }
}

fn file_names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect()
}

/// What `spark-submit --version` says; installations by pip have their jars elsewhere.
fn asked_version(program: &Path) -> Option<String> {
    let output = Command::new(program)
        .arg(OsStr::new("--version"))
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    minor(text.split_once("version ")?.1)
}

/// `4.2` of a text that begins like `4.2.0`.
fn minor(text: &str) -> Option<String> {
    let mut parts = text.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (numeric(major) && numeric(minor)).then(|| format!("{major}.{minor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delta_is_the_release_of_the_jvm_build() {
        let versions = include_str!("../../../sbt/project/Versions.scala");
        assert!(versions.contains(&format!("val delta = \"{DELTA}\"")));
    }

    #[test]
    fn minors_come_from_file_names_and_from_what_spark_prints() {
        assert_eq!(minor("4.2.0.jar").as_deref(), Some("4.2"));
        assert_eq!(
            minor("4.1.3\n      /_/\nUsing Scala").as_deref(),
            Some("4.1")
        );
        assert_eq!(minor("unknown"), None);
    }

    #[test]
    fn jars_that_the_user_names_are_the_only_ones() {
        let given = |option: &str| names_jars(&[option.into()]);
        assert!(given("--jars") && given("--packages=x") && given("--packages"));
        assert!(!given("--master") && !given("x--jars"));
    }
}
