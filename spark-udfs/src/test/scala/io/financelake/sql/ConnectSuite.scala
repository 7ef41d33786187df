package io.financelake.sql

import java.io.ByteArrayInputStream
import java.util.UUID

import scala.jdk.CollectionConverters._
import scala.util.Using

import org.apache.arrow.memory.RootAllocator
import org.apache.arrow.vector.ipc.ArrowStreamReader
import org.apache.spark.SparkEnv
import org.apache.spark.connect.proto._
import org.apache.spark.sql.connect.service.SparkConnectService
import org.scalatest.BeforeAndAfterAll
import org.sparkproject.connect.grpc.{ManagedChannel, StatusRuntimeException}
import org.sparkproject.connect.grpc.netty.NettyChannelBuilder

import io.financelake.SparkSuite
import io.financelake.jni.NativeLibrary

/** A real Spark Connect server with the jar, spoken to in its own protocol: what a remote client
  * sends for SQL text and for `call_function(...).over(...)`.
  */
class ConnectSuite extends SparkSuite with BeforeAndAfterAll {

  private lazy val channel: ManagedChannel = {
    val context = spark.sparkContext
    SparkEnv.get.conf.set("spark.connect.grpc.binding.address", "127.0.0.1")
    SparkEnv.get.conf.set("spark.connect.grpc.binding.port", "0")
    SparkConnectService.start(context)
    // Only Spark's own Scala code may ask for the port that the system chose.
    val port = SparkConnectService.getClass.getMethod("localPort").invoke(SparkConnectService)
    NettyChannelBuilder
      .forAddress("127.0.0.1", port.asInstanceOf[Int])
      .usePlaintext()
      .build()
  }

  override def afterAll(): Unit = {
    channel.shutdownNow()
    SparkConnectService.stop()
    super.afterAll()
  }

  /** The only column of the relation, fetched by the server's protocol. */
  private def column(relation: Relation.Builder): Seq[Any] = {
    val request = ExecutePlanRequest
      .newBuilder()
      .setSessionId(UUID.randomUUID().toString)
      .setUserContext(UserContext.newBuilder().setUserId("tester"))
      .setPlan(Plan.newBuilder().setRoot(relation))
      .build()
    val responses = SparkConnectServiceGrpc.newBlockingStub(channel).executePlan(request)
    responses.asScala.toSeq
      .filter(_.hasArrowBatch)
      .flatMap(response => values(response.getArrowBatch.getData.toByteArray))
  }

  private def values(batch: Array[Byte]): Seq[Any] =
    Using.Manager { use =>
      val allocator = use(new RootAllocator())
      val reader = use(new ArrowStreamReader(new ByteArrayInputStream(batch), allocator))
      Iterator
        .continually(reader.loadNextBatch())
        .takeWhile(identity)
        .flatMap { _ =>
          val vector = reader.getVectorSchemaRoot.getVector(0)
          (0 until vector.getValueCount).map(vector.getObject(_): Any)
        }
        .toList
    }.get

  private def sql(text: String): Relation.Builder =
    Relation.newBuilder().setSql(SQL.newBuilder().setQuery(text))

  private def attribute(name: String): Expression =
    Expression
      .newBuilder()
      .setUnresolvedAttribute(
        Expression.UnresolvedAttribute.newBuilder().setUnparsedIdentifier(name)
      )
      .build()

  test("SQL text") {
    val rows = column(sql("SELECT ta_sma(id, 2) OVER (ORDER BY id) FROM range(4)"))
    assert(rows == Seq[Any](null, 0.5, 1.5, 2.5))
    assert(
      column(sql("SELECT count(*) FROM financelake_functions()")) == Seq[Any](
        IndicatorDefinition.all.size.toLong
      )
    )
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("a function called by name over a window") {
    val two = Expression
      .newBuilder()
      .setLiteral(Expression.Literal.newBuilder().setInteger(2))
      .build()
    val call = Expression
      .newBuilder()
      .setCallFunction(
        CallFunction
          .newBuilder()
          .setFunctionName("ta_sma")
          .addArguments(attribute("id"))
          .addArguments(two)
      )
    val order = Expression.SortOrder
      .newBuilder()
      .setChild(attribute("id"))
      .setDirection(Expression.SortOrder.SortDirection.SORT_DIRECTION_DESCENDING)
      .setNullOrdering(Expression.SortOrder.NullOrdering.SORT_NULLS_LAST)
    val window =
      Expression.Window.newBuilder().setWindowFunction(call).addOrderSpec(order)
    val project = Project
      .newBuilder()
      .setInput(sql("SELECT id FROM range(4)"))
      .addExpressions(Expression.newBuilder().setWindow(window))
    assert(column(Relation.newBuilder().setProject(project)) == Seq[Any](null, 2.5, 1.5, 0.5))
  }

  test("misuse comes back as the analyser's error") {
    val error = intercept[StatusRuntimeException](
      column(sql("SELECT ta_sma(id, 0) OVER (ORDER BY id) FROM range(4)"))
    )
    assert(error.getMessage.contains("ta_sma: timeperiod = 0 is out of range; write 1 to 100000"))
  }
}
