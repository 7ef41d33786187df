package io.financelake.jobs

import java.nio.file.Files

import scala.concurrent.{Await, Future}
import scala.concurrent.ExecutionContext.Implicits.global
import scala.concurrent.duration._
import scala.util.Try

import io.financelake.jni.NativeLibrary
import io.financelake.market.{RawRecord, RecordDecoder, RecordSettings}
import org.scalatest.concurrent.Eventually
import org.scalatest.time.{Millis, Seconds, Span}

/** Native objects of a task go when it ends, however it ends. */
class NativeMemorySuite extends LakeSuite with Eventually {
  implicit override val patienceConfig: PatienceConfig =
    PatienceConfig(Span(60, Seconds), Span(20, Millis))

  /** Decodes records without an end in two tasks, until `stop` says so. */
  private def decodeForEver(fail: Boolean): Future[Long] = Future {
    spark.sparkContext.setJobGroup("decoding", "records without an end", interruptOnCancel = false)
    spark.sparkContext
      .parallelize(1 to 2, 2)
      .mapPartitions { _ =>
        val records = Iterator.from(0).map { number =>
          if (fail && number == 10000) throw new IllegalStateException("the records end here")
          RawRecord("{}".getBytes, 0, RecordSettings.plain, Seq(number))
        }
        RecordDecoder.ofTask("").decode(records)
      }
      .count()
  }

  test("a killed task leaves nothing behind") {
    val job = decodeForEver(fail = false)
    eventually(assert(NativeLibrary.liveHandles() >= 2))
    spark.sparkContext.cancelJobGroup("decoding")
    assert(Try(Await.result(job, 1.minute)).isFailure)
    eventually(assert(NativeLibrary.liveHandles() == 0))
  }

  test("a failed task leaves nothing behind") {
    assert(Try(Await.result(decodeForEver(fail = true), 1.minute)).isFailure)
    eventually(assert(NativeLibrary.liveHandles() == 0))
  }

  test("a whole import leaves nothing behind") {
    withFolder { folder =>
      Files.createDirectory(folder.resolve("source"))
      marketFolder(folder.resolve("source"), "crypto_daily_btc.csv.gz")
      importing(folder.resolve("source"), folder.resolve("lake"))
      assert(NativeLibrary.liveHandles() == 0)
    }
  }
}
