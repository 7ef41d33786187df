package io.financelake.jobs

import java.io.IOException
import java.net.InetSocketAddress
import java.nio.charset.StandardCharsets.UTF_8

import com.sun.net.httpserver.HttpServer

/** Answers Prometheus at an address until it is closed. */
final private[jobs] class MetricsEndpoint(address: String, commits: Commits) extends AutoCloseable {
  private val server: HttpServer = {
    val place = address.split(':') match {
      case Array(host, port) if port.toIntOption.exists(p => p >= 0 && p < 65536) =>
        new InetSocketAddress(host, port.toInt)
      case _ => throw new WrongArguments(s"--metrics $address: write HOST:PORT")
    }
    try HttpServer.create(place, 0)
    catch {
      case taken: IOException =>
        throw new WrongArguments(s"--metrics $address: ${taken.getMessage}")
    }
  }
  server.createContext(
    "/metrics",
    exchange => {
      val body = commits.exposition.getBytes(UTF_8)
      exchange.getResponseHeaders.set("Content-Type", "text/plain; version=0.0.4")
      exchange.sendResponseHeaders(200, body.length.toLong)
      exchange.getResponseBody.write(body)
      exchange.close()
    }
  )
  server.start()

  override def close(): Unit = server.stop(0)
}
