//! A check finds every kind of damage, and names the file.

#[allow(dead_code, reason = "shared with suites that need more of it")]
mod common;

use common::{append, live, opened};
use financelake_maintenance::{Check, Depth, fsck};
use std::num::NonZeroUsize;
use tempfile::TempDir;

async fn check(folder: &TempDir, depth: Depth) -> Check {
    fsck(&opened(folder).await, depth, NonZeroUsize::new(2).unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..5 {
        append(&folder, "US", number * 100..number * 100 + 100).await;
    }
    for depth in [Depth::Footers, Depth::Rows] {
        let sound = check(&folder, depth).await;
        assert_eq!((sound.files, sound.rows, sound.findings), (5, 500, vec![]));
    }
    let paths: Vec<_> = live(&folder).into_keys().collect();
    let file = |index: usize| folder.path().join(&paths[index]);
    std::fs::remove_file(file(0)).unwrap();
    let content = std::fs::read(file(1)).unwrap();
    std::fs::write(file(1), &content[1..]).unwrap();
    let mut content = std::fs::read(file(2)).unwrap();
    let end = content.len() - 1;
    content[end] ^= 1;
    std::fs::write(file(2), content).unwrap();
    // The footer is well, the pages are not.
    let mut content = std::fs::read(file(3)).unwrap();
    content[4..40].fill(0xff);
    std::fs::write(file(3), content).unwrap();
    let found = check(&folder, Depth::Footers).await;
    let problems: Vec<(&str, bool)> = found
        .findings
        .iter()
        .zip(["is missing", "bytes, the log says", "footer"])
        .map(|(finding, word)| {
            (
                finding.path.as_str(),
                finding.problem.to_lowercase().contains(word),
            )
        })
        .collect();
    assert_eq!(
        problems,
        [
            (paths[0].as_str(), true),
            (&paths[1], true),
            (&paths[2], true)
        ],
        "{found:?}"
    );
    let found = check(&folder, Depth::Rows).await;
    assert_eq!(found.findings.len(), 4);
    assert_eq!(
        (found.findings[3].path.as_str(), found.rows),
        (paths[3].as_str(), 100)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_of_rows_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    append(&folder, "US", 0..7).await;
    let log = folder.path().join("_delta_log/00000000000000000001.json");
    let text = std::fs::read_to_string(&log).unwrap();
    let changed = text.replace(r#"\"numRecords\":7"#, r#"\"numRecords\":8"#);
    assert_ne!(text, changed);
    std::fs::write(log, changed).unwrap();
    let found = check(&folder, Depth::Footers).await;
    assert!(
        found.findings[0].problem.contains("7 rows, the log says 8"),
        "{found:?}"
    );
}
