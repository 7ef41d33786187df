package io.financelake

import org.apache.spark.SparkEnv
import org.apache.spark.sql.{SparkSessionExtensions, SparkSessionExtensionsProvider}

import io.financelake.sql._

/** What FinanceLake adds to a session. The service file of the jar names this class, so a jar on the
  * class path is all that a user needs; listing the class in `spark.sql.extensions` works as well.
  */
class FinanceLakeExtensions extends SparkSessionExtensionsProvider {

  override def apply(extensions: SparkSessionExtensions): Unit = {
    // Sessions are extended when they are built, after their context: static settings are known.
    val settings = Settings.of(Option(SparkEnv.get).map(_.conf))
    if (settings.enabled) {
      for {
        definition <- IndicatorDefinition.all
        // TA-Lib's names with a prefix shadow nothing; names without it are the user's wish.
        name <- definition.sqlName +: Option
          .when(settings.shortNames && definition.short)(
            definition.name
          )
          .toSeq
      } extensions.injectFunction(IndicatorFunction.registration(definition, name))
      extensions.injectFunction(FinanceLakeVersion.registration)
      extensions.injectTableFunction(FunctionsTable.registration)
      // Before Spark's own strategies, which would plan these calls as aggregates.
      extensions.injectPlannerStrategy(_ => IndicatorWindowStrategy)
    }
  }
}
