package io.financelake.sqlfiles

import java.nio.file.{Files, Path}

/** Writes what statements really gave, in the form of the files. */
object ActualFile {

  private val folder = Path.of("tests/sql/target/actual")

  /** A file of the same name below `tests/sql/target/actual`. */
  def write(file: SqlFile, results: Seq[(Statement, Result)]): Unit = {
    val path = folder.resolve(file.name)
    Files.createDirectories(path.getParent)
    val blocks = results.map { case (statement, result) =>
      val lines = statement.check match {
        case Check.Succeeds => Nil
        case _              => result.lines
      }
      (s"${statement.sql};" +: lines).mkString("\n")
    }
    Files.writeString(path, blocks.mkString("", "\n\n", "\n"))
    ()
  }
}
