package io.financelake.jobs

import java.io.PrintStream
import java.nio.charset.StandardCharsets.UTF_8

import com.fasterxml.jackson.databind.ObjectMapper
import io.financelake.lake._
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.expressions.Window
import org.apache.spark.sql.functions._

/** Shows the refused records of a lake, or decides them again. */
object Quarantine
    extends Job("Shows the refused records of a lake's Bronze tables, or decides them again.") {
  import Job.number

  private val lakePath = JobOption("--lake", "PATH", "folder of the lake", required = true)
  private val reason = JobOption("--reason", "CODE", "only records refused for this reason")
  private val table = JobOption("--table", "NAME", "stock_data or bond_data; default: both")
  private val limit = JobOption("--limit", "N", "list: how many samples per reason; default: 3")
  private val json = JobOption("--json", "", "list: print JSON")
  private val reference =
    JobOption("--reference", "FILE", "replay: the instruments reference; default: none")

  protected val options: Seq[JobOption] = Seq(lakePath, reason, table, limit, json, reference)

  override protected val commands: Seq[(String, String)] = Seq(
    "list" -> "count refused records by reason, with samples",
    "replay" -> "decide refused records again, by the rules and the reference of today"
  )

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val layouts = tables(arguments.get(table))
    val samples = arguments.get(limit).fold(3)(readLimit)
    val hadoop = Job.hadoop
    val path = new Path(arguments(lakePath))
    Job.found("--lake", path.toString)(path.getFileSystem(hadoop).getFileStatus(path))
    arguments.command match {
      case Some("replay") =>
        val text = Reference.read(arguments.get(reference), None, hadoop, out)
        replay(new Lake(open.session(metastore = false), path), layouts, arguments, text, out)
      case _ =>
        val lake = new Lake(open.session(metastore = false), path)
        val found = groups(lake, layouts, arguments.get(reason), samples)
        if (arguments.has(json)) printJson(found, out) else print(found, out)
    }
  }

  private def tables(name: Option[String]): Seq[Layout] = name.fold(Layout.bronzeTables) { given =>
    val known = Layout.bronzeTables
    known.filter(layout =>
      Seq(layout.name, layout.sqlName, layout.name.split('/').last).contains(given)
    ) match {
      case Seq() =>
        val names = known.map(_.name.split('/').last).mkString(" or ")
        throw new WrongArguments(s"--table $given is no table of refused records: write $names")
      case found => found
    }
  }

  private def readLimit(text: String): Int =
    text.toIntOption.filter(_ >= 0).getOrElse {
      throw new WrongArguments(s"--limit $text is not a number of samples: write 0 or more")
    }

  /** The records of a reason, with some of them. */
  final private case class Group(reason: String, records: Long, samples: Seq[Sample])

  final private case class Sample(
      table: String,
      topic: String,
      partition: Int,
      offset: Long,
      detail: String,
      value: String
  )

  private def groups(
      lake: Lake,
      layouts: Seq[Layout],
      reason: Option[String],
      samples: Int
  ): Seq[Group] = {
    val refused = layouts
      .map(lake.table)
      .filter(_.exists)
      .map(table => Bronze.refused(table.rows, reason).withColumn("table", lit(table.layout.name)))
    refused.reduceOption(_ unionByName _).fold(Seq.empty[Group])(grouped(_, samples))
  }

  private def grouped(refused: DataFrame, samples: Int): Seq[Group] = {
    val place: Seq[Column] = Seq("table", "topic", "partition", "offset").map(col)
    val ranked = refused
      .withColumn("rank", row_number().over(Window.partitionBy("reason").orderBy(place: _*)))
      .withColumn("records", count(lit(1)).over(Window.partitionBy("reason")))
      .where(col("rank") <= samples.max(1))
      .orderBy(col("records").desc, col("reason"), col("rank"))
      .select((Seq("reason", "records").map(col) ++ place) ++ Seq("detail", "value").map(col): _*)
    val rows = ranked.collect().toSeq
    rows.map(_.getString(0)).distinct.map { name =>
      val own = rows.filter(_.getString(0) == name)
      val shown = own.take(samples).map { row =>
        val text = new String(row.getAs[Array[Byte]]("value"), UTF_8)
        Sample(
          row.getString(2),
          row.getString(3),
          row.getInt(4),
          row.getLong(5),
          row.getString(6),
          text
        )
      }
      Group(name, own.head.getLong(1), shown)
    }
  }

  private def print(groups: Seq[Group], out: PrintStream): Unit = {
    groups.foreach { group =>
      out.println(f"${group.reason}%-24s ${number(group.records)}%9s")
      group.samples.foreach { sample =>
        out.println(s"  ${sample.topic} offset ${sample.offset}: ${sample.detail}")
        out.println(s"    ${printable(sample.value)}")
      }
    }
    val reasons = if (groups.size == 1) "1 reason" else s"${groups.size} reasons"
    out.println(s"${number(groups.map(_.records).sum)} records refused for $reasons")
  }

  /** One line of at most 200 letters that no terminal takes for a command. */
  private def printable(value: String): String = {
    val line = value.map(letter => if (letter.isControl) '\ufffd' else letter)
    if (line.length > 200) line.take(200) + "..." else line
  }

  private def printJson(groups: Seq[Group], out: PrintStream): Unit = {
    val mapper = new ObjectMapper
    val root = mapper.createObjectNode().put("records", groups.map(_.records).sum)
    val reasons = root.putArray("reasons")
    groups.foreach { group =>
      val node = reasons.addObject().put("reason", group.reason).put("records", group.records)
      val list = node.putArray("samples")
      group.samples.foreach { sample =>
        list
          .addObject()
          .put("table", sample.table)
          .put("topic", sample.topic)
          .put("partition", sample.partition)
          .put("offset", sample.offset)
          .put("detail", sample.detail)
          .put("value", sample.value)
      }
    }
    out.println(root.toString)
  }

  private def replay(
      lake: Lake,
      layouts: Seq[Layout],
      arguments: Arguments.Parsed,
      text: String,
      out: PrintStream
  ): Unit = {
    val refused = new Replay(lake, text)
    val summary = new ImportSummary(out, 0)
    val replayed = layouts.filter(layout => lake.table(layout).exists).map { layout =>
      summary.step(layout)(refused.run(layout, arguments.get(reason), Job.now()))(_.outcome)
    }
    for (layout <- Layout.silverTables ++ Layout.goldTables if replayed.nonEmpty)
      summary.step(layout)(lake.refresh(layout))(identity)
    val (records, accepted) = (replayed.map(_.records).sum, replayed.map(_.accepted).sum)
    val changed = replayed.map(_.outcome).filter(_.committed).map(_.rowsIn).sum
    out.println(
      s"replayed ${number(records)} refused records: ${number(accepted)} accepted now, " +
        s"${number(changed - accepted)} refused for another reason, ${number(records - changed)} as before"
    )
  }
}
