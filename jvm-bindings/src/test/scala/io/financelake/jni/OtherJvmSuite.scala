package io.financelake.jni

import java.io.File
import java.nio.file.{Files, Path}

import scala.jdk.CollectionConverters._

import org.scalatest.funsuite.AnyFunSuite

/** The bindings in JVMs of their own: with backtraces on, and on a newer JDK if one is installed. */
class OtherJvmSuite extends AnyFunSuite {

  private def smoke(java: Path, backtraces: Boolean): Seq[String] = {
    val classPath = System.getProperty("java.class.path")
    val name = classOf[Smoke].getName
    val builder =
      new ProcessBuilder(java.toString, "-Xmx64m", "-Xcheck:jni", "-cp", classPath, name)
    builder.environment().put("RUST_BACKTRACE", if (backtraces) "1" else "0")
    val process = builder.redirectErrorStream(true).start()
    val lines = new String(process.getInputStream.readAllBytes()).linesIterator.toSeq
    assert(process.waitFor() == 0, lines.mkString("\n"))
    lines
  }

  private def requireWorking(lines: Seq[String]): Unit = {
    assert(lines.exists(_.startsWith("formatted: on purpose")), lines)
    assert(lines.contains("live 0"), lines)
    assert(!lines.exists(_.contains("FATAL")), lines)
  }

  private val own = Path.of(System.getProperty("java.home"), "bin", "java")

  test("native backtraces come with the exception when they are on, and JNI checks find nothing") {
    val lines = smoke(own, backtraces = true)
    requireWorking(lines)
    assert(lines.contains("backtrace true"), lines)
    assert(smoke(own, backtraces = false).contains("backtrace false"))
  }

  test("the bindings work on a newer JDK") {
    val newer = Option(new File("/usr/lib/jvm").listFiles())
      .getOrElse(Array.empty)
      .map(home => home.toPath.resolve("bin/java"))
      .filter(java => Files.isExecutable(java) && feature(java) > 17)
    assume(newer.nonEmpty, "no JDK newer than 17 is installed here")
    for (java <- newer) requireWorking(smoke(java, backtraces = false))
  }

  /** The feature number of a JDK, from the file that describes it. */
  private def feature(java: Path): Int = {
    val release = java.toRealPath().getParent.resolveSibling("release")
    val lines = if (Files.isReadable(release)) Files.readAllLines(release).asScala else Nil
    lines
      .collectFirst { case s"""JAVA_VERSION="$version"""" => version.takeWhile(_.isDigit).toInt }
      .getOrElse(0)
  }
}
