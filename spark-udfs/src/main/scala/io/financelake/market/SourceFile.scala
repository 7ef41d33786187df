package io.financelake.market

import java.io.{BufferedInputStream, InputStream, IOException}
import java.security.{DigestInputStream, MessageDigest}
import java.util.HexFormat
import java.util.zip.GZIPInputStream

import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.Path

/** A file of records, one a line, gzipped if its name ends with `.gz`.
  *
  * @param location
  *   a Hadoop path
  * @param name
  *   what its topic is called after: the name inside its folder
  * @param settings
  *   how its lines are read
  * @param header
  *   the first line, which is no record, if there is one
  * @param bonds
  *   whether its manifest declares nothing but bond yields
  * @param declaredDigest
  *   the SHA-256 that its manifest declares
  */
final case class SourceFile(
    location: String,
    name: String,
    settings: RecordSettings,
    header: Option[String],
    bonds: Boolean,
    declaredDigest: Option[String]
) {
  import SourceFile._

  /** The topic of its records in Bronze. */
  val topic: String = s"file:$name"

  /** SHA-256 of the file as it is stored, in lower-case hexadecimal digits. */
  def digest(hadoop: Configuration): String = reading {
    val stream = new DigestInputStream(stored(hadoop), MessageDigest.getInstance("SHA-256"))
    try {
      val buffer = new Array[Byte](BufferBytes)
      while (stream.read(buffer) >= 0) ()
      HexFormat.of.formatHex(stream.getMessageDigest.digest())
    } finally stream.close()
  }

  /** The records with their line numbers, counted from 1, without line ends. Whoever calls closes it.
    */
  def lines(hadoop: Configuration): Lines = new Lines(
    this,
    reading {
      val bytes = stored(hadoop)
      try
        if (name.endsWith(".gz")) new GZIPInputStream(bytes, BufferBytes)
        else new BufferedInputStream(bytes, BufferBytes)
      catch {
        case failure: Throwable =>
          bytes.close()
          throw failure
      }
    }
  )

  private def stored(hadoop: Configuration): InputStream = {
    val path = new Path(location)
    path.getFileSystem(hadoop).open(path)
  }

  /** Runs, and says which file it was when reading fails. */
  private[market] def reading[T](body: => T): T =
    try body
    catch {
      case failure: IOException =>
        val reason = Option(failure.getMessage).getOrElse(failure.getClass.getSimpleName)
        throw new BrokenFile(location, reason, failure)
    }
}

object SourceFile {
  private[market] val BufferBytes: Int = 1 << 16

  /** Longer lines are no records; reading one whole would only exhaust the memory. */
  private[market] val MaxLine: Int = 64 << 20
}

/** A file that cannot be read to its end, or is not what its manifest says. */
final class BrokenFile(location: String, reason: String, cause: Throwable)
    extends RuntimeException(s"$location: $reason", cause)

/** The lines of a file from the first record on. */
final class Lines private[market] (file: SourceFile, stream: InputStream)
    extends Iterator[(Long, Array[Byte])]
    with AutoCloseable {
  import SourceFile._

  private val buffer = new Array[Byte](BufferBytes)
  private var position = 0
  private var limit = 0
  private var number = 0L
  private var upcoming: Option[Array[Byte]] = file.reading(read())

  file.header.foreach(skipHeader)

  override def hasNext: Boolean = upcoming.isDefined

  override def next(): (Long, Array[Byte]) = {
    val line = upcoming.getOrElse(throw new NoSuchElementException(s"$number lines were read"))
    val result = (number, line)
    upcoming = file.reading(read())
    result
  }

  override def close(): Unit = stream.close()

  private def skipHeader(declared: String): Unit = {
    val found = upcoming.map(new String(_, "UTF-8").stripPrefix("\ufeff").stripSuffix("\r"))
    if (!found.contains(declared)) {
      stream.close()
      val reason = s"its first line is ${found.fold("missing")(line => s"'${line.take(200)}'")}, " +
        s"but the manifest declares the columns '$declared'"
      throw new BrokenFile(file.location, reason, null)
    }
    upcoming = file.reading(read())
  }

  /** The next line, or nothing at the end of the file. */
  private def read(): Option[Array[Byte]] = {
    var line: Array[Byte] = null
    var ended = false
    while (!ended && fill()) {
      var stop = position
      while (stop < limit && buffer(stop) != '\n') stop += 1
      val part = java.util.Arrays.copyOfRange(buffer, position, stop)
      line = if (line == null) part else line ++ part
      if (line.length > MaxLine)
        throw new IOException(s"line ${number + 1} is longer than ${MaxLine >> 20} MiB")
      ended = stop < limit
      position = if (ended) stop + 1 else stop
    }
    if (line != null) number += 1
    Option(line)
  }

  /** Makes sure that a byte waits in the buffer; false at the end of the file. */
  private def fill(): Boolean = {
    if (position >= limit) {
      position = 0
      limit = stream.read(buffer)
    }
    position < limit
  }
}
