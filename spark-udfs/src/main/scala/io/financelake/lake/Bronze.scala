package io.financelake.lake

import java.nio.charset.StandardCharsets.UTF_8
import java.security.MessageDigest
import java.util.HexFormat

import io.financelake.market._
import org.apache.hadoop.conf.Configuration
import org.apache.spark.TaskContext
import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types._
import org.apache.spark.storage.StorageLevel
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
  def select(files: Seq[(SourceFile, String)]): Selection = {
    val declared = files.map { case (file, digest) =>
      Selected(file, digest, if (file.bonds) Layout.bronzeBond else Layout.bronzeStock, 0)
    }
    // As long as nothing was committed since these very files were imported, no row needs to be read.
    if (Layout.bronzeTables.forall(layout => isNewest(layout, Selection(declared))))
      Selection(declared.map(_.copy(after = AllLines)))
    else {
      val imported = Layout.bronzeTables.flatMap(this.imported(_, files.map(_._1))).toMap
      Selection(declared.map { file =>
        imported.get(file.file.topic).fold(file) { known =>
          val after = if (known.digest == file.digest) AllLines else known.lines
          file.copy(layout = known.layout, after = after)
        }
      })
    }
  }

  private def isNewest(layout: Layout, selection: Selection): Boolean = {
    val table = lake.table(layout)
    table.exists && table.marked(selection.application(layout)).contains(table.version)
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

  /** Takes the new lines of the files of a table into it, in at most one commit.
    *
    * @param started
    *   the time of receipt of all records, in microseconds
    * @throws io.financelake.market.BrokenFile
    *   if a file cannot be read, or has other lines than before; then nothing is committed
    */
  def take(
      layout: Layout,
      selection: Selection,
      started: Long,
      progress: FileProgress
  ): Outcome = {
    spark.sparkContext.register(progress, "files")
    val table = lake.table(layout)
    val (whole, grown) =
      selection.files
        .filter(file => file.layout == layout && file.after < AllLines)
        .partition(_.after == 0)
    val appended = grown.map { file =>
      val rows = decode(Seq(file), started, progress).persist(StorageLevel.MEMORY_AND_DISK)
      requireSameLines(file, rows, table.rows)
      rows.where(col("offset") > file.after)
    }
    try
      if (table.exists && whole.isEmpty && appended.forall(_.isEmpty)) Outcome.unchanged(table)
      else {
        val arriving = appended.foldLeft(decode(whole, started, progress))(_ unionByName _)
        append(table, arriving, Marker(selection.application(layout), table.version + 1))
        Outcome.committed(table, table.lastCommit.getOrElse("numOutputRows", 0L))
      }
    finally appended.foreach(_.unpersist())
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

  private def append(table: LakeTable, arriving: DataFrame, marker: Marker): Unit = {
    // Looking for earlier rows reads the arriving ones once more.
    val isFirst = !Layout.bronzeTables.map(lake.table).exists(_.exists)
    val rows = if (isFirst) arriving else arriving.persist(StorageLevel.MEMORY_AND_DISK)
    try {
      val decided = Arrivals.refuseConflicts(rows, earlier(rows))
      val order = (table.layout.partitions ++ table.layout.order).map(col)
      table.append(decided.sortWithinPartitions(order: _*), marker)
    } finally rows.unpersist()
  }

  /** The accepted rows of both tables that have a key of `arriving`. */
  private def earlier(arriving: DataFrame): DataFrame =
    Layout.bronzeTables
      .map(lake.table)
      .filter(_.exists)
      .map(table => acceptedWithKeysOf(arriving, table.rows))
      .reduceOption(_ unionByName _)
      .getOrElse(arriving.limit(0))

  /** The accepted rows among `existing` that have a key of `arriving`. */
  private def acceptedWithKeysOf(arriving: DataFrame, existing: DataFrame): DataFrame = {
    val keys = arriving.where(col("reason").isNull).select(Arrivals.key.map(col): _*).distinct()
    val series =
      keys.select("series").distinct().limit(MostSeries + 1).collect().map(_.getString(0))
    // Statistics of the files then skip most of them.
    val near = if (series.length > MostSeries) lit(true) else col("series").isin(series.toSeq: _*)
    existing
      .where(col("reason").isNull && near)
      .join(keys, Arrivals.key, "left_semi")
      .select(arriving.columns.map(col).toSeq: _*)
  }

  /** Decides refused records again, by the rules and the reference of today, in at most one commit. A
    * row whose outcome changed is replaced; a header says what it was before. Accepted rows count as
    * arriving now: what has their key already, stands.
    *
    * @param reason
    *   only records that were refused for this one
    * @param at
    *   now, in microseconds
    */
  def replay(layout: Layout, reason: Option[String], at: Long): Replayed = {
    val table = lake.table(layout)
    val refused = Bronze.refused(table.rows, reason).persist(StorageLevel.MEMORY_AND_DISK)
    try {
      val decoded = decodeAgain(refused).persist(StorageLevel.MEMORY_AND_DISK)
      val decided = Arrivals.refuseConflicts(decoded, earlier(decoded))
      val changed = replacements(refused, decided, at).persist(StorageLevel.MEMORY_AND_DISK)
      try {
        val accepted = changed.where(col("reason").isNull).count()
        val outcome =
          if (changed.isEmpty) Outcome.unchanged(table)
          else {
            val same = Seq("topic", "partition", "offset")
              .map(name => col(s"t.$name") === col(s"s.$name"))
              .reduce(_ && _)
            val marker = Marker("financelake:replay", table.version + 1)
            table.merge(changed, same && col("t.region") === Layout.Invalid, lit(true), marker)
            Outcome.committed(table, changed.count())
          }
        Replayed(outcome, refused.count(), accepted)
      } finally {
        changed.unpersist()
        decoded.unpersist()
      }
    } finally refused.unpersist()
  }

  private def decodeAgain(refused: DataFrame): DataFrame = {
    val instruments = spark.sparkContext.broadcast(reference)
    val settings = coalesce(header(SettingsHeader), lit(RecordSettings.plain.json)).as("settings")
    val own = Map(
      "received" -> unix_micros(col("timestamp")),
      "ingested" -> unix_micros(col("ingested_at"))
    )
    val columns =
      origin.names.toSeq.map(name => own.getOrElse(name, col(name)).as(name)) :+ settings
    val rows = refused.select(columns: _*).rdd.mapPartitions { part =>
      val decoder = RecordDecoder.ofTask(instruments.value)
      decoder.decode(part.map { row =>
        RawRecord(
          row.getAs[Array[Byte]]("value"),
          row.getAs[Long]("received"),
          RecordSettings(row.getAs[String]("settings")),
          row.toSeq.init
        )
      })
    }
    fromDecoded(spark.createDataFrame(rows, decodedSchema))
  }

  /** Of `decided`, the rows that are not refused as before, with a header that says what they were. */
  private def replacements(refused: DataFrame, decided: DataFrame, at: Long): DataFrame = {
    val place = Seq("topic", "partition", "offset")
    val was = Seq("reason", "detail", "rule_version", "ref_version")
    val before =
      refused.select((place ++ was).map(col): _*).withColumn("__was", struct(was.map(col): _*))
    val note = to_json(
      struct(timestamp_micros(lit(at)).cast("string").as("replayed_at"), col("__was.*"))
    )
    val header = struct(lit(ReplayHeader).as("key"), note.cast("binary").as("value"))
    decided
      .join(before.select((place :+ "__was").map(col): _*), place)
      .where(!(col("reason") <=> col("__was.reason")))
      .withColumn("headers", concat(coalesce(col("headers"), array()), array(header)))
      .select(Layout.bronzeStock.schema.names.toSeq.map(col): _*)
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

  /** Header of a row that a replay changed: what it was before. */
  val ReplayHeader = "financelake.replay"

  /** The records of a table that were refused, for one reason or for any. Blank ones are not among them.
    */
  def refused(rows: DataFrame, reason: Option[String]): DataFrame = {
    val wanted = reason.fold(col("reason") =!= "empty_line")(col("reason") === _)
    rows.where(col("region") === Layout.Invalid && wanted)
  }

  /** What a replay did.
    *
    * @param records
    *   how many were decided again
    * @param accepted
    *   how many of them are accepted now
    */
  final case class Replayed(outcome: Outcome, records: Long, accepted: Long)

  /** A file that is to be imported.
    *
    * @param layout
    *   the table of its records
    * @param after
    *   the last line that is there already, 0 if none is
    */
  final case class Selected(file: SourceFile, digest: String, layout: Layout, after: Long)

  /** All files of an import. */
  final case class Selection(files: Seq[Selected]) {

    /** Marks the commit after which a table has all its files, as they are now. */
    private[lake] def application(layout: Layout): String = {
      val digest = MessageDigest.getInstance("SHA-256")
      val own = files.filter(_.layout == layout)
      own.map(file => s"${file.file.topic} ${file.digest}\n").sorted.foreach { line =>
        digest.update(line.getBytes(UTF_8))
      }
      "financelake:files:" + HexFormat.of.formatHex(digest.digest())
    }
  }

  /** With more series than this, they are not listed in a filter. */
  private val MostSeries = 1000

  /** In place of the last line: the file is as it was when it was imported. */
  private val AllLines = Long.MaxValue

  /** What a table has of a file: its digest when its last lines were taken in, and the last of them. */
  final private case class Imported(layout: Layout, digest: String, lines: Long)

  /** Kafka's code for a timestamp that the receiver set. */
  private val LogAppendTime = 1

  private val origin = StructType.fromDDL(
    """value BINARY, headers ARRAY<STRUCT<key: STRING, value: BINARY>>, topic STRING, partition INT,
      |offset BIGINT, received BIGINT, ingested BIGINT, timestamp_type INT, key BINARY""".stripMargin
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
      val place = Seq[Any](bytes, headers, file.topic, 0, number)
      val receipt = Seq[Any](started, started, LogAppendTime, null)
      RawRecord(bytes, started, file.settings, place ++ receipt)
    }
  }

  /** Brings decoded rows into the columns of Bronze. */
  private def fromDecoded(rows: DataFrame): DataFrame = {
    val own = Map(
      "key" -> coalesce(col("key"), col("symbol").cast("binary")),
      "timestamp" -> timestamp_micros(col("received")),
      "ingested_at" -> timestamp_micros(col("ingested")),
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
