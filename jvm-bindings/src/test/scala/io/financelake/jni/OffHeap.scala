package io.financelake.jni

import sun.misc.Unsafe

/** Memory outside the heap, as Spark allocates it. */
private[jni] object OffHeap {
  val memory: Unsafe = {
    val field = classOf[Unsafe].getDeclaredField("theUnsafe")
    field.setAccessible(true)
    field.get(null).asInstanceOf[Unsafe]
  }
}
