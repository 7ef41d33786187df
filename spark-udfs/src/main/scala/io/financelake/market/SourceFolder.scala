package io.financelake.market

import java.io.FileNotFoundException

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import com.fasterxml.jackson.databind.node.ObjectNode
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.{FileSystem, Path}

/** Finds the files of a source: those that the folder's MANIFEST.json declares, or one of them, or
  * files of JSON lines, which can do without.
  */
object SourceFolder {
  private val ManifestName = "MANIFEST.json"
  private val mapper = new ObjectMapper

  /** The files to import, in the manifest's order.
    *
    * @param source
    *   a folder or a file
    * @throws java.io.FileNotFoundException
    *   if the source or a declared file does not exist
    * @throws BrokenFile
    *   if the manifest cannot be understood
    */
  def files(source: Path, hadoop: Configuration): Seq[SourceFile] = {
    val storage = source.getFileSystem(hadoop)
    val status = storage.getFileStatus(source)
    val folder = if (status.isDirectory) status.getPath else status.getPath.getParent
    val manifest = new Path(folder, ManifestName)
    val declared =
      if (storage.exists(manifest)) entries(storage, manifest).map(declaredFile(folder, _))
      else Seq.empty
    val found =
      if (status.isFile) {
        val name = status.getPath.getName
        declared.find(_.name == name).orElse(undeclared(status.getPath)).toSeq
      } else if (storage.exists(manifest)) declared
      else storage.listStatus(folder).toSeq.map(_.getPath).sorted.flatMap(undeclared)
    if (found.isEmpty) {
      val wanted = if (status.isFile) s"an entry for ${status.getPath.getName}" else "files"
      throw new FileNotFoundException(
        s"there is no $ManifestName in $folder that declares $wanted, which all but .jsonl and " +
          ".jsonl.gz files need"
      )
    }
    found.foreach(file => storage.getFileStatus(new Path(file.location)))
    found
  }

  /** The sources that publish closes only, as a manifest says. */
  def closesOnlySources(manifest: Path, hadoop: Configuration): Seq[String] =
    entries(manifest.getFileSystem(hadoop), manifest)
      .filter(_.path("closes_only").asBoolean)
      .map(_.path("source").asText)
      .distinct

  private def entries(storage: FileSystem, manifest: Path): Seq[ObjectNode] = {
    def broken(reason: String, cause: Throwable) =
      new BrokenFile(manifest.toString, reason, cause)
    val stream = storage.open(manifest)
    try {
      val files = mapper.readTree(stream: java.io.InputStream).path("files")
      if (!files.isArray || files.elements.asScala.exists(!_.path("file").isTextual))
        throw broken("it has no array 'files' of objects with a member 'file'", null)
      files.elements.asScala.map(_.asInstanceOf[ObjectNode]).toSeq
    } catch {
      case failure: JsonProcessingException => throw broken(failure.getOriginalMessage, failure)
    } finally stream.close()
  }

  private def declaredFile(folder: Path, entry: ObjectNode): SourceFile = {
    val name = entry.get("file").textValue
    val path = new Path(folder, name)
    def texts(key: String): Seq[String] =
      entry.path(key).elements.asScala.map((node: JsonNode) => node.asText).toSeq
    val format = formatOf(name).getOrElse {
      val reason = s"the manifest declares it, but its name does not end with one of: $Endings"
      throw new BrokenFile(path.toString, reason, null)
    }
    SourceFile(
      path.toString,
      name,
      RecordSettings.of(entry, format),
      Some(texts("columns").mkString(",")).filter(_ => format == "csv"),
      texts("asset_classes") == Seq("bond_yield"),
      Option(entry.path("sha256").textValue)
    )
  }

  private def undeclared(path: Path): Option[SourceFile] =
    formatOf(path.getName).filter(_ == "json").map { _ =>
      SourceFile(path.toString, path.getName, RecordSettings.plain, None, bonds = false, None)
    }

  private val Endings = ".csv, .csv.gz, .jsonl, .jsonl.gz"

  private def formatOf(name: String): Option[String] = name.stripSuffix(".gz") match {
    case csv if csv.endsWith(".csv")       => Some("csv")
    case lines if lines.endsWith(".jsonl") => Some("json")
    case _                                 => None
  }
}
