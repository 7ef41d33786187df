package io.financelake.jni

import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path}

import scala.jdk.CollectionConverters._

import org.scalatest.funsuite.AnyFunSuite

/** Loading: where the library is looked for, what is compared, and what a failure says. */
class LoaderSuite extends AnyFunSuite {

  private val identity = LibraryIdentity.RESOURCE.stripPrefix("/")

  private def jarIdentity: String = {
    val in = classOf[NativeLibrary].getResourceAsStream(LibraryIdentity.RESOURCE)
    try new String(in.readAllBytes(), UTF_8)
    finally in.close()
  }

  private def withIdentity(text: String): IsolatedClasses =
    new IsolatedClasses(Map(identity -> Some(text.getBytes(UTF_8))))

  private def withProperty[T](key: String, value: String)(body: => T): T = {
    val before = System.getProperty(key)
    System.setProperty(key, value)
    try body
    finally if (before == null) System.clearProperty(key) else System.setProperty(key, before)
  }

  /** Loads in a class loader of its own and returns how that failed: exception class and message. */
  private def failure(classes: IsolatedClasses): (String, String) = {
    val thrown = intercept[RuntimeException](classes.call("NativeLibrary", "load"))
    (thrown.getClass.getSimpleName, thrown.getMessage)
  }

  private def bundledLibrary(target: Path): Path = {
    val file = System.mapLibraryName("financelake_jni")
    val resource = s"/io/financelake/native/${LibraryLoader.platform}/$file"
    val in = classOf[NativeLibrary].getResourceAsStream(resource)
    try Files.write(target.resolve(file), in.readAllBytes())
    finally in.close()
  }

  private def field(info: String, name: String): String =
    s""""$name":"([^"]*)"""".r.findFirstMatchIn(info).map(_.group(1)).getOrElse("")

  test("the bundled library loads, twice over, and says who it is") {
    NativeLibrary.load()
    NativeLibrary.load()
    val info = NativeLibrary.info()
    for (key <- Seq("version", "build", "abi"))
      assert(jarIdentity.contains(s"$key=${field(info, key)}\n"), info)
    assert(field(info, "cpu").nonEmpty && field(info, "origin") == "the jar", info)
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("a library with another interface version is refused, naming both versions") {
    val abi = field(NativeLibrary.info(), "abi")
    val (kind, message) = failure(withIdentity(jarIdentity.replace(s"abi=$abi\n", "abi=999\n")))
    assert(kind == "LibraryMismatchException")
    assert(message.contains("the jar has ABI 999") && message.contains(s"the library has ABI $abi"))
  }

  test("a library of another build or version is refused, naming both") {
    for ((key, other) <- Seq("build" -> "0123abcd", "version" -> "9.9.9")) {
      val own = field(NativeLibrary.info(), key)
      val text = jarIdentity.replace(s"$key=$own\n", s"$key=$other\n")
      val (kind, message) = failure(withIdentity(text))
      assert(kind == "LibraryMismatchException")
      assert(message.contains(other) && message.contains(own), message)
    }
  }

  test("a refused library stays refused, with the first failure as the cause") {
    val classes = withIdentity(jarIdentity.replaceAll("abi=.*", "abi=999"))
    val first = intercept[RuntimeException](classes.call("NativeLibrary", "load"))
    val second = intercept[RuntimeException](classes.call("NativeLibrary", "liveHandles"))
    assert(second.getMessage == first.getMessage && (second.getCause eq first))
  }

  test("an unknown platform is told which platforms the jar has") {
    withProperty("os.arch", "riscv64") {
      val (kind, message) = failure(new IsolatedClasses)
      assert(kind == "LibraryUnavailableException")
      assert(message.contains("linux-riscv64"), message)
      val bundled = jarIdentity.linesIterator.find(_.startsWith("platforms=")).get
      assert(message.contains(bundled.stripPrefix("platforms=")), message)
    }
  }

  test("each class loader gets a library of its own") {
    val (first, second) = (new IsolatedClasses, new IsolatedClasses)
    for (classes <- Seq(first, second)) classes.call("NativeLibrary", "load")
    val handle = first.call("FaultInjection", "open")
    assert(first.call("NativeLibrary", "liveHandles") == 1L)
    assert(second.call("NativeLibrary", "liveHandles") == 0L)
    assert(handle.asInstanceOf[Long] != 0)
  }

  test("a file named by the system property comes first") {
    val folder = Files.createTempDirectory("financelake-test")
    val file = bundledLibrary(folder)
    withProperty(LibraryLoader.PATH_PROPERTY, file.toString) {
      val classes = new IsolatedClasses
      assert(field(classes.call("NativeLibrary", "info").toString, "origin") == file.toString)
    }
    withProperty(LibraryLoader.PATH_PROPERTY, folder.resolve("absent").toString) {
      val (kind, message) = failure(new IsolatedClasses)
      assert(kind == "LibraryUnavailableException" && message.contains("which is not a file"))
    }
  }

  test("java.library.path comes before the jar") {
    val folder = Files.createTempDirectory("financelake-test")
    val file = bundledLibrary(folder)
    withProperty("java.library.path", folder.toString) {
      val classes = new IsolatedClasses
      assert(field(classes.call("NativeLibrary", "info").toString, "origin") == file.toString)
    }
  }

  test("another program's file is refused with the linker's own words") {
    val file = Files.writeString(Files.createTempFile("financelake-test", ".so"), "not a library")
    withProperty(LibraryLoader.PATH_PROPERTY, file.toString) {
      val thrown = intercept[RuntimeException](new IsolatedClasses().call("NativeLibrary", "load"))
      assert(thrown.getCause.isInstanceOf[UnsatisfiedLinkError])
      assert(thrown.getMessage.contains(file.toString), thrown.getMessage)
    }
  }

  test("an unwritable folder names the property that moves it") {
    withProperty(LibraryLoader.FOLDER_PROPERTY, "/proc/self/absent") {
      val (kind, message) = failure(new IsolatedClasses)
      assert(kind == "LibraryUnavailableException")
      assert(message.contains("/proc/self/absent"), message)
      assert(message.contains("-D" + LibraryLoader.FOLDER_PROPERTY), message)
    }
  }

  test("a folder mounted noexec is named as the likely cause") {
    val refused = new UnsatisfiedLinkError("x.so: failed to map segment from shared object")
    val text = LibraryLoader.explain(refused, Path.of("/somewhere"))
    assert(text.contains("/somewhere") && text.contains("noexec"))
    assert(text.contains("-D" + LibraryLoader.FOLDER_PROPERTY))
    val newer = new UnsatisfiedLinkError("version `GLIBC_2.99' not found")
    assert(LibraryLoader.explain(newer, Path.of("/x")).contains("2.17"))
  }

  test("a folder that really is mounted noexec gives that message") {
    val mounts = Path.of("/proc/mounts")
    assume(Files.isReadable(mounts), "this system does not list its mounts")
    val candidates = Files.readAllLines(mounts).asScala.map(_.split(' ')).collect {
      case Array(_, mounted, _, options, _*) if options.split(',').contains("noexec") =>
        Path.of(mounted)
    }
    val folder = candidates.find(path => Files.isDirectory(path) && canCreateFiles(path))
    assume(folder.isDefined, "no writable folder is mounted noexec here")
    withProperty(LibraryLoader.FOLDER_PROPERTY, folder.get.toString) {
      val (kind, message) = failure(new IsolatedClasses)
      assert(kind == "LibraryUnavailableException" && message.contains("noexec"), message)
    }
  }

  private def canCreateFiles(folder: Path): Boolean =
    try Files.deleteIfExists(Files.createTempFile(folder, "financelake-", ".probe"))
    catch { case _: java.io.IOException => false }

  test("nothing is left behind in the folder") {
    val folder = Files.createTempDirectory("financelake-test")
    withProperty(LibraryLoader.FOLDER_PROPERTY, folder.toString) {
      new IsolatedClasses().call("NativeLibrary", "load")
    }
    assert(folder.toFile.list().isEmpty)
  }
}
