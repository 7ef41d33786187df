package io.financelake.lake

import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.expressions.Window
import org.apache.spark.sql.functions._

/** Which of several rows with one key stays: the rules of `docs/market-records.md`, section Duplicates.
  *
  * Arrivals are ordered by (time of ingestion, topic, partition, offset), so the files of one import
  * arrive in the order of their names.
  */
object Arrivals {

  /** What stands for a row. */
  val key: Seq[String] = Seq("series", "ts", "seq")

  private val place = Seq("topic", "partition", "offset")

  /** What a row says about the market: equal content makes a repeat. */
  private val content = Seq(
    "open",
    "high",
    "low",
    "close",
    "volume",
    "closes_only",
    "region",
    "asset_class",
    "currency"
  )

  private def together(names: Seq[String]): Column = struct(names.map(col): _*)

  /** Refuses rows that differ from the first arrival of their key and revision: `reason` becomes
    * `duplicate_conflict`, and `detail` says where the first one is and what it has.
    *
    * @param arriving
    *   rows of Bronze, refused ones included
    * @param earlier
    *   the accepted rows that are there already
    */
  def refuseConflicts(arriving: DataFrame, earlier: DataFrame): DataFrame = {
    val isEarlier = "__earlier"
    val home = "__home"
    val earliest = "__earliest"
    val all = earlier
      .withColumn(isEarlier, lit(true))
      .unionByName(arriving.withColumn(isEarlier, lit(false)))
      // Refused rows have no series; they spread by where they come from, and one partition holds
      // a series whole.
      .withColumn(
        home,
        coalesce(col("series"), concat_ws("#", col("topic"), floor(col("offset") / 4096)))
      )
      .repartition(col(home))
    val revisions =
      Window
        .partitionBy((home +: key :+ "revision").map(col): _*)
        .orderBy(col(isEarlier).desc +: ("ingested_at" +: place).map(col): _*)
    val firstContent = together(content.map(name => s"$earliest.$name"))
    val conflict =
      col("reason").isNull && !(together(content) <=> firstContent) && !col(isEarlier)
    val differences = content.map { name =>
      val (here, there) = (col(name), col(s"$earliest.$name"))
      def shown(value: Column) = coalesce(value.cast("string"), lit("none"))
      when(!(here <=> there), concat(lit(s"$name "), shown(here), lit(" is not "), shown(there)))
    }
    val detail = concat(
      concat_ws(", ", differences: _*),
      lit(" as in the earlier row of this key and revision, "),
      col(s"$earliest.topic"),
      lit(" offset "),
      col(s"$earliest.offset").cast("string")
    )
    all
      .withColumn(
        earliest,
        first(together(content ++ Seq("topic", "offset"))).over(revisions)
      )
      .withColumn("__conflict", conflict)
      .where(!col(isEarlier))
      .withColumn("reason", when(col("__conflict"), "duplicate_conflict").otherwise(col("reason")))
      .withColumn("detail", when(col("__conflict"), detail).otherwise(col("detail")))
      .withColumn("region", when(col("__conflict"), Layout.Invalid).otherwise(col("region")))
      .drop(isEarlier, home, earliest, "__conflict")
  }

  /** Of accepted rows, per key the one that stands: the first arrival of the highest revision.
    *
    * @param accepted
    *   rows with the columns of Silver
    * @param period
    *   the partition column that `ts` decides, by which rows are brought together
    */
  def standing(accepted: DataFrame, period: String): DataFrame = {
    val arrivals = Window
      .partitionBy((period +: key).map(col): _*)
      .orderBy(col("revision").desc +: ("known_at" +: place).map(col): _*)
    accepted
      .repartition(col(period))
      .withColumn("__rank", row_number().over(arrivals))
      .where(col("__rank") === 1)
      .drop("__rank")
  }
}
