/** Kafka Connect: the sink connector, thin over the native sink. */
package io.financelake.connect;
