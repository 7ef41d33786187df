package io.financelake.table

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.types._
import org.apache.spark.unsafe.types.UTF8String

import io.financelake.jni.NativeTable

import Procedure.{optional, required}

private object Parameters {
  val table = required("table", StringType, "the table: a name, or a path")
}

/** `CALL financelake.system.optimize(table => 'silver.bars', where => "date >= '2024-01-01'")` */
object OptimizeProcedure
    extends Procedure(
      "optimize",
      "Puts the rows of small files into large ones, and leaves deleted rows out",
      Array(
        Parameters.table,
        optional("where", StringType, "NULL", "only files that may have rows which meet this"),
        optional("target_mb", IntegerType, "256", "how large files should be, in MiB"),
        optional(
          "order_by",
          ArrayType(StringType),
          "NULL",
          "columns by which rows are put in order"
        ),
        optional("strategy", StringType, "'none'", "none, linear, zorder or hilbert"),
        optional("dry_run", BooleanType, "false", "plan, and change nothing")
      ),
      new StructType()
        .add("version", LongType)
        .add("files_removed", LongType, nullable = false)
        .add("files_added", LongType, nullable = false)
        .add("bytes_removed", LongType, nullable = false)
        .add("bytes_added", LongType)
        .add("rows", LongType)
        .add("seconds", DoubleType)
        .add("plan", StringType)
    ) {

  override protected def run(spark: SparkSession, values: InternalRow): Seq[Any] = {
    val location = TableLocation.of(spark, text(values, 0).getOrElse(""))
    val optimize = new Optimize(spark, location, goal(values))
    if (values.getBoolean(5)) {
      val plan = optimize.plan()
      def number(name: String): Long = plan.get(name).asLong
      val (files, bytes) = (number("rewrittenFiles"), number("rewrittenBytes"))
      Seq(None, files, number("predictedFiles"), bytes, None, None, None, plan.toString)
    } else {
      val done = optimize.run()
      import done._
      Seq(version, filesRemoved, filesAdded, bytesRemoved, bytesAdded, rows, seconds, None)
    }
  }

  private def goal(values: InternalRow): Optimize.Goal = {
    val columns =
      if (values.isNullAt(3)) Nil
      else values.getArray(3).toSeq[UTF8String](StringType).map(_.toString)
    // Columns without a strategy are wanted in order.
    val strategy = text(values, 4).filter(_ != "none").orElse(columns.headOption.map(_ => "linear"))
    Optimize.Goal(text(values, 1), values.getInt(2), columns, strategy)
  }
}

/** `CALL financelake.system.vacuum(table => 'silver.bars', dry_run => true)` */
object VacuumProcedure
    extends Procedure(
      "vacuum",
      "Deletes files that nobody can reach any more",
      Array(
        Parameters.table,
        optional("retain_hours", DoubleType, "NULL", "keep what left the table for so long"),
        optional("unsafe_retention", BooleanType, "false", "confirm less than the table's own"),
        optional("dry_run", BooleanType, "false", "find them, and delete nothing")
      ),
      new StructType()
        .add("version", LongType, nullable = false)
        .add("deleted", LongType, nullable = false)
        .add("unreachable", LongType, nullable = false)
        .add("bytes", LongType, nullable = false)
        .add("reachable", LongType, nullable = false)
        .add("foreign", LongType, nullable = false)
        .add("report", StringType, nullable = false)
    ) {

  override protected def run(spark: SparkSession, values: InternalRow): Seq[Any] = {
    val request = TableLocation.of(spark, text(values, 0).getOrElse("")).request()
    if (!values.isNullAt(1)) request.put("retainHours", values.getDouble(1))
    request.put("unsafeRetention", values.getBoolean(2)).put("dryRun", values.getBoolean(3))
    val report = TableLocation.json.readTree(NativeTable.vacuum(request.toString))
    def number(name: String): Long = report.get(name).asLong
    Seq(
      number("version"),
      number("deleted"),
      report.get("unreachable").size.toLong,
      number("bytes"),
      number("reachable"),
      number("foreign"),
      report.toString
    )
  }
}
