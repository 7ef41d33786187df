package io.financelake.table

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import org.apache.hadoop.fs.Path
import org.apache.hadoop.security.UserGroupInformation
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.catalog.CatalogTable
import org.apache.spark.sql.classic.{SparkSession => ClassicSession}
import org.apache.spark.sql.delta.DeltaLog

/** A Delta table that a user named: `silver.bars`, a path, or delta.`path`. */
final case class TableLocation(log: DeltaLog, table: Option[CatalogTable]) {

  /** A request to the native library about this table. */
  def request(): ObjectNode = {
    val path = log.dataPath
    val uri = path.toUri
    val scheme = Option(uri.getScheme).getOrElse("file")
    val request = TableLocation.json.createObjectNode()
    val location = scheme match {
      case "file"            => uri.getPath
      case "hdfs" | "viewfs" => uri.toString
      case other =>
        throw new IllegalArgumentException(
          s"the table is at $path; maintenance works on file, hdfs and viewfs, not on $other"
        )
    }
    if (scheme != "file") {
      // The native client does not see the JVM's login.
      if (UserGroupInformation.isSecurityEnabled) {
        throw new UnsupportedOperationException(
          "the cluster uses Kerberos, which this procedure does not support; run `financelake table` with a ticket"
        )
      }
      request.put("user", UserGroupInformation.getCurrentUser.getShortUserName)
    }
    request.put("location", location)
  }
}

object TableLocation {
  private[table] val json = new ObjectMapper()

  def of(spark: SparkSession, name: String): TableLocation =
    if (name.contains("/") && !name.contains("`")) {
      TableLocation(existing(DeltaLog.forTable(spark, new Path(name)), name), None)
    } else {
      val state = spark.asInstanceOf[ClassicSession].sessionState
      val parts = state.sqlParser.parseMultipartIdentifier(name).toList match {
        case "spark_catalog" :: rest => rest
        case all                     => all
      }
      parts match {
        case List("delta", path) if path.contains("/") =>
          TableLocation(existing(DeltaLog.forTable(spark, new Path(path)), name), None)
        case _ =>
          val identifier =
            state.sqlParser.parseTableIdentifier(parts.map(p => s"`$p`").mkString("."))
          val table = state.catalog.getTableMetadata(identifier)
          TableLocation(existing(DeltaLog.forTable(spark, table), name), Some(table))
      }
    }

  private def existing(log: DeltaLog, name: String): DeltaLog = {
    if (log.update().version < 0) {
      throw new IllegalArgumentException(s"$name is not a Delta table; name one, or give its path")
    }
    log
  }
}
