//! Every known table feature, and what each operation does about it.

use super::Operation;
use super::Verdict::{self, Honoured, Refused, Safe};

/// When a feature matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Active {
    /// When the protocol has it.
    Listed,
    /// When this property has a value other than this one.
    Property(&'static str, &'static str),
}

/// A table feature, and what is done about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feature {
    /// Its name in the protocol.
    pub(super) name: &'static str,
    /// The writer version that implies it without naming it, 0 if none does.
    pub(super) implied_by: i32,
    pub(super) active: Active,
    /// What rewriting does about it.
    optimize: Verdict,
    /// What deleting files does about it.
    vacuum: Verdict,
    /// What writing a checkpoint does about it.
    checkpoint: Verdict,
    /// What new statistics do about it.
    statistics: Verdict,
    /// What going back to an older version does about it.
    restore: Verdict,
}

impl Feature {
    /// A feature that is in the protocol by its name, and of which the log needs nothing but its actions.
    const fn new(name: &'static str, optimize: Verdict, vacuum: Verdict) -> Self {
        Self {
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

    const fn implied(self, by: i32) -> Self {
        Self {
            implied_by: by,
            ..self
        }
    }

    const fn switched(self, key: &'static str, harmless: &'static str) -> Self {
        Self {
            active: Active::Property(key, harmless),
            ..self
        }
    }

    const fn checkpoint(self, verdict: Verdict) -> Self {
        Self {
            checkpoint: verdict,
            ..self
        }
    }

    const fn statistics(self, verdict: Verdict) -> Self {
        Self {
            statistics: verdict,
            ..self
        }
    }

    const fn restore(self, verdict: Verdict) -> Self {
        Self {
            restore: verdict,
            ..self
        }
    }

    /// What an operation does about it.
    pub(super) fn verdict(&self, operation: Operation) -> Verdict {
        match operation {
            Operation::Optimize => self.optimize,
            Operation::Vacuum => self.vacuum,
            Operation::Checkpoint => self.checkpoint,
            Operation::Statistics => self.statistics,
            Operation::Restore => self.restore,
        }
    }

    /// In words, when it matters.
    pub(super) fn when(&self) -> String {
        match self.active {
            Active::Listed => "the protocol has it".to_owned(),
            Active::Property(key, harmless) => format!("`{key}` is not `{harmless}`"),
        }
    }
}

const NO_CLOCK: Verdict = Refused("commits would need a time that never goes back");
const SEVERAL_TYPES: Verdict = Refused("files may hold a column in several types");
const NOT_READ: Verdict = Refused("its encoding is not read yet");
const ICEBERG_FILES: Verdict = Refused("files would have to be as Iceberg wants them");
const NO_ICEBERG: Verdict = Refused("Iceberg's metadata would have to be written as well");
const COPIED: Verdict = Safe("rows are copied as they are");
const NO_FILES: Verdict = Safe("it concerns values, not files");
const ACTIONS: Verdict = Safe("its actions are kept as they are");
const ROWS_STAY: Verdict = Safe("files stay where they are");
const OLD_FILES: Verdict = Safe("files come back as they were");
const LOG_ELSEWHERE: Verdict = Refused("its commits are not decided by the log's folder");
const OTHER_METADATA: Verdict = Refused("Iceberg's metadata may name files that the log does not");

/// Every feature that is known.
pub(super) const FEATURES: &[Feature] = &[
    Feature::new("appendOnly", Safe("no row leaves the table"), NO_FILES)
        .restore(Honoured(
            "refused when `delta.appendOnly` is set, as rows would leave",
        ))
        .implied(2),
    Feature::new("invariants", COPIED, NO_FILES).implied(2),
    Feature::new("checkConstraints", COPIED, NO_FILES).implied(3),
    Feature::new("generatedColumns", COPIED, NO_FILES).implied(4),
    Feature::new(
        "changeDataFeed",
        Safe("no row changes, so there is no change data"),
        Honoured("change data inside the retention is kept"),
    )
    .restore(Safe("files that come and go are their own change data"))
    .implied(4),
    Feature::new(
        "columnMapping",
        Refused("files name columns by identifiers, which are not written yet"),
        Refused("files may lie outside of the folders of their partitions"),
    )
    .statistics(Refused(
        "files name columns by identifiers, which are not read yet",
    ))
    .restore(Refused("identifiers of columns would be given out twice"))
    .switched("delta.columnMapping.mode", "none")
    .implied(5),
    Feature::new("identityColumns", COPIED, NO_FILES)
        .restore(Refused("values would be given out twice"))
        .implied(6),
    Feature::new("allowColumnDefaults", COPIED, NO_FILES),
    Feature::new(
        "deletionVectors",
        Honoured("deleted rows are left out of the new files"),
        Honoured("the vectors of all kept files are kept"),
    )
    .statistics(Honoured(
        "bounds are marked as wider than the rows that are left",
    ))
    .restore(Honoured(
        "vectors come back with their files, and have to be there too",
    )),
    Feature::new("timestampNtz", COPIED, NO_FILES),
    Feature::new("domainMetadata", Safe("no domain is changed"), NO_FILES)
        .checkpoint(Honoured("domains are written as well"))
        .restore(Refused("domains would stay as they are now")),
    Feature::new("v2Checkpoint", Safe("no checkpoint is written"), NO_FILES).checkpoint(Safe(
        "one of the first kind may stand beside those of the second",
    )),
    Feature::new(
        "vacuumProtocolCheck",
        COPIED,
        Honoured("the protocol is checked before anything is deleted"),
    ),
    Feature::new("inCommitTimestamp", NO_CLOCK, Safe("nothing is committed"))
        .statistics(NO_CLOCK)
        .checkpoint(Safe("nothing is committed; expiring the log is refused"))
        .restore(NO_CLOCK)
        .switched("delta.enableInCommitTimestamps", "false"),
    Feature::new(
        "rowTracking",
        Refused("rows would get new identifiers"),
        NO_FILES,
    )
    .restore(Refused("rows would get identifiers of others")),
    Feature::new(
        "clustering",
        Refused("mixing clustered files would undo the clustering"),
        NO_FILES,
    )
    .restore(Refused("the clustering columns would stay as they are now")),
    Feature::new("typeWidening", SEVERAL_TYPES, NO_FILES)
        .statistics(SEVERAL_TYPES)
        .restore(Refused(
            "a column would become narrower than files that readers have seen",
        )),
    Feature::new("typeWidening-preview", SEVERAL_TYPES, NO_FILES)
        .statistics(SEVERAL_TYPES)
        .restore(Refused(
            "a column would become narrower than files that readers have seen",
        )),
    Feature::new("variantType", NOT_READ, NO_FILES).statistics(NOT_READ),
    Feature::new("variantType-preview", NOT_READ, NO_FILES).statistics(NOT_READ),
    Feature::new("variantShredding", NOT_READ, NO_FILES).statistics(NOT_READ),
    Feature::new("variantShredding-preview", NOT_READ, NO_FILES).statistics(NOT_READ),
    Feature::new("checkpointProtection", COPIED, NO_FILES)
        .checkpoint(Safe("nothing is deleted; expiring the log is refused")),
    Feature::new(
        "materializePartitionColumns",
        Refused("files would have to repeat their folder's columns"),
        NO_FILES,
    ),
    Feature::new("icebergCompatV1", ICEBERG_FILES, OTHER_METADATA)
        .statistics(NO_ICEBERG)
        .restore(NO_ICEBERG),
    Feature::new("icebergCompatV2", ICEBERG_FILES, OTHER_METADATA)
        .statistics(NO_ICEBERG)
        .restore(NO_ICEBERG),
    Feature::new("icebergCompatV3", ICEBERG_FILES, OTHER_METADATA)
        .statistics(NO_ICEBERG)
        .restore(NO_ICEBERG),
    Feature::new("icebergWriterCompatV1", ICEBERG_FILES, OTHER_METADATA)
        .statistics(NO_ICEBERG)
        .restore(NO_ICEBERG),
    Feature::new("coordinatedCommits-preview", LOG_ELSEWHERE, LOG_ELSEWHERE)
        .statistics(LOG_ELSEWHERE)
        .checkpoint(LOG_ELSEWHERE)
        .restore(LOG_ELSEWHERE),
    Feature::new("catalogManaged", LOG_ELSEWHERE, LOG_ELSEWHERE)
        .statistics(LOG_ELSEWHERE)
        .checkpoint(LOG_ELSEWHERE)
        .restore(LOG_ELSEWHERE),
    Feature::new("catalogOwned-preview", LOG_ELSEWHERE, LOG_ELSEWHERE)
        .statistics(LOG_ELSEWHERE)
        .checkpoint(LOG_ELSEWHERE)
        .restore(LOG_ELSEWHERE),
];
