package io.financelake.jni

import org.scalatest.funsuite.AnyFunSuite

/** Indicators across the boundary: columns, groups, state, and what a wrong call gets. */
class IndicatorsSuite extends AnyFunSuite {

  private def call(function: String, inputs: Int, params: String): String =
    s"""{"function":"$function","inputs":[${(0 until inputs).mkString(",")}],"params":[$params]}"""

  private def compile(columns: Int, calls: String*): NativeIndicators =
    NativeIndicators.compile(s"""{"columns":$columns,"calls":[${calls.mkString(",")}]}""")

  private def using[T](indicators: NativeIndicators)(body: NativeIndicators => T): T =
    try body(indicators)
    finally indicators.close()

  /** One column through one call with one output. */
  private def column(
      indicators: NativeIndicators,
      values: Seq[Double],
      valid: Seq[Boolean] = Nil,
      starts: Seq[Int] = Nil
  ): Seq[Option[Double]] = Block.use { block =>
    val validity = if (valid.isEmpty) 0L else block.bits(valid)
    val (out, outBits) = (block.allocate(8L * values.size), block.allocate(values.size.toLong))
    indicators.run(
      values.size,
      Array(block.doubles(values)),
      Array(validity),
      block.ints(starts),
      starts.size,
      Array(out),
      Array(outBits)
    )
    values.indices.map(row => Option.when(block.bit(outBits, row))(block.double(out + 8L * row)))
  }

  private val walk = Seq.tabulate(50)(i => 100 + 7 * math.sin(i * 0.7) + i * 0.1)

  /** The textbook formula, written for one place. */
  private def mean(values: Seq[Double], period: Int): Seq[Option[Double]] =
    values.indices.map { row =>
      Option.when(row >= period - 1)(values.slice(row - period + 1, row + 1).sum / period)
    }

  private def assertClose(actual: Seq[Option[Double]], expected: Seq[Option[Double]]): Unit = {
    assert(actual.map(_.isDefined) == expected.map(_.isDefined))
    for ((a, e) <- actual.flatten.zip(expected.flatten)) assert(math.abs(a - e) < 1e-12, s"$a $e")
  }

  test("values and warm-up NULLs come back, and groups begin where they are said to") {
    using(compile(1, call("sma", 1, "5"))) { sma =>
      assertClose(
        column(sma, walk ++ walk, starts = Seq(0, 50)),
        mean(walk, 5) ++ mean(walk, 5)
      )
    }
  }

  test("NULL, NaN and infinite rows are NULL and do not exist for the window") {
    using(compile(1, call("sma", 1, "5"))) { sma =>
      val odd = Map(7 -> Double.NaN, 9 -> Double.PositiveInfinity, 20 -> 1.0)
      val values = walk.zipWithIndex.map { case (value, row) => odd.getOrElse(row, value) }
      val kept = walk.indices.filterNot(odd.contains)
      val expected = kept.zip(mean(kept.map(walk), 5)).toMap
      val actual = column(sma, values, walk.indices.map(_ != 20), Seq(0))
      assertClose(actual, walk.indices.map(row => expected.get(row).flatten))
    }
  }

  test("state goes on over batches and over saving, in the same bits") {
    val whole = using(compile(1, call("ema", 1, "5")))(column(_, walk, starts = Seq(0)))
    for (cut <- Seq(1, 4, 5, 49)) {
      val (first, state) = using(compile(1, call("ema", 1, "5"))) { ema =>
        (column(ema, walk.take(cut), starts = Seq(0)), ema.save())
      }
      val second = using(compile(1, call("ema", 1, "5"))) { ema =>
        ema.restore(state)
        column(ema, walk.drop(cut))
      }
      assert(first ++ second == whole)
    }
    using(compile(1, call("ema", 1, "5"))) { ema =>
      column(ema, walk)
      ema.reset()
      assert(column(ema, walk) == whole)
    }
  }

  test("several calls in one run, whole-number outputs among them") {
    val calls = Seq(call("cdlengulfing", 4, ""), call("macd", 1, "3,6,3"))
    using(compile(4, calls: _*)) { program =>
      Block.use { block =>
        val open = Seq(10.0, 10, 8.5, 11, 9)
        val close = Seq(11.0, 9, 12, 10, 12)
        val inputs = Seq(open, open.map(_ + 3), open.map(_ - 3), close).map(block.doubles)
        val outputs = Seq.fill(4)(block.allocate(40))
        val bits = Seq.fill(4)(block.allocate(8))
        program.run(5, inputs.toArray, new Array[Long](4), 0, 0, outputs.toArray, bits.toArray)
        val patterns = (0 until 5).map { row =>
          Option.when(block.bit(bits.head, row))(OffHeap.memory.getInt(outputs.head + 4L * row))
        }
        assert(patterns == Seq(None, None, Some(100), Some(0), Some(100)))
        assert((0 until 5).forall(!block.bit(bits(1), _)), "MACD(3, 6, 3) begins with row 7")
      }
    }
  }

  test("what the registry does not have, and what does not fit it, are told apart") {
    val unknown = intercept[UnsupportedRequestException](compile(1, call("rsj", 1, "14")))
    assert(unknown.getMessage.contains("did you mean rsi"), unknown.getMessage)
    val range = intercept[InvalidArgumentException](compile(1, call("rsi", 1, "1")))
    assert(range.getMessage.contains("write 2 to 100000"), range.getMessage)
    intercept[InvalidArgumentException](NativeIndicators.compile("{"))
    intercept[InvalidArgumentException](NativeIndicators.compile(null))
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("a wrong call is refused before anything is read or written") {
    using(compile(1, call("sma", 1, "5"))) { sma =>
      Block.use { block =>
        val values = block.doubles(walk)
        val (out, bits) = (block.allocate(400), block.allocate(8))
        OffHeap.memory.setMemory(out, 400, 0x55.toByte)
        def run(
            rows: Int = 50,
            inputs: Array[Long] = Array(values),
            validity: Array[Long] = Array(0L),
            starts: Seq[Int] = Nil,
            outputs: Array[Long] = Array(out),
            outputBits: Array[Long] = Array(bits)
        ): String = {
          val at = if (starts.isEmpty) 0L else block.ints(starts)
          intercept[InvalidArgumentException] {
            sma.run(rows, inputs, validity, at, starts.size, outputs, outputBits)
          }.getMessage
        }
        assert(run(rows = -1).contains("rows is -1"))
        assert(run(inputs = Array(0L)).contains("values of input 0 is a null address"))
        assert(run(inputs = Array(values + 4)).contains("aligned"))
        assert(run(inputs = Array(values, values)).contains("inputValues has 2 addresses"))
        assert(run(inputs = null).contains("inputValues is null"))
        assert(run(validity = Array.empty).contains("inputValidity has 0"))
        assert(run(outputs = Array(0L)).contains("values of output 0"))
        assert(run(outputBits = Array(0L)).contains("validity of output 0"))
        assert(run(outputs = Array(values)).contains("overlaps"))
        assert(run(starts = Seq(5, 5)).contains("not ascending"))
        assert(run(starts = Seq(50)).contains("outside"))
        assert(run(starts = Seq(-3)).contains("outside"))
        assert((0 until 400).forall(i => OffHeap.memory.getByte(out + i) == 0x55))
        assert(column(sma, walk) == using(compile(1, call("sma", 1, "5")))(column(_, walk)))
      }
    }
  }

  test("no rows do nothing, and a closed object is refused") {
    val sma = compile(1, call("sma", 1, "5"))
    sma.run(0, Array(0L), Array(0L), 0, 0, Array(0L), Array(0L))
    sma.close()
    intercept[ClosedHandleException](sma.reset())
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("a state of other calls is refused with both named, and the one before stays") {
    using(compile(1, call("sma", 1, "5"))) { sma =>
      val other = using(compile(1, call("sma", 1, "6")))(_.save())
      column(sma, walk.take(20))
      val refused = intercept[IncompatibleStateException](sma.restore(other))
      assert(refused.getMessage.contains("sma.1[0](6)"), refused.getMessage)
      assert(refused.getMessage.contains("sma.1[0](5)"), refused.getMessage)
      intercept[IncompatibleStateException](sma.restore(Array[Byte](1, 2, 3)))
      assert(column(sma, walk.drop(20)) == {
        using(compile(1, call("sma", 1, "5")))(column(_, walk).drop(20))
      })
    }
  }
}
