package io.financelake.lake

import java.nio.charset.StandardCharsets.UTF_8
import java.security.MessageDigest
import java.util.HexFormat

import scala.jdk.CollectionConverters._

import io.financelake.market._
import org.apache.spark.sql.{Column, DataFrame, Row}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types._
import org.apache.spark.storage.StorageLevel

/** The first layer: every record as it was received, with what the rules made of it. */
final class Bronze(lake: Lake, reference: String) {
  import Bronze._
  private val spark = lake.spark
  private val decoding = new Decoding(lake, reference)

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
    def isMarked = table.marked(selection.application(layout)).contains(table.version)
    table.exists && (!selection.files.exists(_.layout == layout) || isMarked)
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
    val again = grown.map { file =>
      file -> decoding.files(Seq(file), started, progress).persist(StorageLevel.MEMORY_AND_DISK)
    }
    try {
      again.foreach { case (file, rows) => requireSameLines(file, rows, table.rows) }
      val appended = again.map { case (file, rows) => rows.where(col("offset") > file.after) }
      if (table.exists && whole.isEmpty && appended.forall(_.isEmpty)) Outcome.unchanged(table)
      else {
        val arriving = appended.foldLeft(decoding.files(whole, started, progress))(_ unionByName _)
        append(table, arriving, selection)
        Outcome.committed(table, table.lastCommit.getOrElse("numOutputRows", 0L))
      }
    } finally again.foreach { case (_, rows) => rows.unpersist() }
  }

  /** Takes records of Kafka into a table, in at most one commit. Those that it has already are left out:
    * the table's own log says up to which offset that is, whatever a checkpoint says.
    *
    * @param records
    *   as Spark's Kafka source gives them, with headers
    * @param at
    *   when they are taken in, in microseconds
    */
  def receive(
      layout: Layout,
      records: DataFrame,
      settings: RecordSettings,
      at: Long
  ): Outcome = {
    val table = lake.table(layout)
    table.ensure()
    val before = Offsets.of(table)
    val arriving = decoding
      .kafka(records.where(before.isNew), settings, at)
      .persist(StorageLevel.MEMORY_AND_DISK)
    try {
      val after = Offsets.after(arriving)
      if (after.isEmpty) Outcome.unchanged(table)
      else {
        val rows = decoding
          .decided(arriving)
          .select(layout.schema.names.toSeq.map(col): _*)
          .sortWithinPartitions((layout.partitions ++ layout.order).map(col): _*)
        table.advance(rows, before.applications(after))
        Outcome.committed(table, arriving.count())
      }
    } finally arriving.unpersist()
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

  private def append(table: LakeTable, arriving: DataFrame, selection: Selection): Unit = {
    // Looking for earlier rows reads the arriving ones once more.
    val isFirst = !Layout.bronzeTables.map(lake.table).exists(_.exists)
    val rows = if (isFirst) arriving else arriving.persist(StorageLevel.MEMORY_AND_DISK)
    try {
      val layout = table.layout
      val complete = decoding
        .decided(rows)
        .join(broadcast(headers(selection)), "topic")
        .select(layout.schema.names.toSeq.map(col): _*)
      val order = (layout.partitions ++ layout.order).map(col)
      val marker = Marker(selection.application(layout), table.version + 1)
      table.append(complete.sortWithinPartitions(order: _*), marker)
    } finally rows.unpersist()
  }

  /** Per topic the headers of its records: the digest of the file, and how it is read. */
  private def headers(selection: Selection): DataFrame = {
    val rows = selection.files.map { file =>
      val texts = Seq(DigestHeader -> file.digest, SettingsHeader -> file.file.settings.json)
      Row(file.file.topic, texts.map { case (key, text) => Row(key, text.getBytes(UTF_8)) })
    }
    val schema = StructType(Seq("topic", "headers").map(Layout.bronzeStock.schema(_)))
    spark.createDataFrame(rows.asJava, schema)
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

  /** In place of the last line: the file is as it was when it was imported. */
  private val AllLines = Long.MaxValue

  /** What a table has of a file: its digest when its last lines were taken in, and the last of them. */
  final private case class Imported(layout: Layout, digest: String, lines: Long)

  /** The text of a header. */
  def header(key: String): Column =
    element_at(filter(col("headers"), entry => entry("key") === key), 1)("value").cast("string")

}
