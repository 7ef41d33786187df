package io.financelake.connect

import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path}
import java.util.ServiceLoader

import scala.collection.mutable
import scala.jdk.CollectionConverters._
import scala.util.Using

import io.financelake.connect.transforms.{NormalizeQuote, ValidateQuote}
import io.financelake.jni.NativeLibrary
import org.apache.kafka.common.config.ConfigException
import org.apache.kafka.common.record.TimestampType
import org.apache.kafka.connect.errors.DataException
import org.apache.kafka.connect.sink.SinkRecord
import org.apache.kafka.connect.transforms.Transformation
import org.scalatest.BeforeAndAfterEach
import org.scalatest.funsuite.AnyFunSuite

/** The transforms decide as the sink does, and as the import does, which has the same native rules. */
final class TransformSuite extends AnyFunSuite with BeforeAndAfterEach {
  private val received = 1767225600000L
  private val reference = "instruments.reference" -> "data/reference/instruments.csv"

  override def afterEach(): Unit =
    assert(NativeLibrary.liveHandles() == 0, "every handle was closed")

  private def record(value: Any, key: Any = null, offset: Long = 0): SinkRecord = {
    val made =
      new SinkRecord("t", 0, null, key, null, value, offset, received, TimestampType.CREATE_TIME)
    made.headers().addString("trace", "1")
    made
  }

  private def decided[A](
      transform: Transformation[SinkRecord],
      settings: (String, String)*
  )(body: Transformation[SinkRecord] => A): A =
    Using.resource(transform) { transform =>
      transform.configure(settings.toMap.asJava)
      body(transform)
    }

  private val quote =
    """{"symbol":"AAPL","timestamp":"2024-01-31T10:00:00-05:00","price":"184.40","open":184,"high":185,"low":183}"""
  private val normal =
    """{"symbol":"AAPL","ts":"2024-01-31T15:00:00Z","freq":"1m","source":"unknown","adjustment":"raw",""" +
      """"region":"US","asset_class":"equity","currency":"USD","seq":0,"revision":0,""" +
      """"open":184.0,"high":185.0,"low":183.0,"close":184.4}"""

  test("an accepted quote gets its normal form, in the form of text that it had") {
    decided(new NormalizeQuote.Value[SinkRecord], reference) { normalize =>
      val bytes = record(quote.getBytes(UTF_8), key = "k", offset = 7)
      val done = normalize.apply(bytes)
      assert(new String(done.value.asInstanceOf[Array[Byte]], UTF_8) == normal)
      assert((done.key, done.originalKafkaOffset, done.headers.size) == (("k", 7, 1)))
      assert(new String(bytes.value.asInstanceOf[Array[Byte]], UTF_8) == quote, "the given stays")
      assert(normalize.apply(record(quote)).value == normal)
      assert(normalize.apply(record(normal)).value == normal)
      for (untouched <- Seq("[1]", " ", null)) {
        val kept = record(untouched)
        assert(normalize.apply(kept) eq kept)
      }
      val thrown = intercept[DataException](normalize.apply(record(Map("a" -> 1).asJava)))
      assert(thrown.getMessage.contains("ByteArrayConverter"))
    }
    decided(new NormalizeQuote.Key[SinkRecord], reference) { normalize =>
      val done = normalize.apply(record("v", key = quote))
      assert((done.key, done.value) == ((normal, "v")))
    }
  }

  test("a refused quote is an error, dropped, or passes with the reason") {
    val refused = record("""{"symbol":7}""")
    decided(new ValidateQuote.Value[SinkRecord]) { validate =>
      val thrown = intercept[DataException](validate.apply(refused))
      assert(thrown.getMessage.startsWith("wrong_type: symbol"))
      assert(intercept[DataException](validate.apply(record(" "))).getMessage.contains("blank"))
    }
    decided(new ValidateQuote.Value[SinkRecord], "on.refused" -> "drop")(validate =>
      assert(validate.apply(refused) == null)
    )
    decided(new ValidateQuote.Key[SinkRecord], "on.refused" -> "header", reference) { validate =>
      val keyed = record("v", key = """{"symbol":7}""")
      val passed = validate.apply(keyed)
      val headers = passed.headers.asScala.map(header => header.key -> header.value).toMap
      assert(headers.keySet == Set("trace", "financelake.reason", "financelake.detail"))
      assert(headers("financelake.reason") == "wrong_type" && keyed.headers.size == 1)
      val good = record("v", key = quote)
      assert(validate.apply(good) eq good)
    }
    for (
      wrong <- Seq(
        "on.refused" -> "skip",
        "instruments.reference" -> "/nowhere",
        "closes.only.sources" -> "a/b"
      )
    ) intercept[ConfigException](decided(new ValidateQuote.Value[SinkRecord], wrong)(_ => ()))
  }

  test("transforms and sink refuse the same records for the same reasons") {
    val lines = new String(
      Files.readAllBytes(Path.of("native/market/tests/dirty/stock_ticks.jsonl")),
      "ISO-8859-1"
    ).split("\n").toSeq.map(_.getBytes("ISO-8859-1"))
    val records =
      lines.zipWithIndex.map { case (line, index) => record(line, offset = index.toLong) }
    val table = Files.createTempDirectory("table")
    val driven = new Driven(table, "behavior.on.malformed" -> "dlq", reference)
    driven.open(0)
    driven.put(records: _*)
    driven.stop()
    val bySink = driven.reported.toMap
    val byTransform = mutable.Map.empty[Long, String]
    decided(new ValidateQuote.Value[SinkRecord], reference) { validate =>
      for (record <- records)
        try validate.apply(record)
        catch {
          case refused: DataException => byTransform(record.kafkaOffset) = refused.getMessage
        }
    }
    assert(bySink.size > 81)
    assert(byTransform.filterNot(_._2.startsWith("empty_line")) == bySink)

    // What was normalised before is decided the same again, by the sink too.
    val again = Files.createTempDirectory("table")
    val second = new Driven(again, "behavior.on.malformed" -> "dlq", reference)
    second.open(0)
    decided(new NormalizeQuote.Value[SinkRecord], reference)(normalize =>
      second.put(records.map(normalize.apply): _*)
    )
    second.stop()
    assert(second.reported.toMap == bySink)
  }

  test("Connect finds the transforms by their service file") {
    val found = ServiceLoader.load(classOf[Transformation[SinkRecord]]).asScala.map(_.getClass)
    assert(
      found.toSet == Set(
        classOf[NormalizeQuote.Key[SinkRecord]],
        classOf[NormalizeQuote.Value[SinkRecord]],
        classOf[ValidateQuote.Key[SinkRecord]],
        classOf[ValidateQuote.Value[SinkRecord]]
      )
    )
  }
}
