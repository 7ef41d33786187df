package io.financelake.lake

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.ObjectMapper

/** How far a table has taken in the tables that it is made from: per source, by the id of its Delta
  * table, the version that is contained.
  *
  * It is committed together with the rows, in two forms. Delta's transaction marker (an application id
  * and a number) lasts for ever and says whether a source has news. The commit's user metadata has the
  * single versions, from which only the news is read; when the log was cleaned up since, everything is
  * read again, with the same result.
  */
final case class Progress(versions: Map[String, Long]) {

  /** For the commit that contains the sources so far. Its application is the same for the same set of
    * sources, where a table that was made anew is another source; versions only grow, so their sum
    * tells two states apart.
    */
  def marker: Marker = Marker(
    versions.keys.toSeq.sorted.mkString("financelake:", "+", ""),
    versions.values.sum,
    json
  )

  private def json: String = {
    val root = Progress.mapper.createObjectNode()
    val sources = root.putObject(Progress.Key)
    versions.toSeq.sorted.foreach { case (id, version) => sources.put(id, version) }
    root.toString
  }
}

object Progress {
  private val Key = "financelake.sources"
  private val mapper = new ObjectMapper

  /** Where these tables are now. */
  def of(sources: Seq[LakeTable]): Progress =
    Progress(sources.map(source => source.id -> source.version).toMap)

  /** Reads a marker's metadata; nothing if a commit's user metadata is something else. */
  def parse(userMetadata: String): Option[Progress] =
    try {
      val sources = mapper.readTree(userMetadata).path(Key)
      if (!sources.isObject) None
      else
        Some(Progress(sources.properties.asScala.map(e => e.getKey -> e.getValue.asLong).toMap))
    } catch { case _: JsonProcessingException => None }
}
