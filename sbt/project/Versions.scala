import sbt._

/** Every version that the JVM build uses, and the Spark releases that it is tested with. */
object Versions {

  /** A Spark release together with what its own distribution was built with. */
  final case class SparkRelease(spark: String, scala: String) {
    val minor: String = spark.split('.').take(2).mkString(".")

    val sql: ModuleID = "org.apache.spark" %% "spark-sql" % spark
    val delta: ModuleID = "io.delta" % s"delta-spark_${minor}_2.13" % Versions.delta
    val hive: ModuleID = "org.apache.spark" %% "spark-hive" % spark
    val mllib: ModuleID = "org.apache.spark" %% "spark-mllib" % spark
    val connect: ModuleID = "org.apache.spark" %% "spark-connect" % spark
  }

  val delta = "4.4.0"

  /** The lowest supported release: what the jar is compiled against. */
  val spark40: SparkRelease = SparkRelease("4.0.4", "2.13.16")
  val spark41: SparkRelease = SparkRelease("4.1.3", "2.13.17")

  /** The default for users and for the full suite. */
  val spark42: SparkRelease = SparkRelease("4.2.0", "2.13.18")

  /** MLlib as the jar is compiled against; the registry lacks that of the release above. Spark brings the rest. */
  val mllib: Seq[ModuleID] = Seq("spark-mllib", "spark-mllib-local").map { name =>
    ("org.apache.spark" %% name % "4.0.1").intransitive()
  }

  /** The lowest supported release of Kafka Connect; the worker brings its own. */
  val kafkaConnect: ModuleID = "org.apache.kafka" % "connect-api" % "3.9.1"

  val scalatest: ModuleID = "org.scalatest" %% "scalatest" % "3.2.20"
}
