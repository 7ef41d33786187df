package io.financelake.jobs

import java.io.PrintStream

import com.fasterxml.jackson.databind.ObjectMapper
import io.financelake.lake._
import io.financelake.market.{RecordSettings, SourceFolder}
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.streaming.StreamingQuery

/** What the two medallion jobs have in common: from where records come, and how they are read. */
private[jobs] object Medallion {
  val lake: JobOption = JobOption("--lake", "PATH", "folder of the lake", required = true)
  val ingest: JobOption = JobOption(
    "--ingest",
    "WAY",
    "spark: this job brings Kafka's records into Bronze; connect: the sink of Kafka Connect does; default: spark"
  )
  val servers: JobOption = JobOption(
    "--bootstrap-servers",
    "HOST:PORT,...",
    "brokers; default: KAFKA_BOOTSTRAP_SERVERS, else localhost:9092"
  )
  val topic: JobOption =
    JobOption("--topic", "NAME", "topic of market records; default: KAFKA_TOPIC, else data_stock")
  val bondTopic: JobOption =
    JobOption("--bond-topic", "NAME", "topic of bond yields; default: data_bond")
  val reference: JobOption =
    JobOption(
      "--reference",
      "FILE",
      "instruments reference, read again when it changes; default: none"
    )
  val manifest: JobOption = JobOption(
    "--manifest",
    "FILE",
    "a MANIFEST.json; what its closes-only sources send may have no open, high and low"
  )
  val maxOffsets: JobOption =
    JobOption("--max-offsets", "N", "records of Kafka per batch and topic; default: 100000")
  val register: JobOption =
    JobOption("--register", "", "make the tables known as bronze.*, silver.*, gold.*")

  val options: Seq[JobOption] =
    Seq(lake, ingest, servers, topic, bondTopic, reference, manifest, maxOffsets, register)

  /** What the arguments say, checked as far as that goes without Spark. */
  final class Plan(arguments: Arguments.Parsed, hadoop: Configuration, out: PrintStream) {
    val fromKafka: Boolean = arguments.get(ingest).getOrElse("spark") match {
      case "spark"   => true
      case "connect" => false
      case other     => throw new WrongArguments(s"--ingest $other: write spark or connect")
    }
    val folder = new Path(arguments(lake))
    private val brokers = value(servers, "KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
    private val topics = Seq(
      Layout.bronzeStock -> value(topic, "KAFKA_TOPIC", "data_stock"),
      Layout.bronzeBond -> value(bondTopic, "KAFKA_BOND_TOPIC", "data_bond")
    )
    private val most = positive(arguments, maxOffsets, 100000)
    private val instruments = new ReferenceFile(arguments.get(reference), hadoop, out)
    private val settings =
      arguments.get(manifest).fold(RecordSettings.plain)(Medallion.closesOnly(_, hadoop))

    /** Records of Kafka, unless the sink brings them. */
    def source(lake: Lake): Option[KafkaSource] =
      if (fromKafka)
        Some(new KafkaSource(lake, brokers, topics, settings, most, () => instruments.text()))
      else None

    /** What is done, in a line. */
    val description: String = {
      val from =
        if (fromKafka) s"${topics.map(_._2).mkString(", ")} at $brokers" else "the sink's Bronze"
      s"from $from into $folder"
    }

    private def value(option: JobOption, variable: String, otherwise: String): String =
      arguments
        .get(option)
        .orElse(Option(System.getenv(variable)).filter(_.nonEmpty))
        .getOrElse(otherwise)
  }

  def positive(arguments: Arguments.Parsed, option: JobOption, otherwise: Long): Long =
    arguments.get(option).fold(otherwise) { text =>
      text.toLongOption.filter(_ > 0).getOrElse {
        throw new WrongArguments(s"${option.name} $text: write a whole number above 0")
      }
    }

  /** Starts queries, and says what is missing when Spark has no connector. */
  def started(start: => Seq[StreamingQuery]): Seq[StreamingQuery] =
    try start
    catch {
      case missing: org.apache.spark.sql.AnalysisException
          if missing.getMessage.contains("data source: kafka") =>
        throw new WrongArguments(
          "Spark's connector for Kafka is missing: add " +
            "--packages org.apache.spark:spark-sql-kafka-0-10_2.13:<Spark's version>"
        )
    }

  private def closesOnly(path: String, hadoop: Configuration): RecordSettings =
    Job.found("--manifest", path) {
      val sources = SourceFolder.closesOnlySources(new Path(path), hadoop)
      val mapper = new ObjectMapper
      val json = mapper.createObjectNode().put("format", "json")
      val list = json.putArray("closes_only_sources")
      sources.foreach(list.add)
      RecordSettings(json.toString)
    }
}
