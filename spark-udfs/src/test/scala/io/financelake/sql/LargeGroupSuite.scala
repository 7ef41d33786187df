package io.financelake.sql

import java.lang.management.ManagementFactory
import java.nio.file.Path
import java.util.concurrent.TimeUnit

import scala.jdk.CollectionConverters._

import io.financelake.SparkSuite

/** A group that is much larger than the memory for it. */
class LargeGroupSuite extends SparkSuite {

  test("five million rows of one group under a heap of 512 MB") {
    withFolder { folder =>
      val rows = 5000000
      // Without the options that make tests start quickly: this one computes.
      val options = ManagementFactory.getRuntimeMXBean.getInputArguments.asScala
        .filterNot(o => o.startsWith("-Xmx") || o.startsWith("-XX:TieredStopAtLevel"))
      val java = Path.of(System.getProperty("java.home"), "bin", "java").toString
      val command = Seq(java, "-Xmx512m") ++ options ++
        Seq("-cp", System.getProperty("java.class.path"), "io.financelake.sql.LargeGroup") ++
        Seq(rows.toString, folder.toString)
      val process = new ProcessBuilder(command: _*).redirectErrorStream(true).start()
      val output = new String(process.getInputStream.readAllBytes())
      assert(process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0, output)
      assert(output.contains(s"RESULT $rows ${rows - 19} $rows 19\n"), output)
      assert(output.contains("HANDLES 0\n"), output)
      info(output.linesIterator.filter(_.startsWith("SECONDS")).mkString)
    }
  }
}
