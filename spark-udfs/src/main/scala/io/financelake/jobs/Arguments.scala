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

/** The arguments of a job: options as `--name value` or `--name=value`.
  *
  * @param commands
  *   what the first argument may be, with its meaning; without any, there are only options
  */
final class Arguments(
    job: String,
    summary: String,
    options: Seq[JobOption],
    commands: Seq[(String, String)] = Seq.empty
) {
  import Arguments._

  private val all = options ++ Seq(debug, help)

  /** The text for `--help`. */
  val helpText: String = {
    val entries =
      commands ++ all.map(option => s"${option.name} ${option.value}".trim -> option.help)
    val width = entries.map(_._1.length).max
    val lines = entries.map { case (name, meaning) => s"  ${name.padTo(width, ' ')}  $meaning" }
    val command = if (commands.isEmpty) Nil else Seq(commands.map(_._1).mkString("|"))
    val required = options.filter(_.required).map(option => s"${option.name} ${option.value}")
    val call = command ++ required :+ "[options]"
    s"""$summary
       |
       |usage: spark-submit --class $JobPackage.$job financelake-spark.jar ${call.mkString(" ")}
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
    val (given, rest) = arguments.toList.span(name => commands.nonEmpty && !name.startsWith("--"))
    val found = read(rest, Map.empty)
    if (!found.contains(help.name)) {
      if (commands.nonEmpty && (given.length != 1 || !commands.exists(_._1 == given.head))) {
        val names = commands.map(_._1).mkString(" or ")
        throw new WrongArguments(s"the first argument is '${given.mkString(" ")}'; write $names")
      }
      options.filter(_.required).find(option => !found.contains(option.name)).foreach { missing =>
        throw new WrongArguments(s"${missing.name} ${missing.value} is missing: --help explains it")
      }
    }
    new Parsed(given.headOption, found)
  }
}

object Arguments {
  private val JobPackage = "io.financelake.jobs"
  val debug: JobOption =
    JobOption("--debug", "", "show Spark's log, and the stack trace of a failure")
  val help: JobOption = JobOption("--help", "", "print this and do nothing")

  /** Arguments that were read. */
  final class Parsed(val command: Option[String], values: Map[String, String]) {
    def get(option: JobOption): Option[String] = values.get(option.name)
    def apply(option: JobOption): String = values(option.name)
    def has(option: JobOption): Boolean = values.contains(option.name)
  }
}
