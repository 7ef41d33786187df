package io.financelake.jobs

import io.financelake.jni.NativeLibrary

/** Refused records are shown, and decided again when the reference has grown. */
class QuarantineSuite extends LakeSuite {

  test("a replay with a reference accepts what was missing, once, and leaves its trace") {
    withFolder { folder =>
      val lake = folder.resolve("lake")
      importing(dirty, lake, "--reference", emptyReference(folder))
      val before = refused(lake)
      val listed = run(Quarantine, "list", "--lake", lake.toString, "--limit", "1")
      assert(listed.code == 0 && listed.out.contains("missing_field"), listed.out)
      assert(listed.out.contains(s"${before.size} records refused for"), listed.out)
      assert(!listed.out.contains("empty_line"))
      val filtered =
        run(
          Quarantine,
          "list",
          "--lake",
          lake.toString,
          "--reason",
          "zero_price",
          "--table=bond_data"
        )
      assert(filtered.out == "0 records refused for 0 reasons\n")

      val replayed =
        run(Quarantine, "replay", "--lake", lake.toString, "--reference", instruments)
      assert(replayed.code == 0, replayed.err)
      // Lines 30 and 31 only lack what the reference has; all others stay refused for their reason.
      assert(refused(lake) == before -- Seq(30L, 31L))
      assert(
        table(lake, "silver/stock_data").where("offset IN (30, 31) AND region = 'US'").count() == 2
      )
      val line =
        s"replayed ${before.size} refused records: 2 accepted now, 0 refused for another reason"
      assert(replayed.out.contains(line), replayed.out)

      val trace = table(lake, "bronze/stock_data")
        .where("offset = 30")
        .selectExpr("filter(headers, h -> h.key = 'financelake.replay')[0].value", "region")
        .head()
      val note = new String(trace.getAs[Array[Byte]](0))
      assert(note.contains(""""reason":"missing_field"""") && note.contains("replayed_at"), note)
      assert(trace.getString(1) == "US")

      val settled = versions(lake)
      val again = run(Quarantine, "replay", "--lake", lake.toString, "--reference", instruments)
      assert(again.out.contains("0 accepted now, 0 refused for another reason"), again.out)
      assert(versions(lake) == settled)
      assert(importing(dirty, lake, "--reference", instruments).out.contains("imported 0 of 1"))
      assert(NativeLibrary.liveHandles() == 0)
    }
  }

  test("wrong arguments are one line and exit code 2") {
    def refusal(arguments: String*): String = {
      val done = run(Quarantine, arguments: _*)
      assert(done.code == 2 && done.err.linesIterator.size == 1, done.err)
      done.err
    }
    assert(refusal("--lake", "x").contains("the first argument is ''; write list or replay"))
    assert(refusal("show", "--lake", "x").contains("the first argument is 'show'"))
    assert(refusal("list", "--lake", "no/such").contains("--lake no/such: "))
    assert(refusal("list", "--lake", ".", "--limit", "x").contains("--limit x is not a number"))
    assert(refusal("list", "--lake", ".", "--table", "x").contains("write stock_data or bond_data"))
  }

  private def emptyReference(folder: java.nio.file.Path): String =
    write(
      folder.resolve("empty.csv"),
      Seq("symbol,name,region,asset_class,currency,exchange")
    ).toString

  private def refused(lake: java.nio.file.Path): Map[Long, String] =
    rows(
      table(lake, "bronze/stock_data")
        .where("region = '__invalid' AND reason != 'empty_line'")
        .select("offset", "reason")
    ).map(row => row.getLong(0) -> row.getString(1)).toMap
}
