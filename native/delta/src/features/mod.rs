//! What each maintenance operation does about each table feature. One table; the checks and the documentation come
//! from it. A feature that is not in it is refused by its name.

mod table;

use crate::error::{Error, Result};
use crate::state::TableState;
use Verdict::{Honoured, Refused, Safe};
use table::{Active, FEATURES};

/// What maintenance can do to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Rewriting files without changing rows.
    Optimize,
    /// Deleting files that nobody can reach.
    Vacuum,
    /// Writing the state of the log in one file, and deleting what is older than that.
    Checkpoint,
    /// Saying anew what the values of files are, or that files are lost.
    Statistics,
    /// Making the table again what it was at an older version.
    Restore,
}

impl Operation {
    /// All of them, as the documentation lists them.
    const ALL: [Self; 5] = [
        Self::Optimize,
        Self::Vacuum,
        Self::Checkpoint,
        Self::Statistics,
        Self::Restore,
    ];

    /// Its name in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Optimize => "optimize",
            Self::Vacuum => "vacuum",
            Self::Checkpoint => "checkpoint",
            Self::Statistics => "recompute-stats",
            Self::Restore => "restore",
        }
    }
}

/// What an operation does about a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The feature asks nothing of the operation, for this reason.
    Safe(&'static str),
    /// The operation does what the feature asks.
    Honoured(&'static str),
    /// The operation is refused, for this reason.
    Refused(&'static str),
}

/// Checks that the operation may be done to the table.
///
/// # Errors
/// [`Error::Refused`], naming the operation and everything that stands in its way.
pub fn check(state: &TableState, operation: Operation) -> Result<()> {
    let protocol = state.protocol();
    let (reader, writer) = (protocol.min_reader_version, protocol.min_writer_version);
    let mut reasons = Vec::new();
    if reader > 3 || writer > 7 {
        reasons.push(format!(
            "its protocol is reader {reader}, writer {writer}; known are up to 3 and 7"
        ));
    }
    if state.metadata().format.provider != "parquet" {
        reasons.push(format!(
            "its files are {}, not parquet",
            state.metadata().format.provider
        ));
    }
    let listed = || {
        let writer = protocol.writer_features.iter().flatten();
        writer.chain(protocol.reader_features.iter().flatten())
    };
    for name in listed() {
        if !FEATURES.iter().any(|feature| feature.name == name) {
            reasons.push(format!(
                "it has the table feature {name}, which is not known here"
            ));
        }
    }
    for feature in FEATURES {
        let implied = writer < 7 && feature.implied_by != 0 && writer >= feature.implied_by;
        let on = match feature.active {
            Active::Listed => implied || listed().any(|name| name == feature.name),
            Active::Property(key, harmless) => state
                .properties()
                .get(key)
                .is_some_and(|value| value != harmless),
        };
        if let Refused(reason) = feature.verdict(operation)
            && on
        {
            reasons.push(format!(
                "it has the table feature {}: {reason}",
                feature.name
            ));
        }
    }
    reasons.sort_unstable();
    reasons.dedup();
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Error::Refused {
        operation: operation.name(),
        reason: reasons.join("; "),
    })
}

/// The table as Markdown, for the documentation.
pub fn markdown() -> String {
    let cell = |verdict: Verdict| match verdict {
        Safe(reason) => format!("safe: {reason}"),
        Honoured(how) => format!("honoured: {how}"),
        Refused(reason) => format!("**refused**: {reason}"),
    };
    let mut text = String::from(
        "# Table features\n\nWhat each operation of [table maintenance](table-maintenance.md) does about each feature of the Delta \
         protocol.\nA feature that is not listed is refused by its name. Printed by `financelake table features`.\n\n\
         | table feature | matters when | ",
    );
    text.push_str(&Operation::ALL.map(Operation::name).join(" | "));
    text.push_str(" |\n| --- | --- |");
    text.push_str(&" --- |".repeat(Operation::ALL.len()));
    for feature in FEATURES {
        text.push_str(&format!("\n| `{}` | {} |", feature.name, feature.when()));
        for operation in Operation::ALL {
            text.push_str(&format!(" {} |", cell(feature.verdict(operation))));
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = FEATURES.iter().map(|feature| feature.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
