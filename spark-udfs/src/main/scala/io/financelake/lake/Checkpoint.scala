package io.financelake.lake

import java.io.FileNotFoundException
import java.util.UUID

import scala.util.Using

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import com.fasterxml.jackson.databind.node.ArrayNode
import org.apache.hadoop.fs.{CreateFlag, FileContext, Options, Path}

/** A training under way, so that one that was killed goes on: a file with its state, replaced after each epoch, and an
  * `epochs` folder with a JSON file per epoch, which is a table to look at meanwhile.
  */
final class Checkpoint private[lake] (files: FileContext, folder: Path) {
  import Checkpoint._

  private val file = new Path(folder, "state")

  /** What was saved last. */
  def load(): Option[Saved] =
    try {
      val bytes = Using.resource(files.open(file))(_.readAllBytes())
      val end = bytes.indexOf('\n'.toByte)
      val head = mapper.readTree(bytes, 0, end)
      Some(
        Saved(
          head.path("table_version").asLong,
          head.path("epochs").deepCopy[ArrayNode](),
          bytes.drop(end + 1)
        )
      )
    } catch { case _: FileNotFoundException => None }

  /** Replaces what was saved, in one step that is there as a whole or not at all. */
  def save(saved: Saved): Unit = {
    val head = mapper.createObjectNode().put("table_version", saved.tableVersion)
    head.set[JsonNode]("epochs", saved.epochs)
    write(file, (head.toString + "\n").getBytes("UTF-8") ++ saved.state)
    val last = saved.epochs.get(saved.epochs.size - 1)
    write(
      new Path(folder, f"epochs/${last.path("number").asInt}%05d.json"),
      last.toString.getBytes("UTF-8")
    )
  }

  /** Forgets the training. */
  def remove(): Unit =
    try { files.delete(folder, true); () }
    catch { case _: FileNotFoundException => () }

  private def write(to: Path, bytes: Array[Byte]): Unit = {
    val prepared = new Path(folder, s".${UUID.randomUUID()}")
    val flags = java.util.EnumSet.of(CreateFlag.CREATE)
    Using.resource(files.create(prepared, flags, Options.CreateOpts.createParent()))(_.write(bytes))
    files.mkdir(to.getParent, null, true)
    files.rename(prepared, to, Options.Rename.OVERWRITE)
  }
}

object Checkpoint {
  private val mapper = new ObjectMapper

  /** A training after some epochs.
    *
    * @param tableVersion
    *   the version of the table that it learns from
    * @param epochs
    *   what the epochs came to
    * @param state
    *   the native library's
    */
  final case class Saved(tableVersion: Long, epochs: ArrayNode, state: Array[Byte])
}
