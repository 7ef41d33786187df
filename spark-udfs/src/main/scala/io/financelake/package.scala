package io

/** FinanceLake inside Spark: SQL functions, the window operator and the jobs. */
package object financelake
