// The JVM build. Projects live beside native/, not below sbt/: see `module`.
import Versions.{spark40, spark41, spark42}

Global / onChangedBuildSource := ReloadOnSourceChanges

ThisBuild / organization := "io.financelake"
ThisBuild / version := NativeBuild.version((ThisBuild / baseDirectory).value.getParentFile)
ThisBuild / scalaVersion := spark40.scala
ThisBuild / licenses := Seq(License.Apache2)
ThisBuild / scalafmtConfig := (ThisBuild / baseDirectory).value / ".scalafmt.conf"

lazy val root = Def.setting((ThisBuild / baseDirectory).value.getParentFile)

/** A project whose sources live at `path` under the repository's root. */
def module(name: String, path: String): Project =
  Project(name, file(name)).settings(
    baseDirectory := root.value / path,
    javacOptions ++= Seq("--release", "17", "-encoding", "UTF-8"),
    Compile / compile / javacOptions ++= Seq("-Xlint:all", "-Werror"),
    Test / compile / javacOptions ++= Seq("-Xlint:all", "-Werror"),
    scalacOptions ++= Seq("-release", "17", "-deprecation", "-feature", "-unchecked"),
    scalacOptions ++= Seq("-Xlint", "-Werror"),
    Compile / doc / sources := Nil,
    packageDoc / publishArtifact := false
  )

/** Tests run in a JVM of their own, which Spark needs, and leave JUnit reports. */
lazy val forkedTests = Def.settings(
  libraryDependencies += Versions.scalatest % Test,
  Test / fork := true,
  Test / baseDirectory := root.value,
  Test / forkOptions := (Test / forkOptions).value.withWorkingDirectory(root.value),
  // Spark listens on the loopback address only, whatever the host's name resolves to.
  Test / envVars := Map("RUST_BACKTRACE" -> "0", "SPARK_LOCAL_IP" -> "127.0.0.1"),
  Test / javaOptions ++= "-Xmx2g" +: JvmOptions.spark,
  Test / testOptions += Tests.Argument(TestFrameworks.ScalaTest, "-oD")
)

lazy val nativeLibrary = taskKey[File]("The native library, built when a Rust source changed")

lazy val jvmBindings = module("jvm-bindings", "jvm-bindings").settings(
  forkedTests,
  autoScalaLibrary := false,
  crossPaths := false,
  nativeLibrary := NativeBuild
    .library(root.value, streams.value.cacheDirectory, streams.value.log),
  Compile / resourceGenerators += Def.task {
    val base = (Compile / resourceManaged).value / "io/financelake"
    val library = base / "native" / NativeBuild.platform / NativeBuild.libraryFile
    val identity = base / "native" / "identity.properties"
    IO.copyFile(nativeLibrary.value, library)
    IO.write(identity, NativeBuild.identity(library))
    Seq(library, identity)
  }.taskValue
)

lazy val functionsJson = taskKey[File]("The native registry of functions")

lazy val sparkUdfs = module("spark-udfs", "spark-udfs")
  .dependsOn(jvmBindings)
  .settings(
    moduleName := "financelake-spark",
    libraryDependencies ++= (Seq(spark40.sql, spark40.delta) ++ Versions.mllib).map(_ % Provided),
    Test / sources := Nil,
    functionsJson := NativeBuild
      .functions(root.value, streams.value.cacheDirectory, streams.value.log),
    Compile / resourceGenerators += Def.task {
      val json = (Compile / resourceManaged).value / "io/financelake/functions.json"
      IO.copyFile(functionsJson.value, json)
      Seq(json)
    }.taskValue,
    Compile / sourceGenerators += Def.task {
      val source = (Compile / sourceManaged).value / "io/financelake/functions.scala"
      IO.write(source, FunctionsSource.of(IO.read(functionsJson.value)))
      Seq(source)
    }.taskValue,
    // One thin jar: these classes, the bindings and their native library.
    Compile / packageBin / mappings := {
      val own = (Compile / packageBin / mappings).value
      val bindings = (jvmBindings / Compile / packageBin / mappings).value
      (own ++ bindings).distinct
    }
  )

/** The Kafka Connect plug-in: one jar with the bindings and their native library, as a folder of Connect wants it. */
lazy val kafkaConnect = module("kafka-connect", "kafka-connect")
  .dependsOn(jvmBindings)
  .settings(
    forkedTests,
    moduleName := "financelake-kafka-connect",
    autoScalaLibrary := false,
    crossPaths := false,
    libraryDependencies += Versions.kafkaConnect % Provided,
    Compile / packageBin / mappings := {
      val own = (Compile / packageBin / mappings).value
      val bindings = (jvmBindings / Compile / packageBin / mappings).value
      (own ++ bindings).distinct
    }
  )

/** A project without code of its own to ship that tests the jar, as users get it, on one release: the SQL files, the
  * streams and the procedures.
  */
def jarTests(name: String, path: String, release: Versions.SparkRelease): Project =
  module(name, path).settings(
    forkedTests,
    scalaVersion := release.scala,
    target := root.value / path / "target" / name,
    Compile / sources := Nil,
    Compile / resources := Nil,
    libraryDependencies ++= Seq(release.sql % Test, release.delta % Test),
    Test / unmanagedJars += Attributed.blank((sparkUdfs / Compile / packageBin).value),
    Test / unmanagedSourceDirectories ++=
      Seq("sql", "streaming", "table").map(suite => root.value / s"tests/$suite/src/test/scala"),
    // The SQL files start Spark with settings of their own; the other suites share one session.
    Test / testGrouping := {
      val options = Tests.SubProcess((Test / forkOptions).value)
      val (files, others) =
        (Test / definedTests).value.partition(_.name.startsWith("io.financelake.sqlfiles."))
      Seq("suites" -> others, "sql files" -> files).map { case (name, tests) =>
        Tests.Group(name, tests, options)
      }
    }
  )

/** The full suite on the default release. */
lazy val sparkTests =
  jarTests("spark-tests", "spark-udfs", spark42).settings(
    libraryDependencies ++= Seq(spark42.connect, spark42.mllib).map(_ % Test)
  )

/** The SQL files, the streams and the procedures on the other releases. */
lazy val sqlTests40 = jarTests("sql-tests-4_0", "tests/sql", spark40).settings(sharedSession)
lazy val sqlTests41 = jarTests("sql-tests-4_1", "tests/sql", spark41).settings(sharedSession)

/** The session that suites of the full suite share. */
lazy val sharedSession = Def.settings(
  Test / unmanagedSources += root.value / "spark-udfs/src/test/scala/io/financelake/SparkSuite.scala"
)

/** Peers that `make bench` measures against; built only then. */
lazy val sqlBench = module("sql-bench", "tests/bench/sql").settings(
  libraryDependencies += spark40.sql % Provided,
  Test / sources := Nil
)

lazy val financelake = Project("financelake", file("."))
  .aggregate(jvmBindings, sparkUdfs, kafkaConnect, sparkTests, sqlTests40, sqlTests41)
  .settings(
    publish / skip := true,
    // Editors look for the build server's description where they are opened: at the root.
    bspConfig := {
      bspConfig.value
      BuildServer.describe(root.value, sbtVersion.value)
    }
  )
