package io.financelake.lake

import java.nio.charset.StandardCharsets.UTF_8

import io.financelake.market._
import org.apache.hadoop.conf.Configuration
import org.apache.spark.TaskContext
import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types._
import org.apache.spark.util.SerializableConfiguration

/** The first layer: every record as it was received, with what the rules made of it. */
final class Bronze(lake: Lake, reference: String) {
  import Bronze._
  private val spark = lake.spark

  /** What is to be done with files, given what Bronze has of them.
    *
    * @param files
    *   each with its digest
    */
  def select(files: Seq[(SourceFile, String)]): Seq[Selected] = {
    val imported = Layout.bronzeTables.flatMap(this.imported(_, files.map(_._1))).toMap
    files.map { case (file, digest) =>
      val layout = if (file.bonds) Layout.bronzeBond else Layout.bronzeStock
      imported.get(file.topic) match {
        case None                                  => Selected(file, digest, layout, 0)
        case Some(known) if known.digest == digest => Selected(file, digest, known.layout, AllLines)
        case Some(known) => Selected(file, digest, known.layout, known.lines)
      }
    }
  }

  /** What a table has of the files, by topic. */
  private def imported(layout: Layout, files: Seq[SourceFile]): Map[String, Imported] = {
    val table = lake.table(layout)
    if (!table.exists) Map.empty
    else
      table.rows
        .where(col("topic").isin(files.map(_.topic): _*))
        .groupBy("topic")
        .agg(max_by(header(DigestHeader), col("offset")), max("offset"))
        .collect()
        .map(row => row.getString(0) -> Imported(layout, row.getString(1), row.getLong(2)))
        .toMap
  }

  /** Takes the new lines of files into a table, in at most one commit.
    *
    * @param files
    *   those of this table
    * @param started
    *   the time of receipt of all records, in microseconds
    * @throws io.financelake.market.BrokenFile
    *   if a file cannot be read, or has other lines than before; then nothing is committed
    */
  def take(
      layout: Layout,
      files: Seq[Selected],
      started: Long,
      progress: FileProgress
  ): Outcome = {
    spark.sparkContext.register(progress, "files")
    val whole = files.filter(_.after == 0)
    val grown = files.filter(file => file.after > 0 && file.after < AllLines)
    val table = lake.table(layout)
    val appended = grown
      .map { file =>
        val rows = decode(Seq(file), started, progress)
        requireSameLines(file, rows, table.rows)
        rows.where(col("offset") > file.after)
      }
      .filterNot(_.isEmpty)
    if (table.exists && whole.isEmpty && appended.isEmpty) Outcome.unchanged(table)
    else {
      val arriving = appended.foldLeft(decode(whole, started, progress))(_ unionByName _)
      append(table, arriving)
      val written = table.lastCommit.getOrElse("numOutputRows", 0L)
      Outcome.committed(table, written)
    }
  }

  /** Refuses a file of which a line that Bronze has is not the same any more. */
  private def requireSameLines(file: Selected, now: DataFrame, stored: DataFrame): Unit = {
    val before = stored
      .where(col("topic") === file.file.topic)
      .select(col("offset"), col("value").as("before"), col("timestamp"))
    val changed = before
      .join(now.select("offset", "value"), Seq("offset"), "left")
      .where(!(col("value") <=> col("before")))
      .orderBy("offset")
      .select(col("offset"), col("timestamp").cast("string"))
      .take(1)
    changed.foreach { row =>
      val reason =
        s"line ${row.getLong(0)} is not the one that was imported at ${row.getString(1)}. " +
          "Bronze keeps each line once, so nothing of this file is imported: give the file another name, and its " +
          "rows a higher revision where they correct earlier ones"
      throw new BrokenFile(file.file.location, reason, null)
    }
  }

  /** Decodes files whole, one task each. */
  private def decode(files: Seq[Selected], started: Long, progress: FileProgress): DataFrame = {
    val hadoop = spark.sparkContext.broadcast(
      new SerializableConfiguration(spark.sparkContext.hadoopConfiguration)
    )
    val instruments = spark.sparkContext.broadcast(reference)
    val rows = spark.sparkContext.parallelize(files, files.size.max(1)).mapPartitions { part =>
      val decoder = RecordDecoder.ofTask(instruments.value)
      part.flatMap { selected =>
        val records = rawRecords(selected, started, hadoop.value.value)
        progress.counting(selected.file.name, reasonPlace, decoder.decode(records))
      }
    }
    fromDecoded(spark.createDataFrame(rows, decodedSchema))
  }

  /** The accepted rows of both tables that have a key of `arriving`. */
  private def acceptedAlready(arriving: DataFrame): DataFrame = {
    val existing = Layout.bronzeTables.map(lake.table).filter(_.exists).map(_.rows)
    if (existing.isEmpty) arriving.limit(0)
    else {
      val keys = arriving.where(col("reason").isNull).select("series", "ts", "seq").distinct()
      val accepted = existing.reduce(_ unionByName _).where(col("reason").isNull)
      accepted
        .join(keys, Seq("series", "ts", "seq"), "left_semi")
        .select(arriving.columns.map(col).toSeq: _*)
    }
  }

  private def append(table: LakeTable, arriving: DataFrame): Unit = {
    val decided = Arrivals.refuseConflicts(arriving, acceptedAlready(arriving))
    val order = (table.layout.partitions ++ table.layout.order).map(col)
    table.append(decided.sortWithinPartitions(order: _*), None)
  }

  /** Rows of a table by reason, null for accepted ones, of the import that started at a time. */
  def counts(layout: Layout, started: Long): Map[Option[String], Long] =
    lake
      .table(layout)
      .rows
      .where(col("timestamp") === timestamp_micros(lit(started)))
      .groupBy("reason")
      .count()
      .collect()
      .map(row => Option(row.getString(0)) -> row.getLong(1))
      .toMap
}

object Bronze {

  /** Headers of the rows of a file: its digest, and how it was read. */
  val DigestHeader = "financelake.sha256"
  val SettingsHeader = "financelake.settings"

  /** A file that is to be imported.
    *
    * @param layout
    *   the table of its records
    * @param after
    *   the last line that is there already, 0 if none is
    */
  final case class Selected(file: SourceFile, digest: String, layout: Layout, after: Long)

  /** In place of the last line: the file is as it was when it was imported. */
  private val AllLines = Long.MaxValue

  /** What a table has of a file: its digest when its last lines were taken in, and the last of them. */
  final private case class Imported(layout: Layout, digest: String, lines: Long)

  /** Kafka's code for a timestamp that the receiver set. */
  private val LogAppendTime = 1

  private val origin = StructType.fromDDL(
    """value BINARY, headers ARRAY<STRUCT<key: STRING, value: BINARY>>, topic STRING, partition INT,
      |offset BIGINT, received BIGINT""".stripMargin
  )
  private val decodedSchema = StructType(origin ++ RecordColumns.encoded ++ Layout.versions)

  private val reasonPlace = decodedSchema.fieldIndex("reason")

  /** The text of a header. */
  def header(key: String) =
    element_at(filter(col("headers"), entry => entry("key") === key), 1)("value").cast("string")

  private def rawRecords(
      selected: Selected,
      started: Long,
      hadoop: Configuration
  ): Iterator[RawRecord] = {
    val Selected(file, digest, _, _) = selected
    val headers = Seq(
      Row(DigestHeader, digest.getBytes(UTF_8)),
      Row(SettingsHeader, file.settings.json.getBytes(UTF_8))
    )
    val lines = file.lines(hadoop)
    TaskContext.get().addTaskCompletionListener[Unit](_ => lines.close())
    lines.map { case (number, bytes) =>
      RawRecord(bytes, started, file.settings, Seq(bytes, headers, file.topic, 0, number, started))
    }
  }

  /** Brings decoded rows into the columns of Bronze. */
  private def fromDecoded(rows: DataFrame): DataFrame = {
    val received = timestamp_micros(col("received"))
    val own = Map(
      "key" -> col("symbol").cast("binary"),
      "timestamp" -> received,
      "timestamp_type" -> lit(LogAppendTime),
      "ingested_at" -> received,
      "date" -> date_from_unix_date(col("received_date")),
      "event_date" -> date_from_unix_date(col("date")),
      "ts" -> timestamp_micros(col("ts")),
      "region" -> coalesce(col("region"), lit(Layout.Invalid))
    )
    rows.select(
      Layout.bronzeStock.schema.map(field =>
        own.getOrElse(field.name, col(field.name)).as(field.name)
      ): _*
    )
  }
}
