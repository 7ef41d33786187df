package io.financelake.jobs

import java.lang.management.ManagementFactory
import java.nio.file.{Files, Path}
import java.util.concurrent.TimeUnit

import scala.jdk.CollectionConverters._

/** A job in a JVM of its own, which may be killed. */
final private[jobs] class ForkedJob(job: Job, arguments: Seq[String], log: Path) {
  private val process: Process = {
    val options = ManagementFactory.getRuntimeMXBean.getInputArguments.asScala
      .filterNot(_.startsWith("-Xmx"))
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString
    val name = job.getClass.getName.stripSuffix("$")
    val classes = Seq("-cp", System.getProperty("java.class.path"), name)
    val settings = Seq("-Xmx1g", "-Dspark.master=local[1]", "-Dspark.sql.codegen.wholeStage=false")
    new ProcessBuilder(java +: (options.toSeq ++ settings ++ classes ++ arguments): _*)
      .redirectErrorStream(true)
      .redirectOutput(log.toFile)
      .start()
  }

  def output: String = Files.readString(log)

  /** Waits until something is so. */
  def until(what: String)(so: => Boolean): Unit = {
    val end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2)
    while (!so) {
      assert(process.isAlive && System.nanoTime() < end, s"waiting for $what: $output")
      Thread.sleep(20)
    }
  }

  /** SIGKILL. */
  def kill(): Unit = {
    assert(process.isAlive, output)
    process.destroyForcibly().waitFor()
    ()
  }

  /** SIGTERM; the exit code. */
  def stop(): Int = {
    process.destroy()
    assert(process.waitFor(1, TimeUnit.MINUTES), output)
    process.exitValue()
  }
}
