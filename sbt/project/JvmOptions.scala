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

  val spark: Seq[String] =
    Seq(
      "-XX:+IgnoreUnrecognizedVMOptions",
      "-Djdk.reflect.useDirectMethodHandle=false",
      "-Dio.netty.tryReflectionSetAccessible=true",
      "-Dspark.ui.enabled=false",
      "-Duser.timezone=UTC"
    ) ++ opened.map(name => s"--add-opens=$name=ALL-UNNAMED")
}
