import sbt._
import scala.sys.process.{Process, ProcessLogger}

/** Builds the Rust libraries and describes them to the JVM side.
  *
  * Cargo runs only when a Rust source changed since the last time. `FINANCELAKE_NATIVE=<path>` names
  * a library that was built before (a release build); it is bundled as it is.
  */
object NativeBuild {

  /** The platform's name in resource paths, spelled as the Java loader spells it. */
  val platform: String = {
    val os = sys.props("os.name").toLowerCase match {
      case name if name.startsWith("linux")   => "linux"
      case name if name.startsWith("mac")     => "macos"
      case name if name.startsWith("windows") => "windows"
      case name                               => name.replace(' ', '_')
    }
    val arch = sys.props("os.arch").toLowerCase match {
      case "amd64" | "x86_64"  => "x86_64"
      case "arm64" | "aarch64" => "aarch64"
      case name                => name
    }
    s"$os-$arch"
  }

  val libraryFile: String = System.mapLibraryName("financelake_jni")

  /** The workspace's version, which the jars share. */
  def version(root: File): String = {
    val line = "version = \"(.+)\"".r
    IO.readLines(root / "Cargo.toml").collectFirst { case line(number) => number }.getOrElse {
      sys.error("Cargo.toml has no line 'version = \"...\"' under [workspace.package]")
    }
  }

  private val prebuilt: Option[File] =
    sys.env.get("FINANCELAKE_NATIVE").filter(_.nonEmpty).map(file)

  /** All files that cargo reads. */
  def sources(root: File): Seq[File] = {
    val crates = root / "native"
    val files = (crates ** ("*.rs" || "Cargo.toml" || "*.json" || "*.csv")).get()
    (Seq(root / "Cargo.toml", root / "Cargo.lock") ++ files).filter(_.isFile)
  }

  /** The library to bundle: the prebuilt one, or a development build with the test-only faults. */
  def library(root: File, cache: File, log: Logger): File = prebuilt match {
    case Some(file) if file.isFile => file
    case Some(file) =>
      sys.error(s"FINANCELAKE_NATIVE names '$file', which is not a file; build it or unset it")
    case None =>
      val built = targetDirectory(root) / "debug" / libraryFile
      cached(root, cache / "library", built) {
        log.info("building the native library (cargo build -p financelake-jni)")
        cargo(root, log, "build", "-p", "financelake-jni", "--features", "fault-injection")
      }
      built
  }

  /** What the loader compares with the library: its identity, read from the library itself, and the
    * platforms that the jar has a library for.
    */
  def identity(library: File): String = {
    val marked = "financelake-identity\\{\n((?:[a-z]+=[^\n]+\n)+)\\}financelake-identity".r
    val content = new String(IO.readBytes(library), "ISO-8859-1")
    val lines = marked.findFirstMatchIn(content).map(_.group(1)).getOrElse {
      sys.error(s"'$library' is not FinanceLake's native library: it carries no identity")
    }
    s"${lines}platforms=$platform\n"
  }

  /** The registry of functions as JSON, from the command line built from the same sources. */
  def functions(root: File, cache: File, log: Logger): File = {
    val json = cache / "functions.json"
    val beside = prebuilt.map(_.getParentFile / "financelake").filter(_.isFile)
    def write(text: String): Unit =
      IO.write(json, if (text.trim.isEmpty) """{"version":1,"functions":[]}""" else text)
    beside match {
      case Some(program) => write(Process(Seq(program.getPath, "functions", "--json")).!!)
      case None =>
        cached(root, cache / "functions", json) {
          log.info("asking the registry for its functions (cargo run -p financelake-cli)")
          write(cargo(root, log, "run", "-p", "financelake-cli", "--", "functions", "--json"))
        }
    }
    json
  }

  private def targetDirectory(root: File): File =
    sys.env.get("CARGO_TARGET_DIR").filter(_.nonEmpty).map(file).getOrElse(root / "target")

  /** Runs `build` when a source changed, or when what it made is not as it left it. */
  private def cached(root: File, store: File, made: File)(build: => Unit): Unit = {
    val stamp = store / "made"
    def fingerprint: String = s"${made.getPath} ${Hash.toHex(Hash(made))}"
    val run = FileFunction.cached(store, FileInfo.hash) { _ =>
      build
      IO.write(stamp, fingerprint)
      Set(stamp)
    }
    if (!made.isFile || !stamp.isFile || IO.read(stamp) != fingerprint) IO.delete(store)
    run(sources(root).toSet)
  }

  /** Runs cargo at the root and returns its standard output. */
  private def cargo(root: File, log: Logger, arguments: String*): String = {
    val output = new StringBuilder
    val command = "cargo" +: arguments.head +: "--locked" +: arguments.tail
    val environment = "CARGO_TARGET_DIR" -> targetDirectory(root).getPath
    val lines = ProcessLogger(line => output.append(line).append('\n'), line => log.info(line))
    val exit = Process(command, root, environment).!(lines)
    if (exit != 0) sys.error(s"'${command.mkString(" ")}' failed with exit code $exit")
    output.toString
  }
}
