package io.financelake.market

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode

/** How the records of a file or topic are read: what its manifest declares, in the words of
  * `NativeRecords.open`. The text is kept with every row, so that a replay reads it alike.
  */
final case class RecordSettings(json: String) {

  /** The settings together with an instruments reference, for `NativeRecords.open`. */
  def withReference(reference: String): String = {
    val settings = RecordSettings.mapper.readTree(json).asInstanceOf[ObjectNode]
    settings.put("reference", reference).toString
  }
}

object RecordSettings {
  private val mapper = new ObjectMapper

  /** JSON records without declared defaults. */
  val plain: RecordSettings = RecordSettings("""{"format":"json"}""")

  /** The members of a manifest's entry that say how to read the file; the others are for people. */
  def of(entry: ObjectNode, format: String): RecordSettings = {
    val settings = mapper.createObjectNode().put("format", format)
    for (key <- Seq("columns", "freq", "source", "adjustment", "closes_only"))
      Option(entry.get(key)).foreach(settings.set[ObjectNode](key, _))
    RecordSettings(settings.toString)
  }
}
