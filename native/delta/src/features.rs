//! What each maintenance operation does about each table feature. One table; the checks and the documentation come
//! from it. A feature that is not in it is refused by its name.

use crate::error::{Error, Result};
use crate::state::TableState;

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

/// When a feature matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Active {
    /// When the protocol has it.
    Listed,
    /// When this property has a value other than this one.
    Property(&'static str, &'static str),
}

/// A table feature, and what is done about it.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    /// Its name in the protocol.
    pub name: &'static str,
    /// The writer version that implies it without naming it, 0 if none does.
    implied_by: i32,
    active: Active,
    /// What rewriting does about it.
    pub optimize: Verdict,
    /// What deleting files does about it.
    pub vacuum: Verdict,
    /// What writing a checkpoint does about it.
    pub checkpoint: Verdict,
    /// What new statistics do about it.
    pub statistics: Verdict,
    /// What going back to an older version does about it.
    pub restore: Verdict,
}

impl Feature {
    /// What an operation does about it.
    pub fn verdict(&self, operation: Operation) -> Verdict {
        match operation {
            Operation::Optimize => self.optimize,
            Operation::Vacuum => self.vacuum,
            Operation::Checkpoint => self.checkpoint,
            Operation::Statistics => self.statistics,
            Operation::Restore => self.restore,
        }
    }

    /// In words, when it matters.
    pub fn when(&self) -> String {
        match self.active {
            Active::Listed => "the protocol has it".to_owned(),
            Active::Property(key, harmless) => format!("`{key}` is not `{harmless}`"),
        }
    }
}

use Verdict::{Honoured, Refused, Safe};

const COPIED: Verdict = Safe("rows are copied as they are");
const NO_FILES: Verdict = Safe("it concerns values, not files");
const ACTIONS: Verdict = Safe("its actions are kept as they are");
const ROWS_STAY: Verdict = Safe("files stay where they are");
const OLD_FILES: Verdict = Safe("files come back as they were");
const LOG_ELSEWHERE: Verdict = Refused("its commits are not decided by the log's folder");
const OTHER_METADATA: Verdict = Refused("Iceberg's metadata may name files that the log does not");

const fn feature(name: &'static str, optimize: Verdict, vacuum: Verdict) -> Feature {
    Feature {
        name,
        implied_by: 0,
        active: Active::Listed,
        optimize,
        vacuum,
        checkpoint: ACTIONS,
        statistics: ROWS_STAY,
        restore: OLD_FILES,
    }
}

const fn checkpoint(verdict: Verdict, feature: Feature) -> Feature {
    Feature {
        checkpoint: verdict,
        ..feature
    }
}

const fn statistics(verdict: Verdict, feature: Feature) -> Feature {
    Feature {
        statistics: verdict,
        ..feature
    }
}

const fn restore(verdict: Verdict, feature: Feature) -> Feature {
    Feature {
        restore: verdict,
        ..feature
    }
}

const fn implied(by: i32, feature: Feature) -> Feature {
    Feature {
        implied_by: by,
        ..feature
    }
}

const fn switched(key: &'static str, harmless: &'static str, feature: Feature) -> Feature {
    Feature {
        active: Active::Property(key, harmless),
        ..feature
    }
}

/// Every feature that is known.
pub const FEATURES: &[Feature] = &[
    implied(
        2,
        restore(
            Honoured("refused when `delta.appendOnly` is set, as rows would leave"),
            feature("appendOnly", Safe("no row leaves the table"), NO_FILES),
        ),
    ),
    implied(2, feature("invariants", COPIED, NO_FILES)),
    implied(3, feature("checkConstraints", COPIED, NO_FILES)),
    implied(4, feature("generatedColumns", COPIED, NO_FILES)),
    implied(
        4,
        restore(
            Safe("files that come and go are their own change data"),
            feature(
                "changeDataFeed",
                Safe("no row changes, so there is no change data"),
                Honoured("change data inside the retention is kept"),
            ),
        ),
    ),
    implied(
        5,
        switched(
            "delta.columnMapping.mode",
            "none",
            restore(
                Refused("identifiers of columns would be given out twice"),
                statistics(
                    Refused("files name columns by identifiers, which are not read yet"),
                    feature(
                        "columnMapping",
                        Refused("files name columns by identifiers, which are not written yet"),
                        Refused("files may lie outside of the folders of their partitions"),
                    ),
                ),
            ),
        ),
    ),
    implied(
        6,
        restore(
            Refused("values would be given out twice"),
            feature("identityColumns", COPIED, NO_FILES),
        ),
    ),
    feature("allowColumnDefaults", COPIED, NO_FILES),
    restore(
        Honoured("vectors come back with their files, and have to be there too"),
        statistics(
            Honoured("bounds are marked as wider than the rows that are left"),
            feature(
                "deletionVectors",
                Honoured("deleted rows are left out of the new files"),
                Honoured("the vectors of all kept files are kept"),
            ),
        ),
    ),
    feature("timestampNtz", COPIED, NO_FILES),
    restore(
        Refused("domains would stay as they are now"),
        checkpoint(
            Honoured("domains are written as well"),
            feature("domainMetadata", Safe("no domain is changed"), NO_FILES),
        ),
    ),
    checkpoint(
        Safe("one of the first kind may stand beside those of the second"),
        feature("v2Checkpoint", Safe("no checkpoint is written"), NO_FILES),
    ),
    feature(
        "vacuumProtocolCheck",
        COPIED,
        Honoured("the protocol is checked before anything is deleted"),
    ),
    switched(
        "delta.enableInCommitTimestamps",
        "false",
        restore(
            Refused("commits would need a time that never goes back"),
            checkpoint(
                Safe("nothing is committed; expiring the log is refused"),
                statistics(
                    Refused("commits would need a time that never goes back"),
                    feature(
                        "inCommitTimestamp",
                        Refused("commits would need a time that never goes back"),
                        Safe("nothing is committed"),
                    ),
                ),
            ),
        ),
    ),
    restore(
        Refused("rows would get identifiers of others"),
        feature(
            "rowTracking",
            Refused("rows would get new identifiers"),
            NO_FILES,
        ),
    ),
    restore(
        Refused("the clustering columns would stay as they are now"),
        feature(
            "clustering",
            Refused("mixing clustered files would undo the clustering"),
            NO_FILES,
        ),
    ),
    restore(
        Refused("a column would become narrower than files that readers have seen"),
        statistics(
            Refused("files may hold a column in several types"),
            feature(
                "typeWidening",
                Refused("files may hold a column in several types"),
                NO_FILES,
            ),
        ),
    ),
    restore(
        Refused("a column would become narrower than files that readers have seen"),
        statistics(
            Refused("files may hold a column in several types"),
            feature(
                "typeWidening-preview",
                Refused("files may hold a column in several types"),
                NO_FILES,
            ),
        ),
    ),
    statistics(
        Refused("its encoding is not read yet"),
        feature(
            "variantType",
            Refused("its encoding is not read yet"),
            NO_FILES,
        ),
    ),
    statistics(
        Refused("its encoding is not read yet"),
        feature(
            "variantType-preview",
            Refused("its encoding is not read yet"),
            NO_FILES,
        ),
    ),
    statistics(
        Refused("its encoding is not read yet"),
        feature(
            "variantShredding",
            Refused("its encoding is not read yet"),
            NO_FILES,
        ),
    ),
    statistics(
        Refused("its encoding is not read yet"),
        feature(
            "variantShredding-preview",
            Refused("its encoding is not read yet"),
            NO_FILES,
        ),
    ),
    checkpoint(
        Safe("nothing is deleted; expiring the log is refused"),
        feature("checkpointProtection", COPIED, NO_FILES),
    ),
    feature(
        "materializePartitionColumns",
        Refused("files would have to repeat their folder's columns"),
        NO_FILES,
    ),
    restore(
        Refused("Iceberg's metadata would have to be written as well"),
        statistics(
            Refused("Iceberg's metadata would have to be written as well"),
            feature(
                "icebergCompatV1",
                Refused("files would have to be as Iceberg wants them"),
                OTHER_METADATA,
            ),
        ),
    ),
    restore(
        Refused("Iceberg's metadata would have to be written as well"),
        statistics(
            Refused("Iceberg's metadata would have to be written as well"),
            feature(
                "icebergCompatV2",
                Refused("files would have to be as Iceberg wants them"),
                OTHER_METADATA,
            ),
        ),
    ),
    restore(
        Refused("Iceberg's metadata would have to be written as well"),
        statistics(
            Refused("Iceberg's metadata would have to be written as well"),
            feature(
                "icebergCompatV3",
                Refused("files would have to be as Iceberg wants them"),
                OTHER_METADATA,
            ),
        ),
    ),
    restore(
        Refused("Iceberg's metadata would have to be written as well"),
        statistics(
            Refused("Iceberg's metadata would have to be written as well"),
            feature(
                "icebergWriterCompatV1",
                Refused("files would have to be as Iceberg wants them"),
                OTHER_METADATA,
            ),
        ),
    ),
    restore(
        LOG_ELSEWHERE,
        checkpoint(
            LOG_ELSEWHERE,
            statistics(
                LOG_ELSEWHERE,
                feature("coordinatedCommits-preview", LOG_ELSEWHERE, LOG_ELSEWHERE),
            ),
        ),
    ),
    restore(
        LOG_ELSEWHERE,
        checkpoint(
            LOG_ELSEWHERE,
            statistics(
                LOG_ELSEWHERE,
                feature("catalogManaged", LOG_ELSEWHERE, LOG_ELSEWHERE),
            ),
        ),
    ),
    restore(
        LOG_ELSEWHERE,
        checkpoint(
            LOG_ELSEWHERE,
            statistics(
                LOG_ELSEWHERE,
                feature("catalogOwned-preview", LOG_ELSEWHERE, LOG_ELSEWHERE),
            ),
        ),
    ),
];

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
