package io.financelake.connect

import java.lang.management.ManagementFactory
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path}
import java.util
import javax.management.ObjectName

import scala.jdk.CollectionConverters._

import org.apache.kafka.common.record.TimestampType
import org.apache.kafka.connect.data.{Schema, SchemaBuilder, Struct}
import org.apache.kafka.connect.errors.ConnectException
import org.apache.kafka.connect.sink.SinkRecord
import org.scalatest.funsuite.AnyFunSuite

/** The task as Connect drives it, in the orders in which calls may come. The table is on the local disk. */
final class TaskSuite extends AnyFunSuite {

  private def record(partition: Int, offset: Long, value: Any = null): SinkRecord = {
    val bytes = Option(value).getOrElse(s"""{"symbol":"A$offset"}""".getBytes(UTF_8))
    new SinkRecord("t", partition, null, null, null, bytes, offset, 1L, TimestampType.CREATE_TIME)
  }

  private def records(partition: Int, offsets: Range): Seq[SinkRecord] =
    offsets.map(offset => record(partition, offset.toLong))

  /** Commits each time that something is collected. */
  private val eager = "flush.size" -> "1"

  private def withTable(body: Path => Unit): Unit = body(Files.createTempDirectory("table"))

  /** The numbers of rows of all commits, from the log. */
  private def rows(table: Path): Seq[Int] = {
    val count = "numRecords\\\\\":(\\d+)".r
    val log = Files.list(table.resolve("_delta_log"))
    try
      log.iterator.asScala.toSeq.sorted
        .flatMap(commit => count.findAllMatchIn(Files.readString(commit)).map(_.group(1).toInt))
    finally log.close()
  }

  test("a task starts where the table is, and shows where it is") {
    withTable { table =>
      val first = new Driven(table, eager)
      first.open(0, 1)
      assert(first.rewound() == Map.empty, "the table has nothing yet")
      first.put(records(0, 0 until 5): _*)
      assert(first.commitsRequested == 1)
      assert(first.shown(0 -> 5, 1 -> 7) == Map(0 -> 5, 1 -> 7), "nothing waits: no lag")
      first.stop()
      val second = new Driven(table)
      second.open(0, 1)
      assert(second.rewound() == Map(0 -> 5))
      second.put(records(0, 5 until 9): _*)
      assert(second.shown(0 -> 9, 1 -> 7) == Map(0 -> 5, 1 -> 7), "what waits is not shown as done")
      second.close(0, 1)
      second.stop()
      assert(rows(table) == Seq(5, 4), "closing commits")
    }
  }

  test("age commits without another record") {
    withTable { table =>
      val driven = new Driven(table, "flush.max.age.ms" -> "100")
      driven.open(0)
      driven.put(record(0, 0))
      assert(rows(table) == Nil)
      Thread.sleep(150)
      driven.put()
      assert(rows(table) == Seq(1))
      driven.stop()
    }
  }

  test("a fenced task reads again what the table does not have") {
    withTable { table =>
      val zombie = new Driven(table, eager)
      zombie.open(0, 1)
      val owner = new Driven(table, eager)
      owner.open(0)
      owner.put(records(0, 0 until 3): _*)
      zombie.put(records(0, 0 until 5) ++ records(1, 10 until 12): _*)
      assert(zombie.rewound() == Map(0 -> 3, 1 -> 10), "of partition 1 the first that came")
      assert(
        zombie.shown(0 -> 5, 1 -> 12) == Map(0 -> 3),
        "what is to come again is not shown as done"
      )
      zombie.put(records(0, 3 until 5) ++ records(1, 10 until 12): _*)
      assert(rows(table) == Seq(3, 4))
      Seq(zombie, owner).foreach(_.stop())
    }
  }

  test("after a close that could not commit, what was fetched before it is not believed") {
    withTable { table =>
      val zombie = new Driven(table)
      zombie.open(0, 1)
      val owner = new Driven(table, eager)
      owner.open(1)
      owner.put(records(1, 0 until 3): _*)
      zombie.put(records(0, 0 until 5) ++ records(1, 0 until 3): _*)
      zombie.close(1)
      // Connect hands over what it had fetched, and goes back only then.
      zombie.put(records(0, 5 until 8): _*)
      assert(zombie.rewound() == Map(0 -> 0))
      zombie.put(records(0, 0 until 8): _*)
      zombie.close(0)
      assert(rows(table) == Seq(3, 8))
      Seq(zombie, owner).foreach(_.stop())
    }
  }

  test("a partition that comes back starts at the table") {
    withTable { table =>
      val driven = new Driven(table)
      driven.open(0)
      driven.put(records(0, 0 until 4): _*)
      driven.close(0)
      driven.open(0)
      assert(driven.rewound() == Map(0 -> 4))
      driven.put(records(0, 4 until 6): _*)
      driven.close(0)
      assert(rows(table) == Seq(4, 2))
      driven.stop()
    }
  }

  test("while storage is away, records are collected up to the budget; then partitions wait") {
    withTable { table =>
      val driven = new Driven(
        table,
        "native.memory.max.bytes" -> "4194304",
        "retry.backoff.ms" -> "100",
        "behavior.on.malformed" -> "bronze"
      )
      driven.open(0, 1)
      driven.put(record(0, 0))
      val log = table.resolve("_delta_log")
      val away = table.resolve("away")
      Files.move(log, away)
      Files.writeString(log, "a file in its place")
      var next = 1
      val start = System.nanoTime
      while (driven.paused.isEmpty) {
        assert(next < 40000, "it never waits")
        driven.task.put(records(0, next until next + 500).asJava)
        next += 500
      }
      assert(driven.paused == Set(0, 1) && next > 2000)
      // It goes on answering, and what it tried does not fail it.
      for (_ <- 1 to 10) {
        Thread.sleep(30)
        driven.task.put(util.List.of())
      }
      assert(driven.paused == Set(0, 1))
      assert(driven.shown(0 -> next) == Map.empty)
      assert(System.nanoTime - start < 20e9)
      Files.delete(log)
      Files.move(away, log)
      driven.put()
      assert(driven.paused.isEmpty)
      driven.close(0, 1)
      driven.stop()
      assert(rows(table).sum == next)
    }
  }

  test("records without a value are written, dropped or an error") {
    for ((behaviour, expected) <- Seq("write" -> Seq(2), "ignore" -> Seq(1))) withTable { table =>
      val driven = new Driven(table, eager, "behavior.on.null.values" -> behaviour)
      driven.open(0)
      val tombstone =
        new SinkRecord("t", 0, null, null, null, null, 1, 1L, TimestampType.CREATE_TIME)
      driven.put(record(0, 0), tombstone)
      assert(rows(table) == expected)
      assert(driven.shown(0 -> 2) == Map(0 -> 2), "a dropped tail is no lag")
      driven.stop()
    }
  }

  test(
    "refused records are reported one by one, and the topic has them before the table moves on"
  ) {
    withTable { table =>
      val driven = new Driven(
        table,
        "behavior.on.malformed" -> "dlq",
        "behavior.on.null.values" -> "dlq"
      )
      driven.open(0)
      val tombstone =
        new SinkRecord("t", 0, null, null, null, null, 2, 1L, TimestampType.CREATE_TIME)
      val blank = record(0, 3, " ".getBytes(UTF_8))
      driven.put(record(0, 0), record(0, 1, "[1]".getBytes(UTF_8)), tombstone, blank)
      assert(driven.reported.map(_._1) == Seq(2, 0, 1), "tombstones are seen first")
      assert(driven.reported.last._2.startsWith("malformed_json: the record is an array"))
      assert(driven.delivered == 0)
      driven.close(0)
      assert(driven.delivered == 3 && rows(table) == Seq(1))
      driven.stop()
    }
  }

  test("whatever a converter made of JSON becomes JSON files again, three records in each") {
    withTable { base =>
      val driven = new Driven(
        base,
        "delta.table.url" -> "",
        "hdfs.url" -> base.toString,
        "format.class" -> "io.confluent.connect.hdfs.json.JsonFormat",
        "flush.size" -> "3"
      )
      driven.open(0)
      val schema = SchemaBuilder.struct.field("b", Schema.BYTES_SCHEMA).build
      val struct = new Struct(schema).put("b", Array[Byte](1))
      val values = Seq[(Schema, Any)](
        (null, util.Map.of("a", util.List.of[Any](1L, 2.5, true, "x\""))),
        (Schema.STRING_SCHEMA, "{\"t\": 1}"),
        (null, "text"),
        (schema, struct),
        (null, null),
        (null, "{\"raw\":1}".getBytes(UTF_8))
      )
      driven.put(values.zipWithIndex.map { case ((schema, value), offset) =>
        val time = TimestampType.CREATE_TIME
        new SinkRecord("t", 0, null, 7, schema, value, offset.toLong, 1L, time)
      }: _*)
      def lines(name: String) =
        Files.readString(base.resolve(s"topics/t/partition=0/t+0+$name.json"))
      assert(
        lines("0000000000+0000000002") ==
          "{\"a\":[1,2.5,true,\"x\\\"\"]}\n{\"t\": 1}\n\"text\"\n"
      )
      assert(driven.shown(0 -> 6) == Map(0 -> 3), "the rest waits")
      driven.close(0)
      assert(lines("0000000003+0000000005") == "{\"b\":\"AQ==\"}\n{\"raw\":1}\n")
      driven.open(0)
      assert(driven.rewound() == Map(0 -> 6))
      val infinite = intercept[ConnectException](driven.put(record(0, 6, Double.NaN)))
      assert(infinite.getMessage.contains("NaN"))
      driven.stop()
    }
  }

  test("JMX shows what a task does, for as long as it runs") {
    withTable { table =>
      val server = ManagementFactory.getPlatformMBeanServer
      val pattern = new ObjectName("io.financelake.connect:type=sink-task,connector=\"a:b\",*")
      val driven = new Driven(table, "name" -> "a:b", "flush.size" -> "3")
      driven.open(0)
      driven.put(records(0, 0 until 3): _*)
      driven.put(record(0, 3))
      val names = server.queryNames(pattern, null).asScala.toSeq
      assert(names.size == 1)
      def shown(attribute: String) = server.getAttribute(names.head, attribute).asInstanceOf[Long]
      assert(Seq("Commits", "CollectedRecords", "RefusedRecords").map(shown) == Seq(1, 1, 4))
      assert(shown("CollectedBytes") > 0 && shown("FailedCommits") == 0)
      assert(shown("CommittingBytes") == 0 && shown("Pauses") == 0 && shown("LongestPutMicros") > 0)
      driven.stop()
      assert(server.queryNames(pattern, null).isEmpty)
    }
  }

  test("what converters changed is refused with what to write") {
    withTable { table =>
      val driven = new Driven(table)
      driven.open(0)
      val thrown = intercept[ConnectException](driven.put(record(0, 7, Map("a" -> 1).asJava)))
      assert(thrown.getMessage.contains("value of t-0 offset 7"))
      assert(
        thrown.getMessage.contains(
          "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter"
        )
      )
      driven.stop()
    }
  }
}
