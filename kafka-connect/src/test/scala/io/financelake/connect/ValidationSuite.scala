package io.financelake.connect

import java.nio.file.{Files, Path}

import scala.jdk.CollectionConverters._
import scala.util.Using

import io.financelake.jni.NativeSink
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.config.ConfigException
import org.apache.kafka.connect.errors.ConnectException
import org.scalatest.funsuite.AnyFunSuite

/** What `PUT /connector-plugins/.../config/validate` answers. */
final class ValidationSuite extends AnyFunSuite {
  private val complete = Map(
    "name" -> "sink",
    "connector.class" -> classOf[HdfsSinkConnector].getName,
    "topics" -> "data_stock",
    "delta.table.url" -> "hdfs://namenode:9000/lake/bronze/stock_data"
  )

  private def errors(config: Map[String, String]): Map[String, Seq[String]] =
    new HdfsSinkConnector()
      .validate(config.asJava)
      .configValues
      .asScala
      .filterNot(_.errorMessages.isEmpty)
      .map(value => value.name -> value.errorMessages.asScala.toSeq)
      .toMap

  private def template(name: String): Map[String, String] = {
    val entry = "\"(.+)\": \"(.*)\",?".r.unanchored
    Files
      .readAllLines(Path.of(s"kafka-connect/$name.json"))
      .asScala
      .collect { case entry(key, value) =>
        key -> value
      }
      .toMap
  }

  test("the templates and a minimal configuration are valid") {
    for (name <- Seq("hdfs-sink", "hdfs-sink-ha", "hdfs-sink-parquet", "hdfs-sink-avro")) {
      assert(template(name).size > 10)
      // That of the name service names a folder that this machine need not have.
      assert(errors(template(name) - "hadoop.conf.dir") == Map.empty, name)
    }
    assert(errors(complete) == Map.empty)
    new HdfsSinkConnector().start(complete.asJava)
  }

  test("all errors come at once, each with what was given and what to write") {
    val wrong = complete ++ Map(
      "delivery.target" -> "delta",
      "flush.size" -> "0",
      "flush.bytes" -> "many",
      "parquet.codec" -> "lz4",
      "behavior.on.malformed" -> "drop",
      "hadoop.conf.dir" -> "/nowhere",
      "instruments.reference" -> "/nowhere/instruments.csv",
      "value.converter" -> "org.apache.kafka.connect.json.JsonConverter"
    ) - "delta.table.url"
    val found = errors(wrong)
    assert(
      found.keySet == wrong.keySet -- complete.keySet - "delivery.target" + "delta.table.url",
      "each key with an error, and no other"
    )
    assert(found("parquet.codec").mkString.contains("lz4"))
    assert(found("hadoop.conf.dir").mkString.contains("it is not a folder on this worker"))
    assert(found("value.converter").mkString.contains(SinkTexts.BYTE_ARRAY_CONVERTER))
    assert(found("delta.table.url").mkString.contains("hdfs://namenode:9000"))
    val thrown =
      intercept[ConfigException](new HdfsSinkConnector().start((wrong - "flush.bytes").asJava))
    assert(thrown.getMessage.contains("lz4"))
  }

  test("a misspelt key is an error that says which was meant") {
    for (
      (given, meant) <- Seq(
        "rotate.intreval.ms" -> "rotate.interval.ms",
        "flush.sise" -> "flush.size"
      )
    ) {
      val found = errors(complete + (given -> "1"))
      assert(found(given).mkString.contains(s"did you mean $meant?"))
    }
    val strange = complete + ("something.else" -> "1")
    assert(errors(strange)("something.else").mkString.contains("config.unknown.keys=warn"))
    assert(errors(strange + ("config.unknown.keys" -> "warn")) == Map.empty)
    assert(errors(strange + ("config.unknown.keys" -> "ignore")) == Map.empty)
  }

  test("keys of Connect and its families are known") {
    val framework = Seq(
      "tasks.max",
      "topics.regex",
      "errors.tolerance",
      "errors.deadletterqueue.topic.name",
      "transforms",
      "transforms.route.type",
      "predicates.p.type",
      "consumer.override.isolation.level",
      "key.converter.schemas.enable"
    )
    assert(errors(complete ++ framework.map(_ -> "x")) == Map.empty)
  }

  test("security keys are refused, never ignored") {
    for (key <- SinkKeys.SECURITY.asScala) {
      val value = if (key == SinkKeys.KERBEROS) "true" else "value"
      assert(
        errors(complete + (key -> value))(key).mkString.contains("cannot log in with Kerberos")
      )
    }
    assert(errors(complete + (SinkKeys.KERBEROS -> "false")) == Map.empty)
    val folder = Files.createTempDirectory("hadoop")
    val site = "<configuration><property><name>hadoop.security.authentication</name>" +
      "<value> kerberos </value></property></configuration>"
    Files.writeString(folder.resolve("core-site.xml"), site)
    val found = errors(complete + ("hadoop.conf.dir" -> folder.toString))
    assert(found("hadoop.conf.dir").mkString.contains("asks for Kerberos"))
  }

  test("a dead-letter topic has to be named") {
    for (key <- Seq("behavior.on.malformed", "behavior.on.null.values")) {
      val asked = complete + (key -> "dlq")
      assert(errors(asked)(key).mkString.contains("errors.deadletterqueue.topic.name"))
      assert(errors(asked + ("errors.deadletterqueue.topic.name" -> "d")).contains(key))
      val topic = Map("errors.tolerance" -> "all", "errors.deadletterqueue.topic.name" -> "d")
      assert(errors(asked ++ topic) == Map.empty)
    }
  }

  test("routes have their form, and reach the native side") {
    val routes = "topic:data_bond=hdfs://n:1/bond, class:bond_yield=hdfs://n:1/bond"
    val routed = complete + ("delta.table.routes" -> routes)
    assert(errors(routed) == Map.empty)
    assert(
      new TaskSettings(routed.asJava).sinkJson.contains(
        "\"routes\":{\"topics\":{\"data_bond\":\"hdfs://n:1/bond\"}," +
          "\"asset_classes\":{\"bond_yield\":\"hdfs://n:1/bond\"}}"
      )
    )
    for (wrong <- Seq("data_bond=hdfs://n:1/bond", "topic:=x", "class:crypto=", "topic:a"))
      assert(
        errors(complete + ("delta.table.routes" -> wrong))("delta.table.routes").mkString
          .contains("topic:data_bond=")
      )
  }

  test("keys of Confluent's sink are accepted where they make sense") {
    val theirs = complete - "delta.table.url" ++ Map(
      "delivery.target" -> "delta",
      "hdfs.url" -> "hdfs://namenode:9000/",
      "topics.dir" -> "/lake/bronze/",
      "flush.size" -> "3",
      "rotate.interval.ms" -> "60000",
      "logs.dir" -> "logs",
      "partitioner.class" -> "io.confluent.connect.storage.partitioner.DailyPartitioner",
      "hive.integration" -> "false",
      "schema.compatibility" -> "NONE"
    )
    assert(errors(theirs) == Map.empty)
    assert(TableLocation.of(theirs.asJava) == "hdfs://namenode:9000/lake/bronze/data_stock")
    assert(
      TableLocation.of((theirs + ("store.url" -> "file:///data")).asJava) ==
        "file:///data/lake/bronze/data_stock"
    )
    assert(new TaskSettings(theirs.asJava).maxAge == 60000)
    val several = theirs + ("topics" -> "a,b")
    assert(errors(several)("delta.table.url").mkString.contains("several topics"))
  }

  private val files = complete - "delta.table.url" ++ Map(
    "hdfs.url" -> "hdfs://namenode:9000",
    "format.class" -> "io.confluent.connect.hdfs.json.JsonFormat"
  )

  private def json(config: Map[String, String]): String = new TaskSettings(config.asJava).sinkJson

  test("the seven keys of the original project are valid") {
    val seven = Map(
      "connector.class" -> "io.financelake.connect.HdfsSinkConnector",
      "tasks.max" -> "1",
      "topics" -> "data_stock",
      "hdfs.url" -> "hdfs://localhost:9000",
      "hadoop.conf.dir" -> Files.createTempDirectory("conf").toString,
      "flush.size" -> "3",
      "format.class" -> "io.confluent.connect.hdfs.json.JsonFormat"
    )
    assert(errors(seven) == Map.empty)
    assert(
      json(seven).contains("\"format\":\"json\",\"topics_dir\":\"topics\",\"logs_dir\":\"logs\"")
    )
    assert(json(seven).contains("\"malformed\":\"fail\"") && json(seven).contains("\"records\":3,"))
    assert(json(seven - "format.class").contains("\"format\":\"avro\""), "as Confluent's default")
  }

  test("a configuration of Confluent's sink with all its keys is valid") {
    val partitioner = "io.confluent.connect.storage.partitioner."
    val theirs = files ++ Map(
      "store.url" -> "hdfs://namenode:9000/data",
      "topics.dir" -> "in",
      "logs.dir" -> "log",
      "flush.size" -> "1000",
      "rotate.interval.ms" -> "60000",
      "rotate.schedule.interval.ms" -> "-1",
      "filename.offset.zero.pad.width" -> "12",
      "partitioner.class" -> (partitioner + "TimeBasedPartitioner"),
      "partition.duration.ms" -> "3600000",
      "path.format" -> "'date'=YYYY-MM-dd/'hour'=HH",
      "locale" -> "en-US",
      "timezone" -> "Europe/Berlin",
      "timestamp.extractor" -> "RecordField",
      "timestamp.field" -> "at",
      "schema.compatibility" -> "BACKWARD",
      "hive.integration" -> "false",
      "storage.class" -> "io.confluent.connect.hdfs.storage.HdfsStorage",
      "value.converter" -> "org.apache.kafka.connect.json.JsonConverter"
    )
    assert(errors(theirs) == Map.empty)
    for (
      part <- Seq(
        "\"by\":\"time\"",
        "\"time\":{\"field\":\"at\"}",
        "\"timezone\":\"Europe/Berlin\"",
        "\"duration_ms\":3600000",
        "\"interval_ms\":60000",
        "\"pad\":12",
        "\"location\":\"hdfs://namenode:9000/data\""
      )
    ) assert(json(theirs).contains(part))
    for (
      (name, pattern) <- Seq(
        "HourlyPartitioner" -> "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH\"",
        "DailyPartitioner" -> "'year'=YYYY/'month'=MM/'day'=dd\""
      )
    ) assert(json(theirs + ("partitioner.class" -> (partitioner + name))).contains(pattern))
  }

  test("what is wrong with files is said for each key") {
    for (
      (key, value, word) <- Seq(
        ("format.class", "io.confluent.connect.hdfs.orc.OrcFormat", "ParquetFormat"),
        ("format.class", "JsonFormatt", "did you mean JsonFormat?"),
        ("partitioner.class", "org.example.MyPartitioner", "TimeAndFieldPartitioner"),
        ("timestamp.extractor", "Clock", "RecordField"),
        ("behavior.on.malformed", "bronze", "write dlq, ignore or fail"),
        ("behavior.on.null.values", "write", "ignore"),
        ("delta.table.url", "hdfs://n:1/t", "delivery.target=delta"),
        ("topic.capture.groups.regex", "(.*)", "one connector per topic"),
        ("topics.dir", "$" + "{1}", "can stand in it")
      )
    ) assert(errors(files + (key -> value))(key).mkString.contains(word), key)
    val timed = files + ("partitioner.class" -> "TimeBasedPartitioner")
    assert(errors(timed)("path.format").mkString.contains("'date'=YYYY-MM-dd"))
    val pattern = timed + ("path.format" -> "'date'=YYYY-MM-dd")
    assert(errors(pattern) == Map.empty)
    val named = new HdfsSinkConnector().validate(pattern.asJava).configValues.asScala
    val sample = named.find(_.name == "sample.path").get.value.toString
    assert(
      sample.matches(
        "hdfs://namenode:9000/topics/<topic>/date=\\d{4}-\\d\\d-\\d\\d/<topic>\\+0\\+0+\\+0+999\\.json"
      )
    )
    assert(errors(pattern + ("timezone" -> "Mars"))("timezone").mkString.contains("UTC"))
    val parquet =
      files ++ Map("format.class" -> "ParquetFormat", "partitioner.class" -> "FieldPartitioner")
    val field = "partition.field.name"
    assert(errors(parquet)(field).mkString.contains("write names of fields"))
    assert(errors(parquet + (field -> "country"))(field).mkString.contains("asset_class"))
    assert(errors(parquet + (field -> "region")) == Map.empty)
  }

  test("offsets go forward where they count, and never back") {
    val base = Files.createTempDirectory("lake").toString
    val table = complete ++ Map("delta.table.url" -> base)
    val plain = files ++ Map("hdfs.url" -> base, "topics.dir" -> "in")
    def alter(config: Map[String, String], offset: java.lang.Long): Boolean =
      new HdfsSinkConnector().alterOffsets(
        config.asJava,
        java.util.Collections.singletonMap(new TopicPartition("t", 3), offset)
      )
    for (config <- Seq(plain, table)) {
      assert(alter(config, 7) && alter(config, 7) && alter(config, 9))
      assert(
        intercept[ConnectException](alter(config, 8)).getMessage.contains("from offset 9 to 8")
      )
      assert(intercept[ConnectException](alter(config, null)).getMessage.contains("twice"))
      assert(position(config, 3) == 9 && position(config, 2) == NativeSink.NO_POSITION)
    }
  }

  /** Where a task would start. */
  private def position(config: Map[String, String], partition: Int): Long =
    Using.resource(NativeSink.open(json(config)))(sink =>
      sink.position(sink.assign("t", partition))
    )

  test("texts reach the native side as they are") {
    val settings = new TaskSettings((complete + ("hdfs.user" -> "a\"b\\c\u0001é")).asJava)
    assert(settings.sinkJson().contains("\"user\":\"a\\\"b\\\\c\\u0001é\""))
  }
}
