package io.financelake

import org.apache.spark.SparkEnv
import org.apache.spark.sql.{SparkSessionExtensions, SparkSessionExtensionsProvider}

import io.financelake.sql._
import io.financelake.table.{FinanceLakeCatalog, HealthTable}

/** What FinanceLake adds to a session. The service file of the jar names this class, so a jar on the
  * class path is all that a user needs; listing the class in `spark.sql.extensions` works as well.
  */
class FinanceLakeExtensions extends SparkSessionExtensionsProvider {

  override def apply(extensions: SparkSessionExtensions): Unit = {
    // Sessions are extended when they are built, after their context: static settings are known.
    val settings = Settings.of(Option(SparkEnv.get).map(_.conf))
    if (settings.enabled) {
      // TA-Lib's names with a prefix, which shadow nothing.
      IndicatorDefinition.all.foreach { definition =>
        extensions.injectFunction(IndicatorFunction.registration(definition))
      }
      extensions.injectFunction(TrendFunction.registration)
      extensions.injectFunction(TrendScore.registration)
      // With the rules for hints, which are the last ones before names are looked up.
      if (settings.shortNames) extensions.injectHintResolutionRule(ShortNames(_))
      extensions.injectFunction(FinanceLakeVersion.registration)
      extensions.injectTableFunction(FunctionsTable.registration)
      extensions.injectTableFunction(HealthTable.registration)
      // Runs when a session's analyzer is built, which is before any statement names a catalog.
      extensions.injectCheckRule { session =>
        if (session.conf.getOption(FinanceLakeCatalog.Key).isEmpty) {
          session.conf.set(FinanceLakeCatalog.Key, classOf[FinanceLakeCatalog].getName)
        }
        _ => ()
      }
      // Before Spark's own strategies, which would plan these calls as aggregates.
      extensions.injectPlannerStrategy(_ => IndicatorWindowStrategy)
    }
  }
}
