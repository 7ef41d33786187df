package io.financelake.connect

import java.nio.file.{Files, Path}

import scala.jdk.CollectionConverters._

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

  private def template: Map[String, String] = {
    val entry = "\"(.+)\": \"(.*)\",?".r.unanchored
    Files
      .readAllLines(Path.of("kafka-connect/hdfs-sink.json"))
      .asScala
      .collect { case entry(key, value) =>
        key -> value
      }
      .toMap
  }

  test("the template and a minimal configuration are valid") {
    assert(template.size > 10)
    assert(errors(template) == Map.empty)
    assert(errors(complete) == Map.empty)
    new HdfsSinkConnector().start(complete.asJava)
  }

  test("all errors come at once, each with what was given and what to write") {
    val wrong = complete ++ Map(
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
      found.keySet == wrong.keySet -- complete.keySet + "delta.table.url",
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

  test("keys of Confluent's sink are accepted where they make sense") {
    val theirs = complete - "delta.table.url" ++ Map(
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
    val format = theirs + ("format.class" -> "io.confluent.connect.hdfs.json.JsonFormat")
    assert(errors(format)("delivery.target").mkString.contains("write delivery.target=delta"))
    val several = theirs + ("topics" -> "a,b")
    assert(errors(several)("delta.table.url").mkString.contains("several topics"))
  }

  test("offsets cannot be changed behind the table's back") {
    val thrown = intercept[ConnectException] {
      new HdfsSinkConnector().alterOffsets(complete.asJava, java.util.Map.of())
    }
    assert(thrown.getMessage.contains("are in its table"))
  }

  test("texts reach the native side as they are") {
    val settings = new TaskSettings((complete + ("hdfs.user" -> "a\"b\\c\u0001é")).asJava)
    assert(settings.sinkJson().contains("\"user\":\"a\\\"b\\\\c\\u0001é\""))
  }
}
