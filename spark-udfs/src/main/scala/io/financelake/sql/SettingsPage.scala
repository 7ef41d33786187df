package io.financelake.sql

/** Prints the page `docs/configuration.md` from [[Settings.all]]; `make docs` runs it. */
object SettingsPage {
  private val top =
    """<!-- Written by `make docs` from io.financelake.sql.Settings; edits are lost. -->
      |# Configuration
      |
      |Keys of the Spark integration. Nothing has to be set: the defaults fit. A static key is read when a session is
      |built, so it is given to `spark-submit`, `spark-sql`, `spark-shell` or `pyspark` as `--conf key=value`, or stands
      |in `spark-defaults.conf`. The others can be changed at any time: `SET key = value`. A value that cannot be used is
      |refused with the range that can. Where the native library is loaded from is set by Java properties, which
      |[ffi.md](ffi.md#loading) describes.
      |
      || key | default | static | what it does |
      || --- | --- | --- | --- |
      |""".stripMargin

  def main(arguments: Array[String]): Unit = {
    val rows = Settings.all.map { setting =>
      val static = if (setting.static) "yes" else "no"
      val default = if (setting.default.isEmpty) "none" else s"`${setting.default}`"
      s"| `${setting.key}` | $default | $static | ${setting.doc} |"
    }
    println(top + rows.mkString("\n"))
  }
}
