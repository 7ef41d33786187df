package io.financelake.jni

import org.scalatest.BeforeAndAfterAll
import org.scalatest.funsuite.AnyFunSuite

/** Every failure on the native side becomes the right exception, and the JVM goes on. */
class ErrorSuite extends AnyFunSuite with BeforeAndAfterAll {

  override def beforeAll(): Unit = NativeLibrary.load()

  /** The native table: kind, in Rust's spelling, and exception class. */
  private def table: Map[String, String] =
    FaultInjection.kinds().linesIterator.map(_.split('=')).map(row => row(0) -> row(1)).toMap

  private def upperCase(kind: String): String =
    kind.replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase

  test("the native table and the Java kinds are one list, plus what loading itself adds") {
    val ofLoading = Set(ErrorKind.LIBRARY_UNAVAILABLE, ErrorKind.LIBRARY_MISMATCH)
    val expected = ErrorKind.values().toSet -- ofLoading
    assert(table.keySet.map(upperCase) == expected.map(_.name))
  }

  test("each kind becomes its exception class, with message and kind") {
    for ((kind, className) <- table) {
      val message = s"text of $kind with ünïcode \u0001 and 𝄞"
      val thrown = intercept[FinanceLakeException](FaultInjection.raise(kind, message))
      assert(thrown.getClass.getName == s"io.financelake.jni.$className")
      assert(thrown.kind.name == upperCase(kind))
      assert(thrown.getMessage == message)
    }
  }

  test("a panic keeps its formatted message and its place") {
    val thrown = intercept[NativePanicException](FaultInjection.panic("row 7"))
    assert(thrown.getMessage.startsWith("formatted: row 7 (at "), thrown.getMessage)
    assert(thrown.getMessage.contains("faults.rs:"))
    assert(thrown.nativeBacktrace.isEmpty, "backtraces are off in these tests")
  }

  test("null where a string is needed is a bad argument") {
    val thrown = intercept[InvalidArgumentException](FaultInjection.panic(null))
    assert(thrown.getMessage == "the message is null")
  }

  test("a panic inside a handle ends that handle only, and nothing stays alive") {
    val before = NativeLibrary.liveHandles()
    val broken = new Probe
    val other = new Probe
    intercept[NativePanicException](FaultInjection.panicInside(broken.number))
    val later = intercept[ClosedHandleException](FaultInjection.hold(broken.number, 0))
    assert(later.getMessage.contains("panicked"))
    assert(FaultInjection.hold(other.number, 0) == 1)
    broken.close()
    other.close()
    assert(NativeLibrary.liveHandles() == before)
  }

  test("stale, foreign and made-up handles are refused") {
    val probe = new Probe
    probe.close()
    probe.close()
    val next = new Probe
    for (number <- Seq(probe.number, 0L, -1L, Long.MaxValue, Long.MinValue, next.number + 1))
      intercept[ClosedHandleException](FaultInjection.hold(number, 0))
    assert(FaultInjection.hold(next.number, 0) == 1)
    next.close()
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("closing while a call runs lets the call end") {
    val probe = new Probe
    @volatile var calls = 0
    val running = new Thread(() => calls = FaultInjection.hold(probe.number, 400))
    running.start()
    Thread.sleep(100)
    probe.close()
    assert(NativeLibrary.liveHandles() == 1, "the running call still holds the object")
    intercept[ClosedHandleException](FaultInjection.hold(probe.number, 0))
    running.join()
    assert(calls == 1)
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("many threads close one object at once, while others use it") {
    for (_ <- 1 to 50) {
      val probe = new Probe
      val threads = (1 to 8).map { index =>
        new Thread(() =>
          if (index % 2 == 0) probe.close()
          else
            try FaultInjection.hold(probe.number, 0)
            catch { case _: ClosedHandleException => () }
        )
      }
      threads.foreach(_.start())
      threads.foreach(_.join())
    }
    assert(NativeLibrary.liveHandles() == 0)
  }

  final private class Probe extends NativeHandle(FaultInjection.open()) {
    def number: Long = handle()
  }
}
