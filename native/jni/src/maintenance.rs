//! Entry points of `NativeTable`: maintenance of Delta tables. Requests and answers are JSON; nothing is kept between calls.

use crate::entry::{enter, text};
use crate::error::{Error, ErrorKind, Result};
use financelake_delta::{Error as TableError, TableLog, load};
use financelake_maintenance::{
    self as maintenance, Order, Policy, VacuumPolicy, Work, assign, checkpoints_beside, readers,
};
use financelake_storage::object_store::ObjectStore;
use financelake_storage::{StorageOptions, open};
use jni::EnvUnowned;
use jni::objects::{JClass, JString};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Runtime};

impl From<maintenance::Error> for Error {
    fn from(error: maintenance::Error) -> Self {
        use maintenance::Error as Cause;
        let kind = match &error {
            Cause::Argument(_) => ErrorKind::InvalidArgument,
            Cause::Table(cause) if cause.is_transient() => ErrorKind::StorageUnavailable,
            Cause::Table(TableError::Refused { .. }) => ErrorKind::Unsupported,
            Cause::Storage(_) => ErrorKind::StorageUnavailable,
            Cause::Internal(_) => ErrorKind::Internal,
            _ => ErrorKind::TableUnusable,
        };
        Self::new(kind, error.to_string())
    }
}

/// Threads that wait for the storage. They live as long as the library and never touch the JVM.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(2)
            .thread_name("financelake-table")
            .enable_all()
            .build()
    });
    runtime.as_ref().map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("no threads for tables: {error}"),
        )
    })
}

/// Where a table is, and what is asked of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    location: String,
    #[serde(default)]
    hadoop_conf_dir: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    condition: Option<String>,
    #[serde(default)]
    target_mib: Option<u64>,
    #[serde(default)]
    order_by: Vec<String>,
    #[serde(default)]
    strategy: Option<String>,
    #[serde(default)]
    work: Option<Work>,
    #[serde(default)]
    retain_hours: Option<f64>,
    #[serde(default)]
    unsafe_retention: bool,
    #[serde(default)]
    dry_run: bool,
}

impl Request {
    fn store_of(&self, location: &str) -> Result<Arc<dyn ObjectStore>> {
        let options = StorageOptions {
            hadoop_conf_dir: self.hadoop_conf_dir.clone(),
            user: self.user.clone(),
        };
        open(location, &options).map_err(|error| Error::invalid(error.to_string()))
    }

    fn store(&self) -> Result<Arc<dyn ObjectStore>> {
        self.store_of(&self.location)
    }

    fn no_table(&self) -> Error {
        maintenance::Error::NoTable(self.location.clone()).into()
    }

    async fn table(&self) -> Result<TableLog> {
        let table = TableLog::open(self.store()?)
            .await
            .map_err(maintenance::Error::from)?;
        table.ok_or_else(|| self.no_table())
    }

    /// The queries of the lake that read the table.
    async fn readers(&self, table: &TableLog) -> Result<Vec<maintenance::Reader>> {
        let Some(folder) = checkpoints_beside(&self.location) else {
            return Ok(Vec::new());
        };
        let local = folder.strip_prefix("file://").unwrap_or(&folder);
        if local.starts_with('/') && !Path::new(local).is_dir() {
            return Ok(Vec::new());
        }
        Ok(readers(&*self.store_of(&folder)?, table.state().id()).await?)
    }

    async fn plan(self) -> Result<String> {
        let state = load(&*self.store()?, self.version)
            .await
            .map_err(maintenance::Error::from)?;
        let state = state.ok_or_else(|| self.no_table())?;
        financelake_delta::features::check(
            &state,
            financelake_delta::features::Operation::Optimize,
        )
        .map_err(maintenance::Error::from)?;
        let default = Policy::default();
        let order = match &self.strategy {
            Some(strategy) => Some(Order {
                columns: self.order_by,
                strategy: strategy.parse()?,
            }),
            None => None,
        };
        let policy = Policy {
            condition: self.condition,
            order,
            target_mib: self.target_mib.unwrap_or(default.target_mib),
            ..default
        };
        let plan = maintenance::plan(&state, &policy, None)?;
        let work = assign(&plan, &state)?;
        json(&serde_json::json!({ "plan": plan, "work": work }))
    }

    async fn rewrite(self) -> Result<String> {
        let work = self
            .work
            .as_ref()
            .ok_or_else(|| Error::invalid("the request has no work"))?;
        json(&maintenance::rewrite(&self.store()?, work).await?)
    }

    async fn vacuum(self) -> Result<String> {
        let mut table = self.table().await?;
        let policy = VacuumPolicy {
            retain_hours: self.retain_hours,
            unsafe_retention: self.unsafe_retention,
            readers: self.readers(&table).await?,
        };
        let found = maintenance::sweep(&table, &policy).await?;
        if self.dry_run {
            return json(&found);
        }
        json(&maintenance::vacuum(&mut table, &policy, found).await?)
    }

    async fn health(self) -> Result<String> {
        let table = self.table().await?;
        let readers = self.readers(&table).await?;
        json(&maintenance::health(&table, &readers).await?)
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}

/// Answers a request, on the calling thread and the runtime's.
fn answer<'local>(
    env: &mut EnvUnowned<'local>,
    request: &JString<'local>,
    call: impl AsyncFnOnce(Request) -> Result<String>,
) -> JString<'local> {
    enter(env, |env| {
        let request = text(env, request, "the request")?;
        let request: Request = serde_json::from_str(&request)
            .map_err(|error| Error::invalid(format!("the request: {error}")))?;
        let answer = runtime()?.block_on(call(request))?;
        Ok(env.new_string(answer)?)
    })
}

/// `String NativeTable.planOptimize(String request)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTable_planOptimize<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JString<'local>,
) -> JString<'local> {
    answer(&mut env, &request, Request::plan)
}

/// `String NativeTable.rewriteBin(String request)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTable_rewriteBin<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JString<'local>,
) -> JString<'local> {
    answer(&mut env, &request, Request::rewrite)
}

/// `String NativeTable.vacuumTable(String request)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTable_vacuumTable<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JString<'local>,
) -> JString<'local> {
    answer(&mut env, &request, Request::vacuum)
}

/// `String NativeTable.measureHealth(String request)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTable_measureHealth<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    request: JString<'local>,
) -> JString<'local> {
    answer(&mut env, &request, Request::health)
}
