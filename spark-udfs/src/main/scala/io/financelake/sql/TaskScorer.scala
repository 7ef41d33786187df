package io.financelake.sql

import org.apache.spark.TaskContext

import io.financelake.jni.NativeTrend

/** Scores windows with a model that a task opens with its first window and closes at its end; outside of a task it
  * is open for one window.
  */
final private[financelake] class TaskScorer(val model: TrendModel) extends Serializable {
  @transient private var opened: Option[(TaskContext, NativeTrend)] = _

  /** Class and probabilities of one window, its rows one after the other; nothing where a value is not finite.
    *
    * @throws java.lang.IllegalArgumentException
    *   if it has another length than the model's windows
    */
  def score(window: Array[Double]): Option[Array[Float]] = {
    val wanted = model.window * model.features.size
    if (window.length != wanted)
      throw new IllegalArgumentException(
        s"a window has ${window.length} values; one of $model has ${model.window} rows of " +
          s"${model.features.size} features, $wanted values"
      )
    Some(scoring(_.score(window))).filterNot(_(0).isNaN)
  }

  private def scoring[T](body: NativeTrend => T): T = TaskContext.get() match {
    case null =>
      val scorer = NativeTrend.open(model.file)
      try body(scorer)
      finally scorer.close()
    case task =>
      if (opened == null || !opened.exists(_._1 eq task)) {
        val scorer = NativeTrend.open(model.file)
        task.addTaskCompletionListener[Unit](_ => scorer.close())
        opened = Some(task -> scorer)
      }
      body(opened.get._2)
  }
}
