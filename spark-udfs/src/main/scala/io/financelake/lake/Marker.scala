package io.financelake.lake

/** What a commit says about itself besides its rows. Delta keeps the number of an application for ever,
  * the metadata as long as the commit's log entry.
  */
final case class Marker(application: String, number: Long, metadata: String = "")
