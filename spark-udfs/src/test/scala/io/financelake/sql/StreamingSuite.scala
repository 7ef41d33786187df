package io.financelake.sql

import java.nio.file.Files

import scala.collection.mutable

import org.apache.spark.sql.{AnalysisException, DataFrame}
import org.apache.spark.sql.streaming.Trigger

import io.financelake.SparkSuite

/** Streams: refused by Spark itself as every window over rows, and possible batch by batch. */
class StreamingSuite extends SparkSuite {

  test("a stream refuses indicators as it refuses Spark's own window functions") {
    withFolder { folder =>
      def refusal(function: String): String = {
        val query = spark.readStream
          .format("rate")
          .load()
          .selectExpr(s"$function OVER (PARTITION BY value % 2 ORDER BY timestamp) AS result")
        intercept[AnalysisException](
          query.writeStream.format("noop").option("checkpointLocation", folder.toString).start()
        ).getMessage
      }
      for (function <- Seq("ta_sma(value, 2)", "sum(value)"))
        assert(refusal(function).contains("NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING"))
    }
  }

  test("foreachBatch computes them over each batch") {
    withFolder { folder =>
      val input = Files.createDirectory(folder.resolve("in"))
      Files.writeString(
        input.resolve("a.json"),
        (1 to 4).map(i => s"""{"ts":$i,"close":$i}""").mkString("\n")
      )
      val results = mutable.Buffer.empty[Any]
      val collect = (batch: DataFrame, _: Long) => {
        val sma = batch.selectExpr("ta_sma(close, 2) OVER (ORDER BY ts) AS sma")
        results ++= sma.collect().map(_.get(0))
        ()
      }
      spark.readStream
        .schema("ts INT, close DOUBLE")
        .json(input.toString)
        .writeStream
        .foreachBatch(collect)
        .option("checkpointLocation", folder.resolve("checkpoint").toString)
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination()
      assert(results.toSeq == Seq[Any](null, 1.5, 2.5, 3.5))
    }
  }
}
