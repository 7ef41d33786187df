package io.financelake.jobs

import java.io.PrintStream

import scala.util.control.NonFatal

import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.Path

/** An instruments reference that is read again when its file has changed. One that cannot be used is told
  * of, and the one before it stays.
  */
final private[jobs] class ReferenceFile(
    path: Option[String],
    hadoop: Configuration,
    out: PrintStream
) {
  private var changed = modified
  private var current = Reference.read(path, None, hadoop, out)

  /** Its text as it is now. */
  def text(): String = synchronized {
    try {
      val now = modified
      if (now != changed) {
        changed = now
        current = Reference.read(path, None, hadoop, out)
      }
    } catch {
      case NonFatal(failure) =>
        out.println(s"the instruments reference stays as it was: ${Job.reason(failure)}")
    }
    current
  }

  private def modified: Option[Long] = path.map { text =>
    val file = new Path(text)
    Job.found("--reference", text)(
      file.getFileSystem(hadoop).getFileStatus(file).getModificationTime
    )
  }
}
