package io.financelake.ml

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import io.financelake.jni.NativeTrainer
import org.apache.spark.ml.classification.LogisticRegression
import org.apache.spark.ml.linalg.{Vector, Vectors}
import org.apache.spark.sql.{DataFrame, SparkSession}

/** What a model has to beat. */
private[financelake] object TrendBaseline {

  /** Multinomial logistic regression of MLlib over the scaled features of each window's last row, fitted to the
    * training part and scored over the test part; nothing without samples there.
    */
  def logistic(spark: SparkSession, training: TrendTraining): Option[JsonNode] = {
    val test = frame(spark, training.samples(2))
    if (test.isEmpty) None
    else {
      val fitted = new LogisticRegression().setMaxIter(100).fit(frame(spark, training.samples(0)))
      val pairs = fitted.transform(test).select("label", "prediction").collect()
      val came = pairs.map(_.getDouble(0).toInt)
      val predicted = pairs.map(_.getDouble(1).toInt)
      Some(new ObjectMapper().readTree(NativeTrainer.scores(came, predicted)))
    }
  }

  private def frame(spark: SparkSession, samples: Iterator[Array[Double]]): DataFrame =
    spark
      .createDataFrame(samples.map(s => (s.head, Vectors.dense(s.tail): Vector)).toSeq)
      .toDF("label", "features")
}
