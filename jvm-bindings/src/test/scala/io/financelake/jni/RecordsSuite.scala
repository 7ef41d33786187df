package io.financelake.jni

import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path}

import org.scalatest.BeforeAndAfterEach
import org.scalatest.funsuite.AnyFunSuite

/** Records cross the boundary in batches and come back as the columns that Rust made. */
class RecordsSuite extends AnyFunSuite with BeforeAndAfterEach {
  private val memory = OffHeap.memory
  private val received = 1796083200000000L
  private val quotes = """{"symbol":"ABC","region":"EU","asset_class":"equity","ts":""" +
    """"2024-03-04T14:30:00Z","open":10,"high":12,"low":9,"close":11.5,"source":"é中📈","seq":3}"""

  override def afterEach(): Unit = assert(NativeLibrary.liveHandles() == 0)

  private def withBlock[T](bytes: Long)(body: Long => T): T = {
    val address = memory.allocateMemory(bytes.max(8))
    try body(address)
    finally memory.freeMemory(address)
  }

  private def parse[T](records: NativeRecords, lines: Seq[Array[Byte]])(
      body: NativeRecordBatch => T
  ): T = {
    val values = lines.flatten.toArray
    val ends = lines.scanLeft(0)(_ + _.length)
    withBlock(values.length.toLong) { valuesAddress =>
      withBlock(4L * ends.length) { offsets =>
        withBlock(8L * lines.length) { timestamps =>
          values.indices.foreach(i => memory.putByte(valuesAddress + i, values(i)))
          ends.indices.foreach(i => memory.putInt(offsets + 4L * i, ends(i)))
          lines.indices.foreach(i => memory.putLong(timestamps + 8L * i, received))
          val batch = records.parse(valuesAddress, offsets, timestamps, lines.length)
          try body(batch)
          finally batch.close()
        }
      }
    }
  }

  private val columns: Seq[(String, String)] =
    NativeRecords.schema().split(", ").toSeq.map(_.split(' ')).map(c => c(0) -> c(1))

  /** All cells of a batch, read as Spark would read them. */
  private def cells(batch: NativeRecordBatch): Seq[Map[String, Any]] = {
    val rows = batch.rows()
    val size = batch.byteSize()
    val places = new Array[Long](NativeRecordBatch.PLACES_PER_COLUMN * columns.length)
    withBlock(size) { address =>
      batch.drain(address, size, places)
      (0 until rows).map { row =>
        columns.zipWithIndex.map { case ((name, kind), column) =>
          val Seq(validity, offsets, values) =
            places.slice(3 * column, 3 * column + 3).toSeq: @unchecked
          val valid = (memory.getByte(address + validity + row / 8) >> (row % 8) & 1) == 1
          name -> (if (valid) cell(kind, address, offsets, values, row) else null)
        }.toMap
      }
    }
  }

  private def cell(kind: String, address: Long, offsets: Long, values: Long, row: Int): Any =
    kind match {
      case "STRING" =>
        val Seq(from, to) =
          Seq(row, row + 1).map(i => memory.getInt(address + offsets + 4L * i)): @unchecked
        new String(
          (from until to).map(i => memory.getByte(address + values + i)).toArray,
          UTF_8
        )
      case "DOUBLE"               => memory.getDouble(address + values + 8L * row)
      case "BIGINT" | "TIMESTAMP" => memory.getLong(address + values + 8L * row)
      case "INT" | "DATE"         => memory.getInt(address + values + 4L * row)
      case "BOOLEAN"              => memory.getByte(address + values + row) == 1
    }

  private def withRecords[T](config: String)(body: NativeRecords => T): T = {
    val records = NativeRecords.open(config)
    try body(records)
    finally records.close()
  }

  test("accepted, refused and blank records come back as rows in their order") {
    val lines = Seq(quotes, "{}", "", quotes.replace("11.5", "12.5")).map(_.getBytes(UTF_8))
    val rows = withRecords("{}")(parse(_, lines) { batch =>
      assert(batch.rows() == 4 && batch.accepted() == 1)
      cells(batch)
    })
    assert(rows.head("series") == "ABC/1m/é中📈/raw")
    assert(rows.head("ts") == 1709562600000000L && rows.head("date") == 19786)
    assert(rows.head("year") == 2024 && rows.head("seq") == 3L)
    assert(rows.head("close") == 11.5 && rows.head("closes_only") == false)
    assert(Seq("volume", "currency", "extra", "reason", "detail").forall(rows.head(_) == null))
    assert(rows.map(_("reason")) == Seq(null, "missing_field", "empty_line", "close_outside_range"))
    assert(rows(3)("detail") == "close 12.5 is above high 12")
    assert(rows.map(_("received_date")).toSet == Set(NativeRecords.dateOf(received)))
    assert(rows.tail.forall(row => row("symbol") == null && row("close") == null))
  }

  test("the faulty-record set gives through the boundary what it gives in Rust") {
    val set = Path.of("native/market/tests/dirty")
    val lines = splitLines(Files.readAllBytes(set.resolve("stock_ticks.jsonl")))
    val expected = Files.readString(set.resolve("EXPECTED.csv")).linesIterator.drop(1).toSeq
    val reference = Files.readString(Path.of("data/reference/instruments.csv"))
    val config = s"""{"reference":"${reference.replace("\n", "\\n")}"}"""
    val rows = withRecords(config) { records =>
      assert(records.referenceVersion() != 0)
      parse(records, lines)(cells)
    }
    assert(rows.length == expected.length)
    for ((row, line) <- rows.zip(expected.map(_.split(",", 4)))) {
      val Array(number, verdict, fault, _) = line: @unchecked
      verdict match {
        case "reject"              => assert(row("reason") == fault, s"line $number")
        case "skip"                => assert(row("reason") == "empty_line", s"line $number")
        case "ok" | "late" | "dup" => assert(row("reason") == null, s"line $number")
        case "either" =>
          assert(row("reason") == null || row("reason") == fault, s"line $number")
      }
    }
  }

  test("no rows need no memory") {
    withRecords("{}") { records =>
      val batch = records.parse(0, 0, 0, 0)
      assert(batch.rows() == 0 && cells(batch).isEmpty)
      batch.close()
    }
  }

  test("wrong settings, memory and blocks are bad arguments and leave nothing behind") {
    def refused(body: => Any): String = intercept[InvalidArgumentException](body).getMessage
    assert(refused(NativeRecords.open("""{"freq":"2h"}""")).contains("none of tick, 1m"))
    assert(refused(NativeRecords.open("""{"frq":"1h"}""")).contains("unknown field `frq`"))
    assert(refused(NativeRecords.open(null)) == "the configuration is null")
    withRecords("{}") { records =>
      assert(refused(records.parse(0, 0, 0, -1)).contains("rows is -1"))
      assert(refused(records.parse(0, 0, 0, 1)).contains("offsets is a null address"))
      withBlock(64) { block =>
        memory.setMemory(block, 64, 0)
        assert(refused(records.parse(0, block + 2, block, 1)).contains("not aligned"))
        memory.putInt(block, 7)
        memory.putInt(block + 4, 3)
        assert(refused(records.parse(block, block, block + 8, 1)).contains("offsets of row 0"))
        memory.putInt(block, 0)
        assert(refused(records.parse(0, block, block + 8, 1)).contains("values is a null address"))
      }
      parse(records, Seq(quotes.getBytes(UTF_8))) { batch =>
        val size = batch.byteSize()
        val places = new Array[Long](3 * columns.length)
        withBlock(size) { block =>
          assert(refused(batch.drain(block, size, null)).contains("has 0 elements"))
          assert(refused(batch.drain(block, size, new Array[Long](3))).contains("has 3 elements"))
          assert(refused(batch.drain(0, size, places)).contains("null address"))
          assert(refused(batch.drain(block, size - 1, places)).contains("allocate byteSize()"))
          assert(refused(batch.drain(block, -1, places)).contains("below zero"))
          batch.drain(block, size, places)
          assert(refused(batch.drain(block, size, places)).contains("drained before"))
          assert(refused(batch.rows()).contains("drained before"))
        }
      }
    }
  }

  test("a closed parser refuses, and its batches live on") {
    val records = NativeRecords.open("{}")
    parse(records, Seq(quotes.getBytes(UTF_8))) { batch =>
      records.close()
      records.close()
      intercept[ClosedHandleException](records.parse(0, 0, 0, 0))
      assert(cells(batch).length == 1)
    }
  }

  private def splitLines(bytes: Array[Byte]): Seq[Array[Byte]] = {
    val ends = bytes.indices.filter(bytes(_) == '\n')
    (0 +: ends.map(_ + 1)).zip(ends).map { case (from, to) => bytes.slice(from, to) }
  }
}
