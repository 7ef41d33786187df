package io.financelake.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;

/**
 * A plain sink of the JVM, as they are usually written: JsonConverter's maps become Avro records, parquet-java writes
 * them to HDFS, and files get their names when an interval is over. It is not exactly once.
 */
public final class JvmSink extends BenchSink {
  /** Creates it. */
  public JvmSink() {
    super(Task.class);
  }

  /** Its task. */
  public static final class Task extends SinkTask {
    private static final Schema SCHEMA =
        SchemaBuilder.record("quote")
            .fields()
            .requiredString("symbol")
            .requiredString("ts")
            .requiredLong("seq")
            .requiredDouble("open")
            .requiredDouble("high")
            .requiredDouble("low")
            .requiredDouble("close")
            .requiredLong("volume")
            .requiredString("region")
            .requiredString("asset_class")
            .endRecord();

    private final Map<String, ParquetWriter<GenericRecord>> writers = new HashMap<>();
    private final Map<Path, Path> finals = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> written = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final Configuration conf = new Configuration();
    private FileSystem files;
    private Path base;
    private long interval;
    private long begun;

    @Override
    public String version() {
      return VERSION;
    }

    @Override
    public void start(Map<String, String> properties) {
      base = new Path(properties.get("store.url"));
      interval = Long.parseLong(properties.get("flush.max.age.ms"));
      begun = System.currentTimeMillis();
      try {
        files = base.getFileSystem(conf);
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
    }

    @Override
    public void put(Collection<SinkRecord> records) {
      try {
        for (SinkRecord record : records) {
          Map<?, ?> value = (Map<?, ?>) record.value();
          GenericRecord row = new GenericData.Record(SCHEMA);
          for (Schema.Field field : SCHEMA.getFields()) {
            Object part = value.get(field.name());
            boolean real = field.schema().getType() == Schema.Type.DOUBLE;
            row.put(field.pos(), real ? ((Number) part).doubleValue() : part);
          }
          writer((String) value.get("region")).write(row);
          written.put(
              new TopicPartition(record.topic(), record.kafkaPartition()),
              new OffsetAndMetadata(record.kafkaOffset() + 1));
        }
        if (System.currentTimeMillis() - begun >= interval) {
          commit();
        }
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
      context.timeout(Math.max(1, interval - (System.currentTimeMillis() - begun)));
    }

    private ParquetWriter<GenericRecord> writer(String region) throws IOException {
      ParquetWriter<GenericRecord> writer = writers.get(region);
      if (writer == null) {
        String name = UUID.randomUUID() + ".parquet";
        Path unfinished = new Path(base, "+tmp/" + name);
        finals.put(unfinished, new Path(base, "data/region=" + region + "/" + name));
        writer =
            AvroParquetWriter.<GenericRecord>builder(HadoopOutputFile.fromPath(unfinished, conf))
                .withSchema(SCHEMA)
                .withConf(conf)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .build();
        writers.put(region, writer);
      }
      return writer;
    }

    private void commit() throws IOException {
      for (ParquetWriter<GenericRecord> writer : writers.values()) {
        writer.close();
      }
      writers.clear();
      for (Map.Entry<Path, Path> file : finals.entrySet()) {
        files.mkdirs(file.getValue().getParent());
        if (!files.rename(file.getKey(), file.getValue())) {
          throw new IOException(file.getValue() + " cannot be made");
        }
      }
      finals.clear();
      committed.putAll(written);
      begun = System.currentTimeMillis();
      context.requestCommit();
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(
        Map<TopicPartition, OffsetAndMetadata> current) {
      return committed;
    }

    /** What is not committed is read again by the next owner. */
    @Override
    public void close(Collection<TopicPartition> partitions) {
      try {
        for (ParquetWriter<GenericRecord> writer : writers.values()) {
          writer.close();
        }
        for (Path unfinished : finals.keySet()) {
          files.delete(unfinished, false);
        }
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
      writers.clear();
      finals.clear();
      written.clear();
      committed.clear();
    }

    @Override
    public void stop() {}
  }
}
