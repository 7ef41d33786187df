package io.financelake.sql

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.internal.SQLConf

import io.financelake.jni.NativeTrend
import io.financelake.lake.Models

/** A trend model as a query uses it: the driver reads the file once, and tasks get its bytes with their plan.
  * So all of them score with the same version, whatever is promoted meanwhile, and no executor reads the lake.
  *
  * @param label
  *   what the query calls it, with the version: `us-equity@3`, or a path
  */
final class TrendModel private (val label: String, val file: Array[Byte]) extends Serializable {

  @transient private lazy val described: JsonNode =
    new ObjectMapper().readTree(NativeTrend.describe(file))

  /** SHA-256 of the file. */
  val digest: String = described.path("digest").asText

  /** Its description, the JSON inside the file. */
  def card: JsonNode = described.path("card")

  /** The names of its features, in order. */
  val features: Seq[String] =
    card.path("features").elements.asScala.map(_.path("name").asText).toSeq

  /** Rows of a window. */
  val window: Int = card.path("window").asInt

  override def equals(other: Any): Boolean = other match {
    case that: TrendModel => that.digest == digest
    case _                => false
  }

  override def hashCode: Int = digest.hashCode

  override def toString: String = label
}

object TrendModel {

  /** The model of these bytes.
    *
    * @throws io.financelake.jni.InvalidArgumentException
    *   if they are none
    */
  def of(label: String, file: Array[Byte]): TrendModel = new TrendModel(label, file)

  /** Finds a model: `name` is the promoted version, `name@3` that version, anything with a slash the path of
    * a model file.
    *
    * @throws java.lang.IllegalArgumentException
    *   if there is none, saying what to write
    */
  def resolve(reference: String): TrendModel = {
    val hadoop = SparkSession.active.sparkContext.hadoopConfiguration
    if (reference.contains('/')) of(reference, Models.read(new Path(reference), hadoop))
    else {
      val lake = Settings.lake(SQLConf.get).getOrElse {
        throw new IllegalArgumentException(
          s"model '$reference' is looked for in the lake of ${Settings.Lake.key}, which is not set; " +
            s"SET ${Settings.Lake.key} = <path of the lake>, or name the path of a model file"
        )
      }
      val (name, version, file) = new Models(new Path(lake), hadoop).find(reference)
      of(s"$name@$version", file)
    }
  }
}
