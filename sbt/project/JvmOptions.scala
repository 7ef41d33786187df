/** Options of the JVMs that run Spark inside tests. */
object JvmOptions {

  /** The packages that Spark opens in its own launcher (org.apache.spark.launcher.JavaModuleOptions). */
  private val opened = Seq(
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.base/sun.nio.cs",
    "java.base/sun.security.action",
    "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5"
  )

  /** Short runs on few cores: quick start-up matters more than the best code, and small data needs
    * few partitions.
    */
  val spark: Seq[String] =
    Seq(
      "-XX:TieredStopAtLevel=1",
      // One compiler has a code cache of 48 MB by default, and a full one means that nothing is compiled any more.
      "-XX:ReservedCodeCacheSize=256m",
      "-XX:+UseSerialGC",
      "-Dlog4j2.configurationFile=sbt/log4j2-tests.properties",
      "-Dspark.sql.shuffle.partitions=4",
      "-Dspark.databricks.delta.snapshotPartitions=2",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "-Djdk.reflect.useDirectMethodHandle=false",
      "-Dio.netty.tryReflectionSetAccessible=true",
      "-Dspark.ui.enabled=false",
      "-Duser.timezone=UTC"
    ) ++ opened.map(name => s"--add-opens=$name=ALL-UNNAMED")
}
