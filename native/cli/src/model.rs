//! `financelake model`: the trend models of a lake.
//!
//! `models/<name>/<version>/model.safetensors` are the versions, `models/<name>/promoted/<n>.json` say which one is in use:
//! the last. Files are only ever added, each by a write that fails if the name is taken.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use financelake_storage::object_store::path::Path as Key;
use financelake_storage::object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt, PutMode,
};
use financelake_storage::{StorageOptions, open};
use financelake_trend::{Card, Model};
use tokio::runtime::Runtime;

use crate::failure::Failure;

const FILE: &str = "model.safetensors";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the models of a lake, their versions, and which is in use
    List(Lake),
    /// Print what a model is, as JSON
    Inspect(Inspect),
    /// Put a version into use
    Promote(Promote),
    /// Add weights that PyTorch or Keras trained, as safetensors, as a new version
    Import(Import),
    /// Write a model as a file for other programs
    Export(Export),
}

#[derive(clap::Args)]
pub(crate) struct Lake {
    /// Folder of the lake
    #[arg(long, value_name = "PATH")]
    lake: String,
}

#[derive(clap::Args)]
pub(crate) struct Inspect {
    /// Folder of the lake; without it MODEL is a file
    #[arg(long, value_name = "PATH")]
    lake: Option<String>,
    /// NAME (the version in use), NAME@VERSION, or a file
    model: String,
}

#[derive(clap::Args)]
pub(crate) struct Promote {
    #[command(flatten)]
    lake: Lake,
    /// NAME@VERSION
    model: String,
}

#[derive(clap::Args)]
pub(crate) struct Import {
    #[command(flatten)]
    lake: Lake,
    /// Name of the model
    name: String,
    /// The description, as `financelake model inspect` prints it under `card`
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// The safetensors file with the weights
    weights: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct Export {
    /// Folder of the lake; without it MODEL is a file
    #[arg(long, value_name = "PATH")]
    lake: Option<String>,
    /// onnx: a graph that scales its input; safetensors: the model's own file, which PyTorch reads too
    #[arg(long, value_enum)]
    format: Format,
    /// NAME (the version in use), NAME@VERSION, or a file
    model: String,
    /// The file to write
    output: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Onnx,
    Safetensors,
}

pub(crate) fn run(command: &Command) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match command {
        Command::List(lake) => {
            let models = Models::open(&lake.lake)?;
            for name in models.names()? {
                let used = models.promoted(&name)?;
                for version in models.versions(&name)? {
                    let state = if used == Some(version) {
                        "  in use"
                    } else {
                        ""
                    };
                    writeln!(out, "{name}@{version}{state}")?;
                }
            }
        }
        Command::Inspect(Inspect { lake, model }) => {
            let model = Model::read(&named(lake.as_deref(), model)?).map_err(refused)?;
            let told = serde_json::json!({ "digest": model.digest(), "card": model.card() });
            writeln!(out, "{told:#}")?;
        }
        Command::Promote(Promote { lake, model }) => {
            let models = Models::open(&lake.lake)?;
            let (name, version) = match model.split_once('@') {
                Some(_) => models.find(model)?,
                None => {
                    return Err(Failure::Usage(format!(
                        "'{model}' names no version: write {model}@VERSION"
                    )));
                }
            };
            models.promote(&name, version)?;
            writeln!(out, "{name}@{version} is in use")?;
        }
        Command::Import(import) => {
            let card = String::from_utf8_lossy(&read(&import.card)?).into_owned();
            let card = Card::parse(&card).map_err(refused)?;
            let file = Model::import(&card, &read(&import.weights)?).map_err(refused)?;
            let models = Models::open(&import.lake.lake)?;
            let version = models.add(&import.name, file)?;
            writeln!(out, "{}@{version}", import.name)?;
        }
        Command::Export(export) => {
            let file = named(export.lake.as_deref(), &export.model)?;
            let model = Model::read(&file).map_err(refused)?;
            let content = match export.format {
                Format::Onnx => model.to_onnx().map_err(refused)?,
                Format::Safetensors => file,
            };
            let path = export.output.display();
            fs::write(&export.output, &content)
                .map_err(|error| Failure::Usage(format!("'{path}': {error}")))?;
            writeln!(out, "{path}: {} bytes", content.len())?;
        }
    }
    Ok(())
}

/// The file of a model of a lake, or, without a lake, the file of this path.
fn named(lake: Option<&str>, model: &str) -> Result<Vec<u8>, Failure> {
    let Some(lake) = lake else {
        return read(Path::new(model));
    };
    let models = Models::open(lake)?;
    let (name, version) = models.find(model)?;
    models.file(&name, version)
}

fn refused(error: financelake_trend::Error) -> Failure {
    Failure::Usage(error.to_string())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::Usage(format!("'{}': {error}", path.display())))
}

/// The models of a lake.
struct Models {
    store: Arc<dyn ObjectStore>,
    runtime: Runtime,
}

impl Models {
    fn open(lake: &str) -> Result<Self, Failure> {
        let location = if lake.contains("://") {
            lake.to_owned()
        } else {
            // The storage would make a folder that is not there.
            let missing = |error| Failure::Usage(format!("--lake {lake}: {error}"));
            let folder = Path::new(lake).canonicalize().map_err(missing)?;
            folder.to_string_lossy().into_owned()
        };
        let runtime = Runtime::new()?;
        let inside = runtime.enter();
        let store = open(&location, &StorageOptions::default())
            .map_err(|error| Failure::Usage(error.to_string()))?;
        drop(inside);
        Ok(Self { store, runtime })
    }

    fn folders(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let prefix = Key::from(prefix);
        let listed = self.store.list_with_delimiter(Some(&prefix));
        let listed = self.runtime.block_on(listed).map_err(failed)?;
        let folders = listed.common_prefixes.iter();
        Ok(folders
            .filter_map(|path| path.filename().map(str::to_owned))
            .collect())
    }

    fn names(&self) -> Result<Vec<String>, Failure> {
        let mut names = self.folders("models")?;
        names.sort();
        Ok(names)
    }

    fn versions(&self, name: &str) -> Result<Vec<u32>, Failure> {
        checked(name)?;
        let folders = self.folders(&format!("models/{name}"))?;
        let mut versions: Vec<u32> = folders.iter().filter_map(|f| f.parse().ok()).collect();
        versions.sort_unstable();
        Ok(versions)
    }

    fn promotions(&self, name: &str) -> Result<Vec<u32>, Failure> {
        let folder = Key::from(format!("models/{name}/promoted"));
        let listed = self.store.list_with_delimiter(Some(&folder));
        let listed = self.runtime.block_on(listed).map_err(failed)?;
        let mut numbers: Vec<u32> = listed
            .objects
            .iter()
            .filter_map(|file| {
                file.location
                    .filename()?
                    .strip_suffix(".json")?
                    .parse()
                    .ok()
            })
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn promoted(&self, name: &str) -> Result<Option<u32>, Failure> {
        let Some(last) = self.promotions(name)?.pop() else {
            return Ok(None);
        };
        let bytes = self.get(&promotion(name, last))?;
        let json: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| Failure::Io(io::Error::other(error)))?;
        Ok(json["version"]
            .as_u64()
            .and_then(|version| version.try_into().ok()))
    }

    /// The name and version that `name` or `name@version` stands for.
    fn find(&self, reference: &str) -> Result<(String, u32), Failure> {
        let (name, wanted) = match reference.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (reference, None),
        };
        let known = self.versions(name)?;
        let all = known
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        if known.is_empty() {
            return Err(Failure::Usage(format!("the lake has no model '{name}'")));
        }
        let version = match wanted {
            Some(text) => text.parse().ok().filter(|version| known.contains(version)),
            None => self.promoted(name)?,
        };
        version
            .map(|version| (name.to_owned(), version))
            .ok_or_else(|| {
                Failure::Usage(match wanted {
                    Some(text) => format!("model '{name}' has no version '{text}'; it has {all}"),
                    None => format!("no version of '{name}' is in use; promote one of {all}"),
                })
            })
    }

    fn file(&self, name: &str, version: u32) -> Result<Vec<u8>, Failure> {
        self.get(&format!("models/{name}/{version}/{FILE}"))
    }

    fn add(&self, name: &str, file: Vec<u8>) -> Result<u32, Failure> {
        let next = self.versions(name)?.last().map_or(1, |last| last + 1);
        self.first_free(next, file, |version| {
            format!("models/{name}/{version}/{FILE}")
        })
    }

    fn promote(&self, name: &str, version: u32) -> Result<(), Failure> {
        let next = self.promotions(name)?.last().map_or(1, |last| last + 1);
        let json = serde_json::json!({ "version": version }).to_string();
        self.first_free(next, json.into_bytes(), |n| promotion(name, n))?;
        Ok(())
    }

    /// Writes a file under the first number that nobody has taken.
    fn first_free(
        &self,
        from: u32,
        content: Vec<u8>,
        name: impl Fn(u32) -> String,
    ) -> Result<u32, Failure> {
        for number in from.. {
            let (key, content) = (Key::from(name(number)), content.clone().into());
            let put = self.store.put_opts(&key, content, PutMode::Create.into());
            match self.runtime.block_on(put) {
                Ok(_) => return Ok(number),
                Err(StoreError::AlreadyExists { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(Failure::Usage("there is no free number".to_owned()))
    }

    fn get(&self, key: &str) -> Result<Vec<u8>, Failure> {
        let bytes = self
            .runtime
            .block_on(async { self.store.get(&Key::from(key)).await?.bytes().await });
        Ok(bytes.map_err(failed)?.to_vec())
    }
}

fn promotion(name: &str, number: u32) -> String {
    format!("models/{name}/promoted/{number:08}.json")
}

fn checked(name: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let fits = name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(allowed);
    if fits {
        Ok(())
    } else {
        Err(Failure::Usage(format!(
            "'{name}' is no name of a model; write letters, digits, dots, dashes and underscores"
        )))
    }
}

fn failed(error: StoreError) -> Failure {
    Failure::Io(io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use financelake_trend::{Feature, Initialisation, Labels, Sizes};

    #[test]
    fn versions_are_added_and_promoted() {
        let folder = tempfile::tempdir().unwrap();
        let lake = folder.path().to_str().unwrap();
        let models = Models::open(lake).unwrap();
        assert!(models.names().unwrap().is_empty());
        let sizes = Sizes {
            units: [2, 2],
            dense: 2,
        };
        let card = Card::new(2, sizes, vec![Feature::column("close")], Labels::default());
        let file = |seed| {
            let weights = Initialisation::Keras.weights(1, sizes, seed);
            Model::write(&card, &weights).unwrap()
        };
        assert_eq!(models.add("m", file(1)).unwrap(), 1);
        assert_eq!(models.add("m", file(2)).unwrap(), 2);
        let told = |reference| models.find(reference).unwrap_err().to_string();
        assert!(told("m").contains("promote one of 1, 2"));
        assert!(told("m@3").contains("no version '3'; it has 1, 2"));
        assert!(told("n").contains("no model 'n'"));
        assert!(told("../m").contains("no name of a model"));
        for version in [1, 2, 1] {
            models.promote("m", version).unwrap();
            assert_eq!(models.find("m").unwrap(), ("m".to_owned(), version));
        }
        assert_eq!(models.promotions("m").unwrap(), [1, 2, 3]);
        assert_eq!(models.file("m", 2).unwrap(), file(2));
        assert_eq!(models.names().unwrap(), ["m"]);
    }
}
