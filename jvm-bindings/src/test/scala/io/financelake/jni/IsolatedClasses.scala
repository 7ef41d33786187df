package io.financelake.jni

import java.io.{ByteArrayInputStream, InputStream}
import java.lang.reflect.InvocationTargetException

/** Loads the bindings a second time, as another plug-in's class loader would, with some resources
  * replaced (`None` hides one).
  */
final class IsolatedClasses(replaced: Map[String, Option[Array[Byte]]] = Map.empty)
    extends ClassLoader(classOf[NativeLibrary].getClassLoader) {

  override def loadClass(name: String, resolve: Boolean): Class[_] =
    if (!name.startsWith("io.financelake.jni.")) super.loadClass(name, resolve)
    else
      getClassLoadingLock(name).synchronized {
        Option(findLoadedClass(name)).getOrElse {
          val in = getParent.getResourceAsStream(name.replace('.', '/') + ".class")
          if (in == null) throw new ClassNotFoundException(name)
          val bytes =
            try in.readAllBytes()
            finally in.close()
          defineClass(name, bytes, 0, bytes.length)
        }
      }

  override def getResourceAsStream(name: String): InputStream = replaced.get(name) match {
    case Some(content) => content.map(new ByteArrayInputStream(_)).orNull
    case None          => super.getResourceAsStream(name)
  }

  override def getResource(name: String): java.net.URL =
    if (replaced.get(name).contains(None)) null else super.getResource(name)

  /** Calls a static method of a class in this loader; its exception comes out as it is. */
  def call(simpleName: String, method: String, arguments: AnyRef*): AnyRef = {
    val owner = loadClass(s"io.financelake.jni.$simpleName")
    val target = owner.getMethods
      .find(m => m.getName == method && m.getParameterCount == arguments.length)
      .getOrElse(throw new NoSuchMethodException(method))
    try target.invoke(null, arguments: _*)
    catch { case wrapped: InvocationTargetException => throw wrapped.getCause }
  }
}
