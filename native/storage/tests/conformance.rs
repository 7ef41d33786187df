//! What every back end must do, run against the local file system and against a real HDFS that this test starts.

use bytes::Bytes;
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{
    Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode, PutPayload,
};
use financelake_storage::{StorageOptions, open};
use futures::TryStreamExt;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

type Store = Arc<dyn ObjectStore>;

/// A real HDFS, for as long as this lives.
struct Hdfs {
    server: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Hdfs {
    fn start() -> Self {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new("python3")
            .args(["-m", "tests.servers.hdfs"])
            .arg(folder.path().join("hdfs"))
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        assert!(
            !url.is_empty(),
            "HDFS did not start; scripts/fetch-tools.sh hadoop fetches it"
        );
        Self {
            server,
            url: url.trim().to_owned(),
            _folder: folder,
        }
    }
}

impl Drop for Hdfs {
    fn drop(&mut self) {
        // The end of its input is the sign to stop.
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

#[tokio::test]
async fn local_files_conform() {
    let folder = tempfile::tempdir().unwrap();
    let location = folder.path().join("a/new/folder");
    conforms(&open(location.to_str().unwrap(), &StorageOptions::default()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hdfs_conforms() {
    let hdfs = Hdfs::start();
    let options = StorageOptions {
        user: Some("lake".to_owned()),
        ..StorageOptions::default()
    };
    let store = open(&format!("{}/lake/bronze", hdfs.url), &options).unwrap();
    conforms(&store).await;
    unfinished_files_are_not_listed(&hdfs, &store).await;
    a_store_ends_at_its_folder(&hdfs, &options).await;
}

async fn conforms(store: &Store) {
    whole_files_come_back(store).await;
    ranges_come_back(store).await;
    put_if_absent_has_one_winner(store).await;
    overwriting_replaces_the_whole(store).await;
    listings_show_files_and_folders(store).await;
    what_is_absent_is_not_found(store).await;
    renames_move_and_respect_what_is_there(store).await;
    large_files_come_back(store).await;
}

async fn content(store: &Store, path: &str) -> Bytes {
    store
        .get(&Path::from(path))
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap()
}

async fn whole_files_come_back(store: &Store) {
    for (path, bytes) in [
        ("whole/a", &b"hello"[..]),
        ("whole/date=2024-01-31/region=__invalid/b", b"x"),
        ("whole/empty", b""),
    ] {
        store
            .put(&Path::from(path), PutPayload::from(bytes.to_vec()))
            .await
            .unwrap();
        assert_eq!(content(store, path).await, bytes);
        let meta = store.head(&Path::from(path)).await.unwrap();
        assert_eq!(
            (meta.location.as_ref(), meta.size),
            (path, bytes.len() as u64)
        );
        let age = chrono::DateTime::from_timestamp_millis(0).unwrap() - meta.last_modified;
        assert!(
            age.num_days() < -365 * 50,
            "the time of the last change is {}",
            meta.last_modified
        );
    }
    let chunks = PutPayload::from_iter([Bytes::from_static(b"one "), Bytes::from_static(b"two")]);
    store
        .put(&Path::from("whole/chunks"), chunks)
        .await
        .unwrap();
    assert_eq!(content(store, "whole/chunks").await, "one two");
}

async fn ranges_come_back(store: &Store) {
    let path = Path::from("ranges");
    store.put(&path, "0123456789".into()).await.unwrap();
    assert_eq!(store.get_range(&path, 2..5).await.unwrap(), "234");
    assert_eq!(
        store.get_ranges(&path, &[0..1, 8..10]).await.unwrap(),
        ["0", "89"]
    );
    for (range, expected) in [
        (GetRange::Bounded(7..99), "789"),
        (GetRange::Offset(4), "456789"),
        (GetRange::Suffix(3), "789"),
        (GetRange::Suffix(99), "0123456789"),
    ] {
        let options = GetOptions {
            range: Some(range),
            ..GetOptions::default()
        };
        let found = store.get_opts(&path, options).await.unwrap();
        assert_eq!(
            (found.meta.size, found.bytes().await.unwrap()),
            (10, Bytes::from(expected))
        );
    }
    assert!(
        store.get_range(&path, 10..12).await.is_err(),
        "starts behind the end"
    );
}

/// What commits are built on.
async fn put_if_absent_has_one_winner(store: &Store) {
    let path = Path::from("log/00000000000000000007.json");
    let attempts = (0..8).map(|writer| {
        let (store, path) = (Arc::clone(store), path.clone());
        tokio::spawn(async move {
            let payload = PutPayload::from(format!("writer {writer}"));
            (
                writer,
                store.put_opts(&path, payload, PutMode::Create.into()).await,
            )
        })
    });
    let mut winners = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            (writer, Ok(_)) => winners.push(writer),
            (_, Err(Error::AlreadyExists { .. })) => {}
            (_, Err(error)) => panic!("a loser must learn that it lost: {error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(
        content(store, path.as_ref()).await,
        format!("writer {}", winners[0])
    );
    let names = store
        .list_with_delimiter(Some(&Path::from("log")))
        .await
        .unwrap()
        .objects;
    assert_eq!(names.len(), 1, "losers leave nothing behind: {names:?}");
}

async fn overwriting_replaces_the_whole(store: &Store) {
    let path = Path::from("replaced");
    store.put(&path, "long content".into()).await.unwrap();
    store.put(&path, "short".into()).await.unwrap();
    assert_eq!(content(store, "replaced").await, "short");
}

async fn listings_show_files_and_folders(store: &Store) {
    for path in ["tree/a", "tree/b/c", "tree/b/d/e", "treetop"] {
        store.put(&Path::from(path), path.into()).await.unwrap();
    }
    let mut all: Vec<_> = store
        .list(Some(&Path::from("tree")))
        .map_ok(|meta| meta.location.to_string())
        .try_collect()
        .await
        .unwrap();
    all.sort();
    assert_eq!(all, ["tree/a", "tree/b/c", "tree/b/d/e"]);
    let level = store
        .list_with_delimiter(Some(&Path::from("tree")))
        .await
        .unwrap();
    assert_eq!(level.common_prefixes, [Path::from("tree/b")]);
    assert_eq!(
        level
            .objects
            .iter()
            .map(|meta| meta.location.as_ref())
            .collect::<Vec<_>>(),
        ["tree/a"]
    );
    let offset = Path::from("tree/b/c");
    let later: Vec<_> = store
        .list_with_offset(Some(&Path::from("tree")), &offset)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(later.len(), 1);
}

async fn what_is_absent_is_not_found(store: &Store) {
    let path = Path::from("absent/file");
    assert!(matches!(
        store.get(&path).await,
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(
        store.head(&path).await,
        Err(Error::NotFound { .. })
    ));
    assert!(
        matches!(
            store.head(&Path::from("tree")).await,
            Err(Error::NotFound { .. })
        ),
        "a folder is no file"
    );
    assert!(
        store
            .list(Some(&Path::from("absent")))
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .is_empty()
    );
    let level = store
        .list_with_delimiter(Some(&Path::from("absent")))
        .await
        .unwrap();
    assert!(level.objects.is_empty() && level.common_prefixes.is_empty());
    store.put(&path, "x".into()).await.unwrap();
    store.delete(&path).await.unwrap();
    assert!(matches!(
        store.head(&path).await,
        Err(Error::NotFound { .. })
    ));
}

async fn renames_move_and_respect_what_is_there(store: &Store) {
    let (from, to) = (Path::from("moved/from"), Path::from("moved/into/to"));
    store.put(&from, "moved".into()).await.unwrap();
    store.rename_if_not_exists(&from, &to).await.unwrap();
    assert_eq!(content(store, "moved/into/to").await, "moved");
    assert!(matches!(
        store.head(&from).await,
        Err(Error::NotFound { .. })
    ));
    store.put(&from, "second".into()).await.unwrap();
    let refused = store.rename_if_not_exists(&from, &to).await;
    assert!(
        matches!(refused, Err(Error::AlreadyExists { .. })),
        "{refused:?}"
    );
    assert_eq!(content(store, "moved/into/to").await, "moved");
    store.copy(&from, &to).await.unwrap();
    assert_eq!(content(store, "moved/into/to").await, "second");
}

async fn large_files_come_back(store: &Store) {
    let bytes: Vec<u8> = (0..5_000_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    store
        .put(&Path::from("large"), bytes.clone().into())
        .await
        .unwrap();
    assert!(content(store, "large").await == bytes);
    assert_eq!(
        store
            .get_range(&Path::from("large"), 4_999_990..5_000_000)
            .await
            .unwrap(),
        bytes[4_999_990..]
    );
}

async fn unfinished_files_are_not_listed(hdfs: &Hdfs, store: &Store) {
    let client = hdfs_native::ClientBuilder::new()
        .with_url(&hdfs.url)
        .with_user("lake")
        .build()
        .unwrap();
    let path = "/lake/bronze/unfinished/.a.parquet.0.tmp";
    client
        .create(path, hdfs_native::WriteOptions::default())
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    assert!(
        store
            .list(Some(&Path::from("unfinished")))
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_store_ends_at_its_folder(hdfs: &Hdfs, options: &StorageOptions) {
    let whole = open(&format!("{}/", hdfs.url), options).unwrap();
    assert_eq!(content(&whole, "lake/bronze/whole/a").await, "hello");
    let listed: Vec<_> = whole
        .list(Some(&Path::from("lake/bronze/whole")))
        .try_collect()
        .await
        .unwrap();
    assert!(
        listed
            .iter()
            .any(|meta| meta.location.as_ref() == "lake/bronze/whole/a"),
        "{listed:?}"
    );
}
