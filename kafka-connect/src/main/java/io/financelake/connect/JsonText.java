package io.financelake.connect;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/**
 * What converters made of a value, as JSON text again. Bytes and texts of a text schema are JSON already and stay as
 * they are; times are milliseconds, decimals plain numbers, bytes inside of records base64.
 */
final class JsonText {
  private JsonText() {}

  static byte[] of(Schema schema, Object value) {
    if (value == null || value instanceof byte[]) {
      return (byte[]) value;
    }
    boolean text = value instanceof String && schema != null && schema.type() == Schema.Type.STRING;
    return (text ? (String) value : text(value)).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Object value) {
    if (value == null || value instanceof Boolean || value instanceof Number) {
      return number(value);
    }
    if (value instanceof String) {
      return Json.quoted((String) value);
    }
    if (value instanceof Date) {
      return Long.toString(((Date) value).getTime());
    }
    if (value instanceof byte[]) {
      return Json.quoted(Base64.getEncoder().encodeToString((byte[]) value));
    }
    if (value instanceof ByteBuffer) {
      return Json.quoted(StandardCharsets.ISO_8859_1.decode(Base64.getEncoder().encode(((ByteBuffer) value).duplicate())).toString());
    }
    List<String> parts = new ArrayList<>();
    if (value instanceof Struct) {
      for (Field field : ((Struct) value).schema().fields()) {
        parts.add(Json.quoted(field.name()) + ":" + text(((Struct) value).get(field)));
      }
      return "{" + String.join(",", parts) + "}";
    }
    if (value instanceof Map) {
      ((Map<?, ?>) value).forEach((key, part) -> parts.add(Json.quoted(String.valueOf(key)) + ":" + text(part)));
      return "{" + String.join(",", parts) + "}";
    }
    if (value instanceof Collection) {
      ((Collection<?>) value).forEach(part -> parts.add(text(part)));
      return "[" + String.join(",", parts) + "]";
    }
    throw new DataException("a " + value.getClass().getName() + " has no form in JSON");
  }

  private static String number(Object value) {
    boolean finite = !(value instanceof Double || value instanceof Float) || Double.isFinite(((Number) value).doubleValue());
    if (!finite) {
      throw new DataException(value + " is no number that JSON has");
    }
    return value instanceof BigDecimal ? ((BigDecimal) value).toPlainString() : String.valueOf(value);
  }
}
