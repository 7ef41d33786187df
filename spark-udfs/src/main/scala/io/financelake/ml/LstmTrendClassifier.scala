package io.financelake.ml

import java.util.Base64

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import io.financelake.sql.{TaskScorer, TrendModel}
import org.apache.spark.ml.{Estimator, Model}
import org.apache.spark.ml.linalg.{SQLDataTypes, Vector, Vectors}
import org.apache.spark.ml.param._
import org.apache.spark.ml.param.shared._
import org.apache.spark.ml.util.{DefaultParamsReadable, DefaultParamsWritable, Identifiable}
import org.apache.spark.sql.{DataFrame, Dataset}
import org.apache.spark.sql.functions.{col, lit, udf}
import org.apache.spark.sql.types._

/** Columns and sizes that the estimator and its model share. */
trait LstmTrendParams
    extends Params
    with HasFeaturesCol
    with HasPredictionCol
    with HasProbabilityCol {

  /** The number of rows of a window. */
  final val window: IntParam =
    new IntParam(this, "window", "rows of a window", ParamValidators.inRange(1, 2048))

  /** Group getParam. */
  final def getWindow: Int = $(window)

  protected def withResults(schema: StructType): StructType = {
    val kind = schema($(featuresCol)).dataType
    require(
      LstmTrendClassifier.isWindow(kind),
      s"column ${$(featuresCol)} is ${kind.sql}; it must be a vector or an array of numbers, the rows of the window " +
        "one after the other, oldest first"
    )
    schema
      .add(StructField($(probabilityCol), SQLDataTypes.VectorType))
      .add(StructField($(predictionCol), DoubleType))
  }
}

/** An LSTM over windows of feature rows, for MLlib: each row has a window as a vector or an array, its rows one after
  * the other, oldest first, and a label: 0 down, 1 up, 2 neutral. Features are scaled by the model.
  *
  * The samples are collected to the driver, which trains in one thread. Windows that overlap must not be split at
  * random: name a column that is true for the later ones as `validationIndicatorCol`, and they decide when to stop.
  */
final class LstmTrendClassifier(override val uid: String)
    extends Estimator[LstmTrendModel]
    with LstmTrendParams
    with HasLabelCol
    with HasMaxIter
    with HasStepSize
    with HasSeed
    with HasValidationIndicatorCol
    with DefaultParamsWritable {

  def this() = this(Identifiable.randomUID("lstmTrend"))

  final val batchSize: IntParam =
    new IntParam(this, "batchSize", "samples of a step", ParamValidators.gt(0))
  final val layers: IntArrayParam = new IntArrayParam(
    this,
    "layers",
    "units of the two LSTM layers and of the dense layer",
    (sizes: Array[Int]) => sizes.length == 3 && sizes.forall(_ > 0)
  )
  final val dropout: DoubleParam = new DoubleParam(
    this,
    "dropout",
    "share of the values between the layers that a step leaves out",
    ParamValidators.inRange(0, 1, lowerInclusive = true, upperInclusive = false)
  )
  final val patience: IntParam = new IntParam(
    this,
    "patience",
    "epochs without a better validation loss after which training ends; 0: never",
    ParamValidators.gtEq(0)
  )

  setDefault(
    window -> 60,
    maxIter -> 100,
    stepSize -> 1e-3,
    batchSize -> 64,
    layers -> Array(128, 64, 32),
    dropout -> 0.2,
    patience -> 10,
    seed -> 1L
  )

  def setFeaturesCol(value: String): this.type = set(featuresCol, value)
  def setLabelCol(value: String): this.type = set(labelCol, value)
  def setPredictionCol(value: String): this.type = set(predictionCol, value)
  def setProbabilityCol(value: String): this.type = set(probabilityCol, value)
  def setValidationIndicatorCol(value: String): this.type = set(validationIndicatorCol, value)
  def setWindow(value: Int): this.type = set(window, value)
  def setMaxIter(value: Int): this.type = set(maxIter, value)
  def setStepSize(value: Double): this.type = set(stepSize, value)
  def setBatchSize(value: Int): this.type = set(batchSize, value)
  def setLayers(value: Array[Int]): this.type = set(layers, value)
  def setDropout(value: Double): this.type = set(dropout, value)
  def setPatience(value: Int): this.type = set(patience, value)
  def setSeed(value: Long): this.type = set(seed, value)

  override def transformSchema(schema: StructType): StructType = {
    val kind = schema($(labelCol)).dataType
    require(kind.isInstanceOf[NumericType], s"column ${$(labelCol)} is ${kind.sql}, not a number")
    withResults(schema)
  }

  override def copy(extra: ParamMap): LstmTrendClassifier = defaultCopy(extra)

  override def fit(dataset: Dataset[_]): LstmTrendModel = {
    transformSchema(dataset.schema)
    val validation =
      if (isDefined(validationIndicatorCol)) col($(validationIndicatorCol)) else lit(false)
    val rows = dataset
      .select(
        LstmTrendClassifier.asArray(dataset.schema($(featuresCol)).dataType)(col($(featuresCol))),
        col($(labelCol)).cast("int"),
        validation.cast("boolean")
      )
      .where(col($(labelCol)).isNotNull)
      .collect()
    require(rows.nonEmpty, "there is no row with a label to learn from")
    val size = rows.head.getSeq[Double](0).size
    require(
      size > 0 && size % $(window) == 0,
      s"the first row of ${$(featuresCol)} has $size values, which are not ${$(window)} rows; set window"
    )
    val windows = new Array[Double](rows.length * size)
    for ((row, index) <- rows.iterator.zipWithIndex) {
      val values = row.getSeq[Double](0)
      require(
        values.size == size,
        s"rows of ${$(featuresCol)} have $size and ${values.size} values"
      )
      values.copyToArray(windows, index * size)
    }
    val training = new TrendTraining(plan(size / $(window)))
    try {
      training.begin(
        windows,
        rows.map(_.getInt(1)),
        rows.map(row => if (row.getBoolean(2)) 1 else 0)
      )
      training.run(epoch => logInfo(TrendTraining.line(epoch)))
      val about = LstmTrendClassifier.mapper.createObjectNode()
      about.set[JsonNode]("epochs", training.epochs)
      val model = new LstmTrendModel(uid)
      model.set(model.model, TrendModel.of(uid, training.model(about)))
      copyValues(model.setParent(this))
    } finally training.close()
  }

  private def plan(width: Int) = {
    val plan = LstmTrendClassifier.mapper.createObjectNode().put("window", $(window))
    val features = plan.putArray("features")
    (0 until width).foreach(index => features.addObject().put("name", s"f$index"))
    val units = plan.putObject("sizes").put("dense", $(layers).last).putArray("units")
    $(layers).take(2).foreach(units.add(_))
    plan
      .putObject("settings")
      .put("epochs", $(maxIter))
      .put("batch", $(batchSize))
      .put("learning_rate", $(stepSize))
      .put("dropout", $(dropout))
      .put("patience", $(patience))
      .put("seed", $(seed))
    plan
  }
}

object LstmTrendClassifier extends DefaultParamsReadable[LstmTrendClassifier] {
  private val mapper = new ObjectMapper

  private[ml] def isWindow(kind: DataType): Boolean = kind match {
    case ArrayType(_: NumericType, _)                => true
    case vector if vector == SQLDataTypes.VectorType => true
    case _                                           => false
  }

  /** The windows of a column as arrays of DOUBLE, NaN in place of NULL. */
  private[ml] def asArray(kind: DataType)(
      column: org.apache.spark.sql.Column
  ): org.apache.spark.sql.Column = kind match {
    case vector if vector == SQLDataTypes.VectorType => udf((v: Vector) => v.toArray).apply(column)
    case _ =>
      org.apache.spark.sql.functions
        .transform(
          column.cast("array<double>"),
          value => org.apache.spark.sql.functions.coalesce(value, lit(Double.NaN))
        )
  }
}

/** A fitted LSTM: adds `probability`, a vector of down, up and neutral, and `prediction`. NULL for a window with a
  * value that is not finite.
  */
final class LstmTrendModel(override val uid: String)
    extends Model[LstmTrendModel]
    with LstmTrendParams
    with DefaultParamsWritable {

  def this() = this(Identifiable.randomUID("lstmTrend"))

  /** The network, which is saved with the other parameters. */
  private[ml] val model: Param[TrendModel] =
    new Param[TrendModel](
      this,
      "model",
      "the network with its description",
      (_: TrendModel) => true
    ) {
      override def jsonEncode(value: TrendModel): String =
        "\"" + Base64.getEncoder.encodeToString(value.file) + "\""
      override def jsonDecode(json: String): TrendModel =
        TrendModel.of(uid, Base64.getDecoder.decode(json.stripPrefix("\"").stripSuffix("\"")))
    }

  /** The model as a file for `ta_trend`, the command line, or a lake. */
  def toFile: Array[Byte] = $(model).file

  def setFeaturesCol(value: String): this.type = set(featuresCol, value)
  def setPredictionCol(value: String): this.type = set(predictionCol, value)
  def setProbabilityCol(value: String): this.type = set(probabilityCol, value)

  override def transformSchema(schema: StructType): StructType = withResults(schema)

  override def copy(extra: ParamMap): LstmTrendModel = defaultCopy(extra)

  override def transform(dataset: Dataset[_]): DataFrame = {
    transformSchema(dataset.schema)
    val scorer = new TaskScorer($(model))
    val score = udf { (window: scala.collection.Seq[Double]) =>
      Option(window).flatMap(values => scorer.score(values.toArray)).map { result =>
        val p = result.tail.map(_.toDouble)
        (Vectors.dense(p): Vector, result.head.toDouble)
      }
    }
    val features =
      LstmTrendClassifier.asArray(dataset.schema($(featuresCol)).dataType)(col($(featuresCol)))
    dataset
      .withColumn("__trend", score(features))
      .withColumn($(probabilityCol), col("__trend._1"))
      .withColumn($(predictionCol), col("__trend._2"))
      .drop("__trend")
  }
}

object LstmTrendModel extends DefaultParamsReadable[LstmTrendModel]
