package io.financelake.lake

import java.sql.Timestamp

import scala.util.Try

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._

/** A part of a table of Gold that a job makes from Silver, and how it follows Silver's change feed.
  *
  * As everywhere in the lake, how far it has come stands in its own commits, together with the rows. So a batch job, a
  * stream, and one that was killed all go on where the table is, and nothing is taken in twice. The part has one writer.
  *
  * @param name
  *   the part of the table, such as the predictions of a model
  * @param of
  *   what decides its rows besides Silver, such as the model's version; where that is new, all are made anew
  * @param concerns
  *   which series it has rows of
  */
final class Derived(
    lake: Lake,
    layout: Layout,
    from: Seq[Layout],
    name: String,
    of: String,
    concerns: String => Boolean = _ => true
) {
  import Derived._

  val table: LakeTable = lake.table(layout)

  /** Read once: nobody else moves it. */
  private var known: Option[Progress] =
    table.userMetadata
      .flatMap(text => Try(mapper.readTree(text)).toOption.map(text -> _))
      .find { case (_, json) => json.path(NameKey).asText == name }
      .filter { case (_, json) => json.path(OfKey).asText == of }
      .flatMap { case (text, _) => Progress.parse(text) }

  /** Takes in what is new, in at most one commit.
    *
    * @param make
    *   makes rows from all bars of the sources, for the series and times that have changed
    */
  def refresh(make: (DataFrame, Changes) => Rows): Outcome = {
    val sources = from.map(lake.table).filter(_.exists)
    val progress = Progress.of(sources)
    val found =
      if (sources.isEmpty || known.contains(progress)) NoChanges
      else if (!table.exists) AllChanged
      else known.fold[Changes](AllChanged)(changes(sources, _))
    found match {
      case NoChanges =>
        // Nothing of it concerns this part; it need not be read again.
        if (sources.nonEmpty) known = Some(progress)
        Outcome.unchanged(table)
      case changes =>
        val made = make(sources.map(_.rows).reduce(_ unionByName _), changes)
        try table.replace(made.rows, made.condition, marker(progress))
        finally made.close()
        known = Some(progress)
        Outcome.committed(table, made.series)
    }
  }

  /** The number only has to be another one than those before, or Delta would take the commit for a repetition. */
  private def marker(progress: Progress): Marker = {
    val told: ObjectNode = mapper.readTree(progress.marker.metadata).deepCopy()
    Marker(
      s"financelake:$name",
      table.version + 1,
      told.put(NameKey, name).put(OfKey, of).toString
    )
  }

  private def changes(sources: Seq[LakeTable], done: Progress): Changes = {
    val feeds = sources.map { source =>
      done.versions.get(source.id).flatMap { version =>
        if (version == source.version) Some(None) else source.changesSince(version).map(Some(_))
      }
    }
    if (feeds.exists(_.isEmpty)) AllChanged
    else {
      val first = feeds.flatten.flatten
        .map(_.select("series", "ts"))
        .reduceOption(_ union _)
        .fold(Seq.empty[(String, Timestamp)])(
          _.groupBy("series")
            .agg(min("ts"))
            .limit(Gold.MostSeries + 1)
            .collect()
            .toSeq
            .map(row => row.getString(0) -> row.getTimestamp(1))
        )
      if (first.size > Gold.MostSeries) AllChanged
      else {
        val own = first.filter { case (series, _) => concerns(series) }
        if (own.isEmpty) NoChanges else ChangedSince(own.toMap)
      }
    }
  }
}

object Derived {
  private val NameKey = "financelake.part"
  private val OfKey = "financelake.of"
  private val mapper = new ObjectMapper

  /** What has changed in Silver. */
  sealed trait Changes

  private case object NoChanges extends Changes

  /** Everything, or it cannot be told any more. */
  case object AllChanged extends Changes

  /** Per series the time of the first row that was added, corrected or deleted. */
  final case class ChangedSince(first: Map[String, Timestamp]) extends Changes

  /** Rows for a table.
    *
    * @param condition
    *   which rows of the table they replace; all without one
    * @param series
    *   how many series had news, -1 for all
    * @param close
    *   gives back what the rows hold
    */
  final case class Rows(
      rows: DataFrame,
      condition: Option[String],
      series: Long = -1,
      close: () => Unit = () => ()
  )
}
