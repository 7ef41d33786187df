package io.financelake.jobs

/** Arguments that cannot be used, or a path that does not exist. */
final class WrongArguments(message: String) extends RuntimeException(message)

/** An option of a job.
  *
  * @param name
  *   with its dashes
  * @param value
  *   what stands for its value in the help; empty for a flag
  * @param required
  *   whether the job cannot do without
  */
final case class JobOption(name: String, value: String, help: String, required: Boolean = false)

/** The arguments of a job: options as `--name value` or `--name=value`. */
final class Arguments(job: String, summary: String, options: Seq[JobOption]) {
  import Arguments._

  private val all = options ++ Seq(debug, help)

  /** The text for `--help`. */
  val helpText: String = {
    val names = all.map(option => s"${option.name} ${option.value}".trim)
    val width = names.map(_.length).max
    val lines = all.zip(names).map { case (option, name) =>
      s"  ${name.padTo(width, ' ')}  ${option.help}"
    }
    val required = options.filter(_.required).map(o => s"${o.name} ${o.value}")
    s"""$summary
       |
       |usage: spark-submit --class $JobPackage.$job financelake-spark.jar ${required.mkString(
        " "
      )} [options]
       |
       |${lines.mkString("\n")}
       |
       |exit codes: 0 done, 2 wrong arguments or missing path, 1 any later failure""".stripMargin
  }

  /** Reads arguments.
    *
    * @throws WrongArguments
    *   for the first one that is wrong, and what to write instead
    */
  def parse(arguments: Seq[String]): Parsed = {
    def read(rest: List[String], found: Map[String, String]): Map[String, String] = rest match {
      case Nil => found
      case first :: others =>
        val (name, inline) = first.split("=", 2) match {
          case Array(name, value) if name.startsWith("--") => (name, Some(value))
          case _                                           => (first, None)
        }
        val option = all.find(_.name == name).getOrElse {
          throw new WrongArguments(s"unknown argument '$first': --help lists the options")
        }
        if (found.contains(name)) throw new WrongArguments(s"$name is given twice")
        (option.value, inline, others) match {
          case ("", None, _) => read(others, found + (name -> ""))
          case ("", Some(value), _) =>
            throw new WrongArguments(s"$name takes no value, not '$value'")
          case (_, Some(value), _) if value.nonEmpty => read(others, found + (name -> value))
          case (_, None, value :: more) if !value.startsWith("--") && value.nonEmpty =>
            read(more, found + (name -> value))
          case (wanted, _, _) => throw new WrongArguments(s"$name needs a value: $name $wanted")
        }
    }
    val found = read(arguments.toList, Map.empty)
    if (!found.contains(help.name))
      options.filter(_.required).find(option => !found.contains(option.name)).foreach { missing =>
        throw new WrongArguments(s"${missing.name} ${missing.value} is missing: --help explains it")
      }
    new Parsed(found)
  }
}

object Arguments {
  private val JobPackage = "io.financelake.jobs"
  val debug: JobOption =
    JobOption("--debug", "", "show Spark's log, and the stack trace of a failure")
  val help: JobOption = JobOption("--help", "", "print this and do nothing")

  /** Arguments that were read. */
  final class Parsed(values: Map[String, String]) {
    def get(option: JobOption): Option[String] = values.get(option.name)
    def apply(option: JobOption): String = values(option.name)
    def has(option: JobOption): Boolean = values.contains(option.name)
  }
}
