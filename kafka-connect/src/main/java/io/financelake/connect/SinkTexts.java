package io.financelake.connect;

/** Names that several messages show. */
final class SinkTexts {
  static final String BYTE_ARRAY_CONVERTER = "org.apache.kafka.connect.converters.ByteArrayConverter";

  private SinkTexts() {}
}
