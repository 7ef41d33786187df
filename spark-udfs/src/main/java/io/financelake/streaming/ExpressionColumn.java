package io.financelake.streaming;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.classic.ExpressionUtils;

/**
 * A column that is an expression of Catalyst's.
 *
 * <p>In Java, since Spark hides the conversion from Scala code outside its own packages.
 */
final class ExpressionColumn {
  private ExpressionColumn() {}

  static Column of(Expression expression) {
    return ExpressionUtils.column(expression);
  }
}
