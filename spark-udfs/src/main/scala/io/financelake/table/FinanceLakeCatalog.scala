package io.financelake.table

import org.apache.spark.sql.connector.catalog.{Identifier, ProcedureCatalog}
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure
import org.apache.spark.sql.util.CaseInsensitiveStringMap

/** The catalog `financelake`, which holds procedures and nothing else:
  * `CALL financelake.system.optimize(...)`. [[io.financelake.FinanceLakeExtensions]] registers it.
  */
class FinanceLakeCatalog extends ProcedureCatalog {
  private var catalogName = FinanceLakeCatalog.Name

  override def initialize(name: String, options: CaseInsensitiveStringMap): Unit = catalogName =
    name

  override def name(): String = catalogName

  override def loadProcedure(identifier: Identifier): UnboundProcedure = {
    val found = FinanceLakeCatalog.procedures.find(_.name == identifier.name)
    found.filter(_ => identifier.namespace.sameElements(FinanceLakeCatalog.Namespace)).getOrElse {
      val known = FinanceLakeCatalog.procedures.map(p => s"$catalogName.system.${p.name}")
      throw new IllegalArgumentException(
        s"there is no procedure $identifier; there are ${known.mkString(", ")}"
      )
    }
  }

  // Of Spark 4.1 on, so it overrides nothing where this is compiled.
  def listProcedures(namespace: Array[String]): Array[Identifier] =
    if (!namespace.sameElements(FinanceLakeCatalog.Namespace)) Array.empty
    else
      FinanceLakeCatalog.procedures
        .map(p => Identifier.of(FinanceLakeCatalog.Namespace, p.name))
        .toArray
}

object FinanceLakeCatalog {
  private val Name = "financelake"
  private val Namespace = Array("system")

  /** The setting that names it. */
  val Key: String = s"spark.sql.catalog.$Name"

  // Looked at when one is called: they need Delta, which a session may lack.
  private lazy val procedures: Seq[Procedure] = Seq(OptimizeProcedure, VacuumProcedure)
}
