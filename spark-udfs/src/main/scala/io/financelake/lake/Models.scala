package io.financelake.lake

import java.io.FileNotFoundException
import java.util.UUID

import scala.util.Using

import com.fasterxml.jackson.databind.ObjectMapper
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.{CreateFlag, FileAlreadyExistsException, FileContext, Options, Path}

/** The trend models of a lake: `models/<name>/<version>/model.safetensors`, versions counting from 1, and
  * `models/<name>/promoted/<n>.json`, of which the last says which version is in use.
  *
  * Both only ever grow, by a rename that fails if the name is taken. So nothing that a reader may be looking at
  * changes, promotions have a history, and going back is one more promotion.
  */
final class Models(lake: Path, hadoop: Configuration) {
  import Models._

  private val files = FileContext.getFileContext(lake.toUri, hadoop)
  private val folder = new Path(lake, "models")

  private def of(name: String): Path = {
    if (!name.matches(NamePattern))
      throw new IllegalArgumentException(
        s"'$name' is no name of a model; write letters, digits, dots, dashes and underscores"
      )
    new Path(folder, name)
  }

  /** The names of all models. */
  def names: Seq[String] = entries(folder).filter(_.matches(NamePattern)).sorted

  /** The versions of a model. */
  def versions(name: String): Seq[Int] = entries(of(name)).flatMap(_.toIntOption).sorted

  /** The version in use, if one was promoted. */
  def promoted(name: String): Option[Int] =
    promotions(name).lastOption.map { last =>
      new ObjectMapper().readTree(read(last)).path("version").asInt
    }

  private def promotions(name: String): Seq[Path] = {
    val history = new Path(of(name), "promoted")
    entries(history).filter(_.matches("\\d+\\.json")).sorted.map(new Path(history, _))
  }

  /** The file of a version. */
  def path(name: String, version: Int): Path = new Path(new Path(of(name), version.toString), File)

  /** The name, version and file that `name` or `name@version` stands for.
    *
    * @throws java.lang.IllegalArgumentException
    *   if there is none, saying which there are
    */
  def find(reference: String): (String, Int, Array[Byte]) = {
    val (name, wanted) = reference.split("@", 2) match {
      case Array(name, version) => (name, Some(version))
      case _                    => (reference, None)
    }
    val known = versions(name)
    if (known.isEmpty) {
      val others = if (names.isEmpty) "it has none" else s"it has ${names.mkString(", ")}"
      throw new IllegalArgumentException(s"the lake $lake has no model '$name'; $others")
    }
    val version = wanted match {
      case Some(text) =>
        text.toIntOption.filter(known.contains).getOrElse {
          throw new IllegalArgumentException(
            s"model '$name' has no version '$text'; it has ${known.mkString(", ")}"
          )
        }
      case None =>
        promoted(name).getOrElse {
          throw new IllegalArgumentException(
            s"no version of model '$name' is promoted; promote one of ${known.mkString(", ")}, or write " +
              s"'$name@${known.last}'"
          )
        }
    }
    (name, version, read(path(name, version)))
  }

  /** Adds a version and returns its number.
    *
    * @param besides
    *   other files of the version, such as reports, by name
    */
  def add(name: String, model: Array[Byte], besides: Map[String, Array[Byte]] = Map.empty): Int = {
    val prepared = new Path(of(name), s".${UUID.randomUUID()}")
    (besides + (File -> model)).foreach { case (file, bytes) =>
      write(new Path(prepared, file), bytes)
    }
    Iterator
      .iterate(versions(name).lastOption.getOrElse(0) + 1)(_ + 1)
      .find(version => moved(prepared, new Path(of(name), version.toString)))
      .get
  }

  /** A training of a model that is under way, or was when it was killed.
    *
    * @param key
    *   of what is trained and how, so that only the same training goes on
    */
  def training(name: String, key: String): Checkpoint =
    new Checkpoint(files, new Path(new Path(of(name), "training"), key))

  /** When a version was made, in milliseconds since 1970-01-01T00:00Z. */
  def made(name: String, version: Int): Long =
    files.getFileStatus(path(name, version)).getModificationTime

  /** Puts a version into use. */
  def promote(name: String, version: Int): Unit = {
    if (!versions(name).contains(version))
      throw new IllegalArgumentException(s"model '$name' has no version $version")
    val prepared = new Path(of(name), s".${UUID.randomUUID()}")
    val json = new ObjectMapper().createObjectNode().put("version", version)
    write(prepared, json.toString.getBytes("UTF-8"))
    val next = promotions(name).lastOption.fold(1)(_.getName.stripSuffix(".json").toInt + 1)
    files.mkdir(new Path(of(name), "promoted"), null, true)
    Iterator
      .iterate(next)(_ + 1)
      .find(n => moved(prepared, new Path(new Path(of(name), "promoted"), f"$n%08d.json")))
  }

  /** Names a prepared file or folder, unless the name is taken. */
  private def moved(from: Path, to: Path): Boolean =
    try {
      files.rename(from, to, Options.Rename.NONE)
      true
    } catch { case _: FileAlreadyExistsException => false }

  private def write(path: Path, bytes: Array[Byte]): Unit = {
    val flags = java.util.EnumSet.of(CreateFlag.CREATE)
    Using.resource(files.create(path, flags, Options.CreateOpts.createParent()))(_.write(bytes))
  }

  private def read(path: Path): Array[Byte] = Models.read(path, hadoop)

  private def entries(path: Path): Seq[String] =
    try
      Iterator
        .unfold(files.listStatus(path))(all => Option.when(all.hasNext)((all.next(), all)))
        .map(_.getPath.getName)
        .toSeq
    catch { case _: FileNotFoundException => Nil }
}

object Models {
  private val NamePattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"

  /** The file of a version that is the model. */
  val File = "model.safetensors"

  /** The bytes of a file, or of the model in a folder.
    *
    * @throws java.lang.IllegalArgumentException
    *   if there is none
    */
  def read(path: Path, hadoop: Configuration): Array[Byte] = {
    val files = path.getFileSystem(hadoop)
    try {
      val file = if (files.getFileStatus(path).isDirectory) new Path(path, File) else path
      Using.resource(files.open(file))(_.readAllBytes())
    } catch {
      case _: FileNotFoundException =>
        throw new IllegalArgumentException(s"there is no model at $path")
    }
  }
}
