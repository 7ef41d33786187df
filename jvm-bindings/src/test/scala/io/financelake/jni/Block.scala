package io.financelake.jni

/** Columns outside the heap for one test, freed at its end. */
final private[jni] class Block {
  private val memory = OffHeap.memory
  private var allocated = List.empty[Long]

  def allocate(bytes: Long): Long = {
    val address = memory.allocateMemory(bytes.max(8))
    allocated ::= address
    address
  }

  def doubles(values: Seq[Double]): Long = {
    val address = allocate(8L * values.size)
    for ((value, row) <- values.zipWithIndex) memory.putDouble(address + 8L * row, value)
    address
  }

  def ints(values: Seq[Int]): Long = {
    val address = allocate(4L * values.size)
    for ((value, row) <- values.zipWithIndex) memory.putInt(address + 4L * row, value)
    address
  }

  /** A bitmap, least significant bit first. */
  def bits(values: Seq[Boolean]): Long = {
    val bytes = values.grouped(8).map(_.zipWithIndex.collect { case (true, bit) => 1 << bit }.sum)
    val address = allocate((values.size + 7L) / 8)
    for ((byte, index) <- bytes.zipWithIndex) memory.putByte(address + index, byte.toByte)
    address
  }

  def double(address: Long): Double = memory.getDouble(address)

  def bit(address: Long, row: Int): Boolean =
    (memory.getByte(address + row / 8) >> (row % 8) & 1) == 1

  private def free(): Unit = allocated.foreach(memory.freeMemory)
}

private[jni] object Block {
  def use[T](body: Block => T): T = {
    val block = new Block
    try body(block)
    finally block.free()
  }
}
