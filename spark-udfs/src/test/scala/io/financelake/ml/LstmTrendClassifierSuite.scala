package io.financelake.ml

import scala.util.Random

import io.financelake.SparkSuite
import io.financelake.jni.NativeLibrary
import org.apache.spark.ml.{Pipeline, PipelineModel}
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator
import org.apache.spark.ml.linalg.{Vector, Vectors}
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions.col

/** The LSTM as a stage of MLlib. */
class LstmTrendClassifierSuite extends SparkSuite {
  import spark.implicits._

  /** Windows of four rows of two features; the label says whether the first feature rises, falls or neither. */
  private def windows(count: Int, signal: Boolean): DataFrame = {
    val random = new Random(1)
    (0 until count)
      .map { index =>
        val slope = random.nextInt(3)
        val first = random.nextDouble()
        val rows = (0 until 4).flatMap { step =>
          Seq(
            first + Seq(-0.2, 0.2, 0.0)(slope) * step + random.nextGaussian() * 0.02,
            random.nextDouble()
          )
        }
        val label = if (signal) slope else random.nextInt(3)
        (Vectors.dense(rows.toArray): Vector, label.toDouble, index >= count * 3 / 4)
      }
      .toDF("features", "label", "later")
  }

  private def classifier = new LstmTrendClassifier()
    .setWindow(4)
    .setLayers(Array(8, 6, 4))
    .setStepSize(0.01)
    .setMaxIter(25)
    .setValidationIndicatorCol("later")

  private def accuracy(data: DataFrame): Double =
    new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(data)

  test("a signal is learnt, noise is not, and a saved pipeline gives the same") {
    val data = windows(600, signal = true)
    val fitted = new Pipeline().setStages(Array(classifier)).fit(data)
    val later = data.where(col("later"))
    val scored = fitted.transform(later)
    assert(accuracy(scored) > 0.9)
    withFolder { folder =>
      val path = folder.resolve("pipeline").toString
      fitted.write.overwrite().save(path)
      val loaded = PipelineModel.load(path)
      def results(model: PipelineModel) =
        model.transform(later).select("probability", "prediction").collect().toSeq
      assert(results(loaded) == results(fitted))
      val estimator = folder.resolve("estimator").toString
      classifier.setSeed(5).save(estimator)
      assert(LstmTrendClassifier.load(estimator).getSeed == 5L)
    }
    val noise = windows(600, signal = false)
    val guessed = classifier.fit(noise).transform(noise.where(col("later")))
    assert(accuracy(guessed) < 0.45)
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("arrays are taken like vectors, and windows without a score are NULL") {
    val model = classifier.setMaxIter(1).fit(windows(60, signal = true))
    val arrays = Seq(
      (1, Seq[java.lang.Double](0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
      (2, Seq[java.lang.Double](0.1, null, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
      (3, null)
    ).toDF("id", "features")
    val found = model.transform(arrays).orderBy("id").select("prediction").collect().toSeq
    assert(found.map(_.isNullAt(0)) == Seq(false, true, true))
    val wrong = intercept[IllegalArgumentException] {
      classifier.setWindow(5).fit(windows(60, signal = true))
    }
    assert(
      wrong.getMessage.contains("the first row of features has 8 values, which are not 5 rows")
    )
  }
}
