package io.financelake.ml

import java.util.Locale

import scala.collection.mutable.ArrayBuffer
import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import com.fasterxml.jackson.databind.node.{ArrayNode, ObjectNode}
import io.financelake.jni.NativeTrainer
import io.financelake.lake.TrendFeatures
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions.{col, expr}

/** A training under way on the driver: Spark computes the features of all series, the native library trains in the
  * calling thread, an epoch per call.
  *
  * @param plan
  *   what [[io.financelake.jni.NativeTrainer.open]] takes
  */
final private[financelake] class TrendTraining(plan: ObjectNode) extends AutoCloseable {
  import TrendTraining._

  private val native = NativeTrainer.open(plan.toString)

  private var finished = false

  /** The epochs so far, as the native library told of them. */
  val epochs: ArrayNode = mapper.createArrayNode()

  /** Adds bars, rows of a Silver table. */
  def add(bars: DataFrame): Added = {
    val features = TrendFeatures.sql(plan.path("features")).zipWithIndex
    val named = features.map { case (sql, index) => expr(sql).cast("double").as(s"f$index") }
    val rows = bars
      .select(Seq(col("series"), col("ts"), col("seq"), col("close")) ++ named: _*)
      .orderBy("series", "ts", "seq")
      .toLocalIterator()
      .asScala
    val width = features.size + 1
    val names = ArrayBuffer.empty[String]
    var count = 0L
    for (block <- rows.grouped(BlockRows)) {
      val values = new Array[Double](block.size * width)
      val starts = ArrayBuffer.empty[Int]
      for ((row, index) <- block.zipWithIndex) {
        val series = row.getString(0)
        if (names.lastOption.forall(_ != series)) {
          names += series
          starts += index
        }
        for (column <- 0 until width) {
          val at = column + 3
          values(index * width + column) = if (row.isNullAt(at)) Double.NaN else row.getDouble(at)
        }
      }
      native.add(values, starts.toArray)
      count += block.size
    }
    Added(count, names.toSeq)
  }

  /** Makes samples of the rows; how many there are per part and class. */
  def begin(): ObjectNode = parsed(native.begin())

  /** Takes windows as samples. */
  def begin(windows: Array[Double], labels: Array[Int], parts: Array[Int]): ObjectNode =
    parsed(native.begin(windows, labels, parts))

  /** Goes on from a saved state, with the same samples and settings. */
  def resume(earlier: ArrayNode, state: Array[Byte]): Unit = {
    finished = native.restore(state)
    epochs.addAll(earlier)
    ()
  }

  /** The state after the epochs so far. */
  def save(): Array[Byte] = native.save()

  /** Trains until the end, and tells of each epoch. Ends early when the thread is interrupted. */
  def run(tell: JsonNode => Unit): Unit =
    while (!finished) {
      if (Thread.interrupted()) throw new InterruptedException("the training was interrupted")
      val epoch = parsed(native.epoch())
      epochs.add(epoch)
      finished = epoch.path("finished").asBoolean
      tell(epoch)
    }

  def scores(): ObjectNode = parsed(native.scores())

  /** Per sample of a part its class and the scaled features of its last row. */
  def samples(part: Int): Iterator[Array[Double]] =
    native.samples(part).grouped(plan.path("features").size + 1)

  def model(about: JsonNode): Array[Byte] = native.model(about.toString)

  override def close(): Unit = native.close()
}

private[financelake] object TrendTraining {
  private val mapper = new ObjectMapper
  private val BlockRows = 4096

  /** Rows that were added. */
  final case class Added(rows: Long, names: Seq[String]) {
    def series: Long = names.size.toLong
  }

  private def parsed(json: String): ObjectNode = mapper.readTree(json).asInstanceOf[ObjectNode]

  /** An epoch in a line. */
  def line(epoch: JsonNode): String = {
    def value(name: String): String = "%.4f".formatLocal(Locale.ROOT, epoch.path(name).asDouble)
    val validation =
      if (epoch.has("validation_loss"))
        s", validation loss ${value("validation_loss")}, accuracy ${value("validation_accuracy")}"
      else ""
    s"epoch ${epoch.path("number").asInt}: loss ${value("loss")}$validation, best ${epoch.path("best").asInt}"
  }
}
