package io.financelake.jobs

import java.nio.file.{Files, Path}

import org.apache.spark.sql.execution.FileSourceScanExec
import org.apache.spark.sql.functions._

/** What an import leaves in the lake, and what it says. */
class ImportBarsSuite extends LakeSuite {

  private def folders(body: (Path, Path) => Unit): Unit = withFolder { folder =>
    body(Files.createDirectory(folder.resolve("source")), folder.resolve("lake"))
  }

  test("rows and refusals are those of the manifest, and a second run changes nothing") {
    folders { (source, lake) =>
      val names = Seq(
        "commodity_daily_wti.csv.gz",
        "crypto_daily_btc.csv.gz",
        "us_equity_daily_long_aapl.csv.gz",
        "us_equity_adj_close_daily.csv.gz",
        "us_equity_1m_aapl.csv.gz",
        "bond_yield_daily_us.csv.gz"
      )
      val first = importing(marketFolder(source, names: _*), lake, "--reference", instruments)
      val bronze = table(lake, "bronze/stock_data").unionByName(table(lake, "bronze/bond_data"))
      val found = rows(bronze.groupBy("topic", "reason").count())
        .map(row => (row.getString(0), Option(row.getString(1))) -> row.getLong(2))
        .toMap
      val expected =
        manifest.filter(entry => names.contains(entry.get("file").asText)).flatMap { entry =>
          val topic = s"file:${entry.get("file").asText}"
          val refused = entry.get("refused").properties
          val reasons =
            scala.jdk.CollectionConverters.SetHasAsScala(refused).asScala.toSeq.map { reason =>
              (topic, Option(reason.getKey)) -> reason.getValue.asLong
            }
          ((topic, None) -> (entry.get("rows").asLong - reasons.map(_._2).sum)) +: reasons
        }
      assert(found == expected.toMap)
      assert(bronze.select("topic", "partition", "offset").distinct().count() == bronze.count())
      // The header is line 1, so the first record is line 2.
      assert(rows(bronze.agg(min("offset"), countDistinct("partition"))).head.toSeq == Seq(2L, 1L))
      val accepted = expected.collect { case ((_, None), count) => count }.sum
      val silver = tables.filter(_.startsWith("silver")).map(table(lake, _).count())
      assert(silver == Seq(2382L, accepted - 2382 - 70144, 70144L))
      assert(table(lake, "gold/technical_indicators").count() == accepted)
      assert(first.out.contains("324 refused (close_outside_range 30, null_field 294)"), first.out)
      assert(first.out.contains("commodity_daily_wti.csv.gz"), first.out)

      val (before, content1) = (versions(lake), content(lake))
      val second = importing(source, lake, "--reference", instruments)
      assert(versions(lake) == before)
      assert(second.out.contains("imported 0 of 6 files: 0 records"), second.out)
      // Without the marker of the newest commit, the rows themselves say what is there.
      spark.sql(s"ALTER TABLE delta.`$lake/bronze/stock_data` SET TBLPROPERTIES ('a.b' = 'c')")
      assert(
        importing(source, lake, "--reference", instruments).out.contains("imported 0 of 6 files")
      )
      assert(content(lake) == content1)
    }
  }

  test("the faulty-record set ends as expected, line by line") {
    withFolder { folder =>
      val lake = folder.resolve("lake")
      importing(dirty, lake, "--reference", instruments)
      val bronze = table(lake, "bronze/stock_data")
      val reasons = rows(bronze.select("offset", "reason", "detail", "region"))
        .map(row => row.getLong(0) -> row)
        .toMap
      val kept = tables
        .filter(_.startsWith("silver"))
        .flatMap(name => rows(table(lake, name).select("offset")).map(_.getLong(0)))
      assert(kept.distinct == kept)
      val expected = Files.readAllLines(dirty.resolveSibling("EXPECTED.csv")).toArray.toSeq.drop(1)
      assert(reasons.size == expected.size)
      for (Array(line, verdict, fault, _) <- expected.map(_.toString.split(",", 4))) {
        val offset = line.toLong
        val reason = Option(reasons(offset).getString(1))
        (verdict, fault) match {
          case ("reject", _) => assert(reason.contains(fault), line)
          case ("skip", _)   => assert(reason.contains("empty_line"), line)
          case ("dup", "duplicate_conflict") =>
            assert(reason.contains(fault), line)
            assert(reasons(offset).getString(2).contains("as in the earlier row"), line)
          case ("dup", _)    => assert(reason.isEmpty && !kept.contains(offset), line)
          case ("either", _) => assert(reason.isEmpty || reason.contains(fault), line)
          case _             => assert(reason.isEmpty, line)
        }
        if (verdict != "dup") assert(kept.contains(offset) == reason.isEmpty, line)
        assert((reasons(offset).getString(3) == "__invalid") == reason.isDefined, line)
      }
      val bytes = rows(bronze.orderBy("offset").select("value")).map(_.getAs[Array[Byte]](0))
      assert(
        bytes.flatMap(_ :+ '\n'.toByte) == Files.readAllBytes(dirty).toSeq,
        "records as received"
      )
      val extra = table(lake, "silver/stock_data").where("offset = 157").select("extra")
      assert(
        rows(extra).head.getMap[String, String](0) == Map("vwap" -> "175.3", "trade_count" -> "812")
      )
    }
  }

  test("a grown file brings its new lines, a changed one is refused whole") {
    folders { (source, lake) =>
      val lines = Seq(quote("2024-03-04T14:30:00Z", 11), quote("2024-03-04T14:31:00Z", 12))
      val file = write(source.resolve("quotes.jsonl.gz"), lines)
      importing(source, lake)
      val grown = lines :+ quote("2024-03-04T14:32:00Z", 13)
      write(file, grown)
      val second = importing(source, lake)
      assert(second.out.contains("imported 1 of 1 files: 1 records, 1 accepted"), second.out)
      val silver = table(lake, "silver/stock_data").orderBy("ts").select("close", "offset")
      assert(rows(silver).map(_.toSeq) == Seq(Seq(11.0, 1L), Seq(12.0, 2L), Seq(13.0, 3L)))
      assert(table(lake, "bronze/stock_data").count() == 3)
      val before = versions(lake)
      importing(source, lake)
      assert(versions(lake) == before)

      write(
        file,
        grown.updated(1, quote("2024-03-04T14:31:00Z", 12.5)) :+ quote("2024-03-04T14:33:00Z", 14)
      )
      val changed = run(ImportBars, "--source", source.toString, "--lake", lake.toString)
      assert(changed.code == 1)
      assert(changed.err.linesIterator.size == 1, changed.err)
      assert(changed.err.contains("quotes.jsonl.gz: line 2 is not the one that was imported"))
      assert(versions(lake) == before)
    }
  }

  test("days do not depend on the session's time zone, and ts skips files") {
    val zones = Seq("UTC", "America/New_York", "Asia/Tokyo")
    val found = zones.map { zone =>
      withFolder { folder =>
        withSettings("spark.sql.session.timeZone" -> zone) {
          val (source, lake) = (folder.resolve("quotes.jsonl"), folder.resolve("lake"))
          val times =
            Seq("2024-03-04T23:59:59.999999Z", "2024-03-05T00:00:00Z", "2024-03-10T07:30:00Z")
          val days = Seq("1969-12-31T00:00:00Z", "2023-12-31T00:00:00Z", "2024-01-01T00:00:00Z")
          write(
            source,
            times.map(quote(_, 11)) ++ days.map(quote(_, 12, ""","freq":"1d""""))
          )
          importing(source, lake)
          val columns = Seq("unix_micros(ts)", "unix_date(date)", "year")
          val silver = Seq("silver/stock_data", "silver/stock_daily").map(table(lake, _))
          val all =
            silver.flatMap(frame => rows(frame.selectExpr(columns: _*)).map(_.toSeq.mkString(" ")))
          val instant = table(lake, "silver/stock_data")
            .where("ts >= timestamp'2024-03-10T07:30:00Z' AND ts < timestamp'2024-03-10T07:30:01Z'")
          assert(instant.count() == 1, zone)
          assert(filesRead(instant) == 1, zone)
          assert(
            table(lake, "silver/stock_data").where("date = date'2024-03-04'").count() == 1,
            zone
          )
          val gold = table(lake, "gold/daily_summary").selectExpr("unix_date(date)", "record_count")
          (all.sorted, rows(gold).map(_.toSeq.mkString(" ")).sorted)
        }
      }
    }
    assert(found.distinct.size == 1)
    assert(found.head._1.contains("1709596799999999 19786 2024"))
    assert(found.head._1.contains("1709596800000000 19787 2024"))
    assert(found.head._1.contains("-86400000000 -1 1969"))
  }

  private def filesRead(frame: org.apache.spark.sql.DataFrame): Long = {
    val query = frame.select("close")
    query.collect()
    val plan = query.queryExecution.executedPlan
    plan.collectFirst { case scan: FileSourceScanExec => scan.metrics("numFiles").value }.get
  }

  test("a run that fails between two tables is completed by the next one") {
    folders { (source, lake) =>
      marketFolder(source, "us_equity_1m_aapl.csv.gz", "crypto_daily_btc.csv.gz")
      val undisturbed = lake.resolveSibling("undisturbed")
      importing(source, undisturbed)
      val obstacle = lake.resolve("silver/stock_daily")
      Files.createDirectories(obstacle.getParent)
      Files.writeString(obstacle, "not a folder")
      val failed = run(ImportBars, "--source", source.toString, "--lake", lake.toString)
      assert(failed.code == 1 && failed.err.startsWith("ImportBars: "), failed.err)
      assert(failed.err.linesIterator.size == 1, failed.err)
      assert(table(lake, "silver/stock_data").count() == 2382)
      Files.delete(obstacle)
      val completed = importing(source, lake)
      assert(completed.out.contains("imported 0 of 2 files"), completed.out)
      assert(content(lake) == content(undisturbed))
      assert(versions(lake).values.toSet == Set(0L))
    }
  }

  test("a broken file is named with its reason, and nothing is committed") {
    folders { (source, lake) =>
      marketFolder(source, "crypto_daily_btc.csv.gz")
      val file = source.resolve("crypto_daily_btc.csv.gz")
      val whole = Files.readAllBytes(file)
      def failure(): String = {
        val failed = run(ImportBars, "--source", source.toString, "--lake", lake.toString)
        assert(failed.code == 1 && failed.err.linesIterator.size == 1, failed.err)
        assert(
          !Files.exists(lake.resolve("bronze/stock_data/_delta_log/00000000000000000000.json"))
        )
        failed.err
      }
      Files.write(file, whole.dropRight(100))
      assert(failure().matches("(?s)ImportBars: .*crypto_daily_btc.csv.gz: Unexpected end of .*"))
      Files.write(file, whole.updated(0, 'x'.toByte))
      assert(failure().contains("crypto_daily_btc.csv.gz: Not in GZIP format"))
      write(file, Seq("symbol,ts,close", "ABC,2024-03-04,12"))
      assert(failure().contains("its first line is 'symbol,ts,close', but the manifest declares"))
      Files.writeString(source.resolve("MANIFEST.json"), "{")
      assert(failure().contains("MANIFEST.json: "))
    }
  }

  test("wrong arguments and missing paths are one line and exit code 2") {
    def refused(arguments: String*): String = {
      val done = run(ImportBars, arguments: _*)
      assert(done.code == 2 && done.err.linesIterator.size == 1, done.err)
      done.err
    }
    assert(refused("--source", "x") == "ImportBars: --lake PATH is missing: --help explains it\n")
    assert(refused("--sorce", "x").contains("unknown argument '--sorce'"))
    assert(refused("--source").contains("--source needs a value: --source PATH"))
    assert(refused("--source", "--lake").contains("--source needs a value"))
    assert(refused("--source", "a", "--source=b").contains("--source is given twice"))
    assert(refused("--register=yes").contains("--register takes no value"))
    assert(refused("--source", "no/such", "--lake", "x").contains("--source no/such: "))
    assert(refused("--source", "docs", "--lake", "x").contains("there is no MANIFEST.json in"))
    val missing = refused("--source", "data/market", "--lake", "x", "--reference", "no/such.csv")
    assert(missing.contains("--reference no/such.csv: "))
    val help = run(ImportBars, "--help")
    assert(
      help.code == 0 && help.out.contains(
        "usage: spark-submit --class io.financelake.jobs.ImportBars"
      )
    )
  }

  test("registered tables are found by name, and a name is never bent to another lake") {
    folders { (source, lake) =>
      write(source.resolve("quotes.jsonl"), Seq(quote("2024-03-04T14:30:00Z", 11)))
      try {
        importing(source, lake, "--register")
        importing(source, lake, "--register")
        assert(spark.table("silver.stock_data").count() == 1)
        assert(spark.sql("SELECT rsi_14 FROM gold.technical_indicators").count() == 1)
        val other = lake.resolveSibling("other")
        val taken = run(
          ImportBars,
          Seq("--source", source.toString, "--lake", other.toString, "--register"): _*
        )
        assert(
          taken.code == 1 && taken.err.contains("bronze.stock_data is registered at"),
          taken.err
        )
      } finally
        Seq("bronze", "silver", "gold").foreach { layer =>
          spark.sql(s"DROP SCHEMA IF EXISTS spark_catalog.$layer CASCADE")
        }
    }
  }
}
