package io.financelake.jni

import java.nio.{ByteBuffer, ByteOrder}
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path}

import scala.util.Using

import org.scalatest.BeforeAndAfterEach
import org.scalatest.funsuite.AnyFunSuite

/** The boundary of the sink: what comes over is checked, and nothing leaks or brings the JVM down. */
final class SinkSuite extends AnyFunSuite with BeforeAndAfterEach {

  override def afterEach(): Unit =
    assert(NativeLibrary.liveHandles() == 0, "every handle was closed")

  private def config(table: Path, more: String = ""): String =
    s"""{"location":"$table","application":"test"$more}"""

  private def withSink(body: NativeSink => Unit): Unit =
    Using.resource(NativeSink.open(config(Files.createTempDirectory("table"))))(body)

  /** A buffer with one record. */
  private def buffer(number: Int, offset: Long, value: String): ByteBuffer = {
    val bytes = value.getBytes(UTF_8)
    val made = ByteBuffer.allocateDirect(64 + bytes.length).order(ByteOrder.nativeOrder())
    made.putInt(number).putLong(offset).putLong(0).putInt(0).putInt(-1)
    made.putInt(bytes.length).put(bytes).putInt(0)
  }

  test("records become a commit, and a position") {
    withSink { sink =>
      val number = sink.assign("t", 3)
      assert(sink.position(number) == NativeSink.NO_POSITION)
      sink.append(buffer(number, 7, "{}"))
      val status = sink.status()
      assert((status.records, status.refused, status.committing) == ((1, 1, false)))
      assert(status.bytes > 0)
      assert(sink.commit(true))
      assert(sink.position(number) == 8)
      sink.append(buffer(number, 8, "{}"))
      sink.discard()
      assert(sink.status().records == 0)
    }
  }

  test("records are collected while a commit is on its way") {
    withSink { sink =>
      assert(sink.outcome() == NativeSink.Outcome.NONE)
      val number = sink.assign("t", 3)
      sink.append(buffer(number, 7, "{}"))
      sink.begin(true)
      sink.append(buffer(number, 8, "{}"))
      var outcome = sink.outcome()
      while (outcome == NativeSink.Outcome.NONE) {
        Thread.sleep(1)
        outcome = sink.outcome()
      }
      assert(outcome == NativeSink.Outcome.COMMITTED)
      assert((sink.position(number), sink.status().records) == ((8, 1)))
      assert(sink.status().heldBytes == sink.status().bytes)
    }
  }

  test("two sinks of one partition: the second commit is refused") {
    val table = Files.createTempDirectory("table")
    Using.resources(NativeSink.open(config(table)), NativeSink.open(config(table))) { (one, two) =>
      for (sink <- Seq(one, two)) sink.append(buffer(sink.assign("t", 0), 0, "{}"))
      assert(one.commit(true))
      assert(!two.commit(true))
      assert(two.position(0) == 1)
    }
  }

  test("buffers that are not what they should be are refused, and the sink goes on") {
    withSink { sink =>
      val number = sink.assign("t", 0)
      def refused(buffer: ByteBuffer): String =
        intercept[InvalidArgumentException](sink.append(buffer)).getMessage
      assert(refused(ByteBuffer.allocate(64).putInt(0)).contains("allocateDirect"))
      assert(refused(ByteBuffer.allocateDirect(64).putInt(0)).contains("ends inside a record"))
      assert(refused(buffer(number + 1, 0, "{}")).contains("not assigned"))
      assert(refused(buffer(-1, 0, "{}")).contains("negative"))
      sink.append(ByteBuffer.allocateDirect(0))
      sink.append(buffer(number, 0, "{}"))
      assert(sink.commit(true))
    }
  }

  test("a partition that goes back is an error of the table") {
    withSink { sink =>
      val number = sink.assign("t", 0)
      sink.append(buffer(number, 5, "{}"))
      assert(
        intercept[TableUnusableException](sink.append(buffer(number, 5, "{}"))).getMessage
          .contains("went back")
      )
    }
  }

  test("what cannot be opened says why") {
    def invalid(config: String): String =
      intercept[InvalidArgumentException](NativeSink.open(config)).getMessage
    assert(invalid("{").contains("sink configuration"))
    assert(
      invalid("""{"location":"s3://x/y","application":"a"}""").contains("\"s3\" is not supported")
    )
    val table = Files.createTempDirectory("table")
    assert(invalid(config(table, ""","compression":"lz4"""")).contains("zstd, snappy and none"))
    val log = Files.createDirectory(table.resolve("_delta_log"))
    Files.writeString(log.resolve("00000000000000000000.json"), "{\"protocol\":")
    val damaged = intercept[TableUnusableException](NativeSink.open(config(table)))
    assert(damaged.getMessage.contains("version 0"))
    val silent = s"""{"location":"hdfs://127.0.0.1:1/t","application":"a","commit_timeout_s":1}"""
    assert(
      intercept[StorageUnavailableException](NativeSink.open(silent)).getMessage
        .contains("hdfs://127.0.0.1:1/t")
    )
  }

  test("a closed sink is refused") {
    val sink = NativeSink.open(config(Files.createTempDirectory("table")))
    sink.close()
    sink.close()
    intercept[ClosedHandleException](sink.commit(true))
    intercept[ClosedHandleException](sink.append(buffer(0, 0, "{}")))
  }

  test("Bronze is described in JSON") {
    val json = NativeSink.bronzeTable()
    assert(json.contains("\"partitions\":[\"date\",\"region\"]"))
    assert(json.contains("\"invalid_region\":\"__invalid\""))
  }
}
