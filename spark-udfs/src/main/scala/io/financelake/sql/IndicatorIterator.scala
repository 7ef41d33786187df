package io.financelake.sql

import org.apache.spark.{TaskContext, TaskKilledException}
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.{
  Ascending,
  Attribute,
  Expression,
  RowOrdering,
  SortOrder,
  UnsafeProjection,
  UnsafeRow
}
import org.apache.spark.sql.catalyst.expressions.codegen.{GenerateUnsafeRowJoiner, UnsafeRowJoiner}
import org.apache.spark.sql.execution.metric.SQLMetric
import org.apache.spark.sql.types.{DataType, StructField, StructType}

/** What a task needs to know, sent to it once. */
final private[sql] case class IndicatorWork(
    program: IndicatorProgram,
    partitionSpec: Seq[Expression],
    childOutput: Seq[Attribute],
    batchRows: Int
)

/** The operator's metrics. */
final private[sql] case class IndicatorCounters(
    rows: SQLMetric,
    groups: SQLMetric,
    nativeTime: SQLMetric,
    bufferSize: SQLMetric
)

/** The rows of one partition with the results of the indicators appended.
  *
  * A batch is filled, computed by one native call, and given out row by row; then the next one is filled
  * into the same buffers. Everything outside the heap is freed when the task ends, however it ends.
  */
final private[sql] class IndicatorIterator(
    rows: Iterator[InternalRow],
    work: IndicatorWork,
    counters: IndicatorCounters,
    partitionIndex: Int,
    context: TaskContext
) extends Iterator[InternalRow] {

  private val columns = new NativeColumns(work.program, work.batchRows, context)
  // Before anything is allocated: a failure on the way must find the listener in place.
  context.addTaskCompletionListener[Unit](_ => columns.close())

  private val page = new RowPage(columns.capacity)
  private val toUnsafe: InternalRow => UnsafeRow = {
    lazy val projection = UnsafeProjection.create(work.childOutput, work.childOutput)

    {
      case unsafe: UnsafeRow => unsafe
      case other             => projection(other)
    }
  }
  private val inputs = new InputReader(work.program, work.childOutput, partitionIndex, columns)
  private val groups = new GroupBorders
  private val results = new ResultRow(work.program.results, columns)
  private val join: UnsafeRowJoiner = GenerateUnsafeRowJoiner.create(
    schema(work.childOutput.map(_.dataType)),
    schema(work.program.results.map(_.dataType))
  )
  private val row = new UnsafeRow(work.childOutput.size)
  private var position = 0

  override def hasNext: Boolean = {
    columns.enter()
    position < page.size || fill()
  }

  override def next(): InternalRow = {
    if (!hasNext) throw new NoSuchElementException("the partition has no more rows")
    page.read(position, row)
    val joined = join.join(row, results.at(position))
    position += 1
    joined
  }

  /** Takes the next batch from the child and computes it; false when there was no row left. */
  private def fill(): Boolean = {
    position = 0
    page.clear()
    columns.clear()
    if (context.isInterrupted()) throw new TaskKilledException("the task was cancelled")
    while (page.hasRoom && rows.hasNext) {
      val next = toUnsafe(rows.next())
      if (groups.begins(next)) columns.beginGroup(page.size)
      inputs.read(next, page.size)
      page.append(next)
    }
    if (page.size > 0) {
      val start = System.nanoTime()
      columns.compute(page.size)
      counters.nativeTime += System.nanoTime() - start
      counters.rows += page.size.toLong
      counters.groups += columns.groups.toLong
      counters.bufferSize.set(math.max(counters.bufferSize.value, page.bytes + columns.bytes))
    }
    page.size > 0
  }

  private def schema(types: Seq[DataType]): StructType =
    StructType(types.zipWithIndex.map { case (kind, index) => StructField(index.toString, kind) })

  /** Tells where groups begin: where a row does not compare as equal with the first row of the group, in the order
    * that the rows were sorted by. So texts with a collation, whose equal values may differ in their bytes, stay together.
    */
  final private class GroupBorders {
    private val order =
      RowOrdering.create(work.partitionSpec.map(SortOrder(_, Ascending)), work.childOutput)
    private var first: UnsafeRow = _

    def begins(row: UnsafeRow): Boolean = {
      val differs = first == null || order.compare(first, row) != 0
      if (differs) first = row.copy()
      differs
    }
  }
}
