package io.financelake.jobs

import io.financelake.lake._
import io.financelake.market.RecordSettings
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.DataFrame

/** Batches of Kafka into Bronze: each offset once, by the table's own log. */
class ReceiveSuite extends LakeSuite {
  private def batch(offsets: Range): DataFrame =
    kafka(
      offsets.map { offset =>
        if (offset % 10 == 9) null else quote(f"2024-03-04T10:$offset%02d:00Z", 10)
      },
      offsets.start.toLong
    )

  private def bronze(lake: Lake, records: DataFrame): Outcome =
    new Bronze(lake, "").receive(Layout.bronzeStock, records, RecordSettings.plain, Job.now())

  test("a batch that comes again, whole or in part, adds what is new only") {
    withFolder { folder =>
      val lake = new Lake(spark, new Path(folder.resolve("lake").toUri))
      assert(bronze(lake, batch(0 until 15)).rowsWritten == 15)
      assert(!bronze(lake, batch(0 until 15)).committed)
      assert(bronze(lake, batch(10 until 25)).rowsWritten == 10)
      val stored = rows(table(folder.resolve("lake"), "bronze/stock_data"))
      assert(stored.map(_.getAs[Long]("offset")).sorted == (0L until 25L))
      val blank = stored.filter(_.getAs[String]("reason") == "empty_line")
      assert(blank.map(_.getAs[Long]("offset")).sorted == Seq(9L, 19L))
      assert(stored.count(_.getAs[String]("reason") == null) == 23)
    }
  }

  test("of two writers of a table, the one that is behind is refused") {
    withFolder { folder =>
      val lake = new Lake(spark, new Path(folder.resolve("lake").toUri))
      bronze(lake, batch(0 until 5))
      val location = lake.table(Layout.bronzeStock)
      val refused = intercept[IllegalStateException] {
        location.advance(location.rows.limit(1), Map("financelake/data_stock/0" -> (3L -> 7L)))
      }
      assert(refused.getMessage.contains("has taken financelake/data_stock/0 to 5"))
      assert(location.rows.count() == 5)
    }
  }
}
