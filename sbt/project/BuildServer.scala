import sbt._

/** The file by which editors find sbt's build server. */
object BuildServer {

  /** Writes it at the root, with the launcher script as the command. */
  def describe(root: File, sbtVersion: String): Unit = {
    val script = (root / "sbt" / "sbt").getPath.replace("\\", "\\\\").replace("\"", "\\\"")
    IO.write(
      root / ".bsp" / "sbt.json",
      s"""{"name":"sbt","version":"$sbtVersion","bspVersion":"2.1.0-M1",""" +
        s""""languages":["scala","java"],"argv":["$script","-bsp"]}""" + "\n"
    )
  }
}
