package io.financelake.jobs

import java.io.PrintStream
import java.nio.charset.StandardCharsets.UTF_8

import io.financelake.jni.{InvalidArgumentException, NativeRecords}
import io.financelake.market.RecordSettings
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.Path

/** The instruments reference that a job decides with. */
private[jobs] object Reference {

  /** Its text, empty if there is none, checked by the rules that will read it.
    *
    * @param path
    *   where the user says that it is
    * @param fallback
    *   where it may be otherwise
    */
  def read(
      path: Option[String],
      fallback: Option[Path],
      hadoop: Configuration,
      out: PrintStream
  ): String = {
    val found = path.map(new Path(_)).orElse {
      fallback.filter(candidate => candidate.getFileSystem(hadoop).exists(candidate))
    }
    out.println(s"instruments reference: ${found.fold("none")(_.toString)}")
    val text = found.fold("")(content(_, hadoop))
    try NativeRecords.open(RecordSettings.plain.withReference(text)).close()
    catch {
      case wrong: InvalidArgumentException =>
        throw new WrongArguments(s"--reference: ${wrong.getMessage}")
    }
    text
  }

  private def content(path: Path, hadoop: Configuration): String =
    Job.found("--reference", path.toString) {
      val stream = path.getFileSystem(hadoop).open(path)
      try new String(stream.readAllBytes(), UTF_8)
      finally stream.close()
    }
}
