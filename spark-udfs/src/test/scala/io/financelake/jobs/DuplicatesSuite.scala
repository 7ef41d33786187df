package io.financelake.jobs

import java.nio.file.{Files, Path}

import org.apache.spark.sql.Row

/** The shared vector of duplicates, imported in one file and in several imports one after the other. */
class DuplicatesSuite extends LakeSuite {

  private case class Arrival(number: Int, record: String, decision: String)

  private val vector: Seq[Arrival] =
    Files.readString(Path.of("native/market/tests/dedup.csv")).linesIterator.toSeq.tail.map {
      line =>
        val Array(
          _,
          number,
          series,
          ts,
          seq,
          revision,
          open,
          high,
          low,
          close,
          volume,
          event,
          decision
        ) =
          line.split(",", -1): @unchecked
        val Array(symbol, freq, source, adjustment) = series.split('/'): @unchecked
        val stated = if (volume.isEmpty) "null" else volume
        val record =
          s"""{"symbol":"$symbol","freq":"$freq","source":"$source","adjustment":"$adjustment",""" +
            s""""region":"EU","asset_class":"equity","ts":"$ts","seq":$seq,"revision":$revision,""" +
            s""""open":$open,"high":$high,"low":$low,"close":$close,"volume":$stated,"event_id":"$event"}"""
        Arrival(number.toInt, record, decision)
    }

  /** What the lake says about each record: kept in Silver, refused, or neither. */
  private def decisions(lake: Path): Map[(String, Long), String] = {
    val kept = Seq("silver/stock_data", "silver/stock_daily")
      .flatMap(name => rows(table(lake, name).select("topic", "offset")))
      .map(row => (row.getString(0), row.getLong(1)))
    rows(table(lake, "bronze/stock_data").select("topic", "offset", "reason")).map { row =>
      val place = (row.getString(0), row.getLong(1))
      place -> Option(row.getString(2)).getOrElse(if (kept.contains(place)) "keep" else "dropped")
    }.toMap
  }

  private def check(lake: Path, files: Seq[(String, Seq[Arrival])]): Unit = {
    val found = decisions(lake)
    val expected = files.flatMap { case (name, arrivals) =>
      arrivals.zipWithIndex.map { case (arrival, index) =>
        val dropped = Seq("repeat", "superseded").contains(arrival.decision)
        (s"file:$name", index + 1L) -> (if (dropped) "dropped" else arrival.decision)
      }
    }.toMap
    assert(found == expected)
    val conflicts = expected.values.count(_ == "duplicate_conflict")
    val refused = run(Quarantine, "list", "--lake", lake.toString, "--json").out
    assert(refused.contains(s"""{"reason":"duplicate_conflict","records":$conflicts"""), refused)
  }

  test("one file has each decision of the vector, and says why it refuses") {
    withFolder { folder =>
      val lake = folder.resolve("lake")
      write(folder.resolve("all.jsonl"), vector.map(_.record))
      importing(folder.resolve("all.jsonl"), lake)
      check(lake, Seq("all.jsonl" -> vector))
      val details = rows(table(lake, "bronze/stock_data").where("offset = 8").select("detail"))
      assert(
        details.head.getString(
          0
        ) == "close 11.5 is not 11.0 as in the earlier row of this key and " +
          "revision, file:all.jsonl offset 7"
      )
    }
  }

  test("the decisions are the same when arrivals come in three imports, and Gold follows") {
    withFolder { folder =>
      val lake = folder.resolve("lake")
      // The names are against the order of arrival: what is there already comes first.
      val parts = Seq(
        "c.jsonl" -> vector.filter(_.number == 1),
        "b.jsonl" -> vector.filter(arrival => Seq(2, 3).contains(arrival.number)),
        "a.jsonl" -> vector.filter(_.number > 3)
      )
      val before = parts.map { case (name, arrivals) =>
        write(folder.resolve(name), arrivals.map(_.record))
        importing(folder.resolve(name), lake)
        versions(lake)("silver/stock_data")
      }
      assert(before == Seq(0, 1, 2))
      check(
        lake,
        parts.map { case (name, arrivals) =>
          // A row that was kept until a correction came is not in Silver any more.
          name -> arrivals
        }
      )
      val corrected = table(lake, "silver/stock_data").where("minute(ts) = 35")
      assert(
        rows(corrected.select("revision", "close", "topic")) == Seq(Row(1L, 11.5, "file:b.jsonl"))
      )
      val feed = spark.read
        .format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", 1)
        .load(lake.resolve("silver/stock_data").toString)
      val changes = rows(feed.where("minute(ts) = 35").select("_change_type")).map(_.getString(0))
      assert(changes.sorted == Seq("update_postimage", "update_preimage"))

      val anew = folder.resolve("anew")
      write(folder.resolve("all.jsonl"), parts.flatMap(_._2.map(_.record)))
      importing(folder.resolve("all.jsonl"), anew)
      for (name <- Seq("gold/daily_summary", "gold/technical_indicators"))
        assert(content(lake)(name) == content(anew)(name), name)
    }
  }

  test("the daily summary and the indicators are what a computation by hand gives") {
    withFolder { folder =>
      val lake = folder.resolve("lake")
      def bar(ts: String, prices: (Int, Int, Int, Int), volume: String) =
        s"""{"symbol":"ABC","region":"EU","asset_class":"equity","ts":"$ts","open":${prices._1},""" +
          s""""high":${prices._2},"low":${prices._3},"close":${prices._4},"volume":$volume,"source":"t"}"""
      write(
        folder.resolve("bars.jsonl"),
        Seq(
          bar("2024-03-04T14:31:00Z", (12, 18, 9, 15), "300"),
          bar("2024-03-04T14:30:00Z", (10, 12, 9, 12), "100"),
          bar("2024-03-06T14:30:00Z", (15, 20, 14, 18), "null")
        )
      )
      importing(folder.resolve("bars.jsonl"), lake)
      val days = rows(table(lake, "gold/daily_summary").orderBy("date").drop("series", "date"))
      // vwap = (11 * 100 + 14 * 300) / 400
      assert(
        days == Seq(
          Row("EU", "equity", 10.0, 18.0, 9.0, 15.0, 400.0, 13.25, 2L, null, null),
          Row("EU", "equity", 15.0, 20.0, 14.0, 18.0, null, null, 1L, 15.0, 18.0 / 15 - 1)
        )
      )
      // Both go with time, whatever the order of the lines: 100 + 300, and (11 * 100 + 14 * 300) / 400.
      val running = table(lake, "gold/technical_indicators").orderBy("ts").select("obv", "vwap")
      assert(rows(running) == Seq(Row(100.0, 11.0), Row(400.0, 13.25), Row(null, null)))
    }
  }
}
