package io.financelake.table

import org.apache.spark.SPARK_VERSION

/** The releases of Spark and Delta that procedures were tested with. They use Delta's own transaction, whose interface is
  * not a public one.
  */
private object Versions {
  private val tested = Seq("4.0" -> "4.4", "4.1" -> "4.4", "4.2" -> "4.4")

  def check(procedure: String): Unit = {
    def minor(version: String): String = version.split('.').take(2).mkString(".")
    val delta =
      try minor(io.delta.VERSION)
      catch { case _: LinkageError => "none" }
    val spark = minor(SPARK_VERSION)
    if (!tested.contains(spark -> delta)) {
      val pairs = tested.map { case (spark, delta) => s"Spark $spark with Delta $delta" }
      throw new UnsupportedOperationException(
        s"$procedure was not tested with Spark $spark and Delta $delta; use ${pairs.mkString(", ")}, " +
          "or the command `financelake table`"
      )
    }
  }
}
