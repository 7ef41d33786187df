package io.financelake.lake

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import io.financelake.sql.TrendModel
import org.apache.spark.sql.{Column, DataFrame, Row}
import org.apache.spark.sql.functions._

/** How far the features of bars have moved from those that a model was trained on: the population stability index over
  * tenths of the training part. Below 0.1 it is usually called stable, above 0.25 another population.
  */
final class FeatureDrift(model: TrendModel) {
  import FeatureDrift._

  private val features: Seq[Trained] = {
    val known = model.card.path("training").path(Key)
    model.card.path("features").elements.asScala.toSeq.map { feature =>
      val name = feature.path("name").asText
      def numbers(field: String): Seq[Double] =
        known.path(name).path(field).elements.asScala.map(_.asDouble).toSeq
      val (low, high) = (feature.path("min").asDouble, feature.path("max").asDouble)
      Trained(name, low, high, numbers("edges"), numbers("shares"))
    }
  }

  /** Whether the model says what it was trained on; those of other programs do not. */
  val known: Boolean = features.forall(_.shares.nonEmpty)

  /** Per period of the bars and feature, the index.
    *
    * @param bars
    *   whole series, since features depend on earlier bars
    * @param period
    *   of a bar, by its `ts`; bars without one are left out
    */
  def of(bars: DataFrame, period: Column): Map[(Any, String), Double] =
    if (!known) Map.empty
    else {
      val values = TrendFeatures.sql(model.card.path("features")).zip(features).map {
        case (sql, feature) => feature.bin(expr(sql).cast("double"))
      }
      bars
        .select(col("ts"), array(values: _*).as("bins"))
        .select(period.as("period"), posexplode(col("bins")).as(Seq("feature", "bin")))
        .where(col("period").isNotNull && col("bin").isNotNull)
        .groupBy("period", "feature", "bin")
        .count()
        .collect()
        .toSeq
        .groupBy(row => (row.get(0), row.getInt(1)))
        .map { case ((period, feature), counts) =>
          val trained = features(feature)
          (period, trained.name) -> trained.index(counts)
        }
    }
}

object FeatureDrift {

  /** Where a model's description has the distributions. */
  val Key = "distribution"

  /** Above it, features are those of another population. */
  val Much = 0.25

  private val Bins = 10

  /** Shares below are counted as this, which keeps logarithms finite. */
  private val Least = 1e-4

  /** A feature as it was in training: the inner edges of its tenths, scaled, and the share of the samples in each. */
  final private case class Trained(
      name: String,
      low: Double,
      high: Double,
      edges: Seq[Double],
      shares: Seq[Double]
  ) {

    /** The tenth of a value: how many edges are below it. */
    def bin(value: Column): Column = {
      val width = high - low
      val scaled = if (width > 0) (value - low) / width else value * 0
      val above = edges.map(edge => when(scaled > edge, 1).otherwise(0))
      when(value.isNotNull && !isnan(value), above.reduceOption(_ + _).getOrElse(lit(0)))
    }

    def index(counts: Seq[Row]): Double = {
      val all = counts.map(_.getLong(3)).sum.toDouble
      val now = counts.map(row => row.getInt(2) -> row.getLong(3) / all).toMap
      shares.zipWithIndex.map { case (share, bin) =>
        val (was, is) = (share.max(Least), now.getOrElse(bin, 0.0).max(Least))
        (is - was) * math.log(is / was)
      }.sum
    }
  }

  /** The distributions for a model's description.
    *
    * @param samples
    *   of the training part: the class, then the scaled features of the last row
    */
  private[financelake] def distribution(
      features: Seq[String],
      samples: Iterator[Array[Double]]
  ): ObjectNode = {
    val root = new ObjectMapper().createObjectNode()
    val columns = samples.toArray.transpose.drop(1)
    features.zip(columns).foreach { case (name, values) =>
      val sorted = values.sorted
      val edges = (1 until Bins).map(i => sorted(i * (sorted.length - 1) / Bins)).distinct
      val counts =
        values.groupBy(value => edges.count(_ < value)).map { case (b, v) => b -> v.length }
      val shares = (0 to edges.size).map(counts.getOrElse(_, 0).toDouble / values.length)
      val node = root.putObject(name)
      val (edge, share) = (node.putArray("edges"), node.putArray("shares"))
      edges.foreach(edge.add(_))
      shares.foreach(share.add(_))
    }
    root
  }
}
