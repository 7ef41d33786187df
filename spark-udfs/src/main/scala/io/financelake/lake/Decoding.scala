package io.financelake.lake

import io.financelake.market._
import org.apache.hadoop.conf.Configuration
import org.apache.spark.TaskContext
import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types._
import org.apache.spark.util.SerializableConfiguration

/** Records on their way into Bronze: decoded by the native rules, and decided against the rows that are
  * there. They have all columns of Bronze; but those of files have no `headers`, which repeat themselves
  * and are joined when the rows are where they will be written.
  */
final private[lake] class Decoding(lake: Lake, reference: String) {
  import Decoding._
  private val spark = lake.spark

  /** Decodes files whole, one task each. */
  def files(files: Seq[Bronze.Selected], started: Long, progress: FileProgress): DataFrame = {
    val hadoop = spark.sparkContext.broadcast(
      new SerializableConfiguration(spark.sparkContext.hadoopConfiguration)
    )
    val instruments = spark.sparkContext.broadcast(reference)
    val rows = spark.sparkContext.parallelize(files, files.size.max(1)).mapPartitions { part =>
      val decoder = RecordDecoder.ofTask(instruments.value)
      part.flatMap { selected =>
        val records = rawRecords(selected.file, started, hadoop.value.value)
        progress.counting(selected.file.name, reasonPlace, decoder.decode(records))
      }
    }
    fromDecoded(spark.createDataFrame(rows, decodedSchema))
  }

  /** Decodes rows of Bronze again, each as it was read the first time. */
  def again(refused: DataFrame): DataFrame = {
    val instruments = spark.sparkContext.broadcast(reference)
    val settings =
      coalesce(Bronze.header(Bronze.SettingsHeader), lit(RecordSettings.plain.json)).as("settings")
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

  /** Decodes records as Spark's Kafka source gives them, with their headers.
    *
    * @param at
    *   when they are taken in, in microseconds
    */
  def kafka(records: DataFrame, settings: RecordSettings, at: Long): DataFrame = {
    val instruments = spark.sparkContext.broadcast(reference)
    val own = Map(
      "received" -> unix_micros(col("timestamp")),
      "ingested" -> lit(at),
      "timestamp_type" -> col("timestampType"),
      "headers" -> withSettings(settings)
    )
    val columns =
      kafkaOrigin.names.toSeq.map(name => own.getOrElse(name, col(name)).as(name))
    val value = kafkaOrigin.fieldIndex("value")
    val received = kafkaOrigin.fieldIndex("received")
    val rows = records.select(columns: _*).rdd.mapPartitions { part =>
      val decoder = RecordDecoder.ofTask(instruments.value)
      decoder.decode(part.map { row =>
        // A record without a value is blank.
        val bytes = Option(row.getAs[Array[Byte]](value)).getOrElse(Array.emptyByteArray)
        RawRecord(bytes, row.getLong(received), settings, row.toSeq)
      })
    }
    fromDecoded(
      spark.createDataFrame(
        rows,
        StructType(kafkaOrigin ++ RecordColumns.encoded ++ Layout.versions)
      )
    )
  }

  /** A record's headers, with one more that says how it is read where that is not the plain way. */
  private def withSettings(settings: RecordSettings): Column = {
    val headers = coalesce(col("headers"), array().cast(headerType))
    if (settings == RecordSettings.plain) headers
    else {
      val said = struct(
        lit(Bronze.SettingsHeader).as("key"),
        lit(settings.json).cast("binary").as("value")
      )
      concat(headers, array(said).cast(headerType))
    }
  }

  /** Refuses rows that conflict with each other or with the accepted rows of both tables. */
  def decided(arriving: DataFrame): DataFrame =
    Arrivals.refuseConflicts(arriving, earlier(arriving))

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
    val accepted = arriving.where(col("reason").isNull)
    val keys = accepted.select(Arrivals.key.map(col): _*).distinct()
    val series =
      keys.select("series").distinct().limit(MostSeries + 1).collect().map(_.getString(0))
    // Statistics of the files then skip most of them.
    val known = if (series.length > MostSeries) lit(true) else col("series").isin(series.toSeq: _*)
    val near = known && Bounds.of(accepted, Seq("ts")).on("")
    existing
      .where(col("reason").isNull && near)
      .join(keys, Arrivals.key, "left_semi")
      .select(arriving.columns.map(col).toSeq: _*)
  }
}

private[lake] object Decoding {

  /** With more series than this, they are not listed in a filter. */
  private val MostSeries = 1000

  /** Kafka's code for a timestamp that the receiver set. */
  private val LogAppendTime = 1

  private val origin = StructType.fromDDL(
    """value BINARY, topic STRING, partition INT, offset BIGINT, received BIGINT, ingested BIGINT,
      |timestamp_type INT, key BINARY""".stripMargin
  )
  private val headerType = Layout.bronzeStock.schema("headers").dataType
  private val kafkaOrigin = origin.add("headers", headerType)
  private val decodedSchema = StructType(origin ++ RecordColumns.encoded ++ Layout.versions)

  private val reasonPlace = decodedSchema.fieldIndex("reason")

  private def rawRecords(
      file: SourceFile,
      started: Long,
      hadoop: Configuration
  ): Iterator[RawRecord] = {
    val lines = file.lines(hadoop)
    TaskContext.get().addTaskCompletionListener[Unit](_ => lines.close())
    lines.map { case (number, bytes) =>
      val place = Seq[Any](bytes, file.topic, 0, number)
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
      Layout.bronzeStock.schema
        .filter(field => field.name != "headers" || rows.columns.contains("headers"))
        .map(field => own.getOrElse(field.name, col(field.name)).as(field.name)): _*
    )
  }
}
