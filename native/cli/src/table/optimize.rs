//! `financelake table optimize`

use financelake_maintenance::{Order, Partition, Plan, Policy, optimize, prepare};

use super::{Location, bytes};
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Only files that may have rows which meet this, such as "date >= '2024-01-01'"
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// How large files should be
    #[arg(long, value_name = "MIB", default_value_t = Policy::default().target_mib)]
    target_mb: u64,
    /// Columns by which the rows of a folder are put in order, with commas between
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    order_by: Vec<String>,
    /// How several columns make an order: linear, zorder or hilbert
    #[arg(
        long,
        value_name = "NAME",
        default_value = "hilbert",
        requires = "order_by"
    )]
    strategy: String,
    /// Memory for sorting; more rows go through the local disk
    #[arg(long, value_name = "MIB", default_value_t = Policy::default().memory_mib)]
    memory_mb: u64,
    /// Print the plan and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    let policy = Policy {
        condition: arguments.condition.clone(),
        target_mib: arguments.target_mb,
        order: order(arguments)?,
        memory_mib: arguments.memory_mb,
        ..Policy::default()
    };
    location.runtime()?.block_on(async {
        let mut table = location.table().await?;
        let plan = prepare(&table, &policy)?;
        if arguments.dry_run {
            return location.print(&plan, |output| write!(output, "{}", in_words(&plan)));
        }
        let report = optimize(&mut table, &policy, plan, location.threads()).await?;
        location.print(&report, |output| match report.version {
            None => writeln!(output, "nothing to do: no two files are small, and no file has many deleted rows"),
            Some(version) => writeln!(
                output,
                "version {version}: {} files ({}) became {} ({}), {} rows, {} deleted rows left out, {:.1} s",
                report.files_removed,
                bytes(report.bytes_removed),
                report.files_added,
                bytes(report.bytes_added),
                report.rows,
                report.deleted_rows,
                report.seconds
            ),
        })
    })
}

fn order(arguments: &Arguments) -> Result<Option<Order>, Failure> {
    if arguments.order_by.is_empty() {
        return Ok(None);
    }
    let strategy = arguments.strategy.parse()?;
    Ok(Some(Order {
        columns: arguments.order_by.clone(),
        strategy,
    }))
}

fn in_words(plan: &Plan) -> String {
    let mut text = format!(
        "version {}: {} of {} files ({}) would become about {}\n",
        plan.version,
        plan.rewritten_files,
        plan.files,
        bytes(plan.rewritten_bytes),
        plan.predicted_files
    );
    for bin in &plan.bins {
        text.push_str(&format!(
            "  {}: {} files, {}, {} deleted rows\n",
            folder(&bin.partition),
            bin.files.len(),
            bytes(bin.bytes),
            bin.deleted_rows
        ));
    }
    text
}

fn folder(partition: &Partition) -> String {
    let values = partition.iter().map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => format!("{name} is NULL"),
    });
    let values: Vec<_> = values.collect();
    if values.is_empty() {
        "the table".to_owned()
    } else {
        values.join(", ")
    }
}
