package io.financelake.jobs

import java.io.{FileNotFoundException, PrintStream}
import java.time.Instant
import java.time.temporal.ChronoUnit
import java.util.Locale

import scala.util.control.NonFatal

import io.financelake.jni.FinanceLakeException
import io.financelake.market.BrokenFile
import org.apache.hadoop.conf.Configuration
import org.apache.spark.SparkConf
import org.apache.spark.sql.SparkSession

/** A job that `spark-submit` runs: reads its arguments, works, and ends with an exit code: 0 done, 2
  * wrong arguments or missing path, 1 any later failure. A failure is one line, with `--debug` the stack
  * trace.
  */
abstract class Job(summary: String) {
  protected def options: Seq[JobOption]

  /** What the first argument may be, with its meaning, if the job does several things. */
  protected def commands: Seq[(String, String)] = Seq.empty

  /** Does the work. What can be checked without Spark is checked before `open` starts it. */
  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit

  private val name = getClass.getSimpleName.stripSuffix("$")

  final def main(arguments: Array[String]): Unit = {
    val code = execute(arguments.toSeq, System.out, System.err)
    if (code != 0) System.exit(code)
  }

  /** Runs the job and returns its exit code. A session that is there already is used and left open.
    */
  final def execute(arguments: Seq[String], out: PrintStream, err: PrintStream): Int = {
    val described = new Arguments(name, summary, options, commands)
    try {
      val parsed = described.parse(arguments)
      if (parsed.has(Arguments.help)) out.println(described.helpText)
      else {
        val open = new Job.Open(name, parsed.has(Arguments.debug))
        try run(parsed, out, open)
        finally open.close()
      }
      0
    } catch {
      case NonFatal(failure) =>
        if (arguments.contains(Arguments.debug.name)) failure.printStackTrace(err)
        err.println(s"$name: ${Job.reason(failure)}")
        if (Job.told(failure).exists(_.isInstanceOf[WrongArguments])) 2 else 1
    }
  }
}

object Job {

  /** Starts the session of a job when it is needed. */
  final class Open private[jobs] (name: String, debug: Boolean) extends AutoCloseable {
    private var started: Option[SparkSession] = None

    /** A session with Delta.
      *
      * @param metastore
      *   whether tables are registered, for which Spark's Hive support is used if it is there
      */
    def session(metastore: Boolean): SparkSession =
      SparkSession.getDefaultSession.getOrElse {
        val conf = settings(new SparkConf(), metastore)
        val session =
          SparkSession.builder().config(conf).appName(s"FinanceLake $name").getOrCreate()
        started = Some(session)
        session
      }

    private def settings(conf: SparkConf, metastore: Boolean): SparkConf = {
      def append(key: String, value: String): SparkConf =
        conf.set(
          key,
          (conf.get(key, "").split(',').filter(_.nonEmpty) :+ value).distinct.mkString(",")
        )
      append("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
      conf.set(
        "spark.sql.catalog.spark_catalog",
        "org.apache.spark.sql.delta.catalog.DeltaCatalog"
      )
      conf.setIfMissing("spark.master", "local[*]")
      if (!debug) conf.setIfMissing("spark.log.level", "OFF")
      if (conf.get("spark.master").startsWith("local")) {
        // Hundreds of small tasks on one machine only wait for each other.
        val cores = Runtime.getRuntime.availableProcessors
        conf.setIfMissing("spark.sql.shuffle.partitions", (2 * cores).toString)
        conf.setIfMissing("spark.databricks.delta.snapshotPartitions", "2")
        conf.setIfMissing("spark.ui.enabled", "false")
      }
      if (metastore && hiveIsThere) conf.setIfMissing("spark.sql.catalogImplementation", "hive")
      conf
    }

    override def close(): Unit = started.foreach(_.stop())
  }

  /** Hadoop's configuration before there is a session: that of the class path, and what
    * `--conf spark.hadoop.*` adds.
    */
  def hadoop: Configuration = {
    val configuration = new Configuration()
    new SparkConf().getAllWithPrefix("spark.hadoop.").foreach { case (key, value) =>
      configuration.set(key, value)
    }
    configuration
  }

  /** Runs, and says which argument named a file that is not there. */
  private[jobs] def found[T](option: String, path: String)(body: => T): T =
    try body
    catch {
      case missing: FileNotFoundException =>
        throw new WrongArguments(s"$option $path: ${missing.getMessage}")
    }

  /** The time, in microseconds since 1970-01-01T00:00Z. */
  private[jobs] def now(): Long = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())

  /** What went wrong, in one line. */
  private[jobs] def reason(failure: Throwable): String = {
    val told = Job.told(failure)
    val shown = told.getOrElse(causes(failure).last)
    val message = Option(shown.getMessage).fold("")(_.linesIterator.nextOption().getOrElse(""))
    if (told.isDefined || shown.isInstanceOf[IllegalStateException]) message
    else
      s"${shown.getClass.getSimpleName}: $message (--debug shows more)"
  }

  /** The cause that was written for users, if one is among the causes. */
  private[jobs] def told(failure: Throwable): Option[Throwable] = causes(failure).find {
    case _: WrongArguments | _: BrokenFile | _: FinanceLakeException => true
    case _                                                           => false
  }

  private def causes(failure: Throwable): Seq[Throwable] =
    Iterator.iterate(failure)(_.getCause).takeWhile(_ != null).take(20).toSeq

  private def hiveIsThere: Boolean =
    try {
      Class.forName(
        "org.apache.spark.sql.hive.HiveSessionStateBuilder",
        false,
        Thread.currentThread.getContextClassLoader
      )
      true
    } catch { case _: ClassNotFoundException => false }

  private[jobs] def number(value: Long): String = "%,d".formatLocal(Locale.ROOT, value)

  private[jobs] def seconds(since: Long): String =
    "%.1f s".formatLocal(Locale.ROOT, (System.nanoTime() - since) / 1e9)
}
