# shellcheck shell=bash disable=SC2154
# The broker, which is its own controller, its topics, and the Connect worker.

kafka_classpath() {
  if [ -n "${KAFKA_HOME:-}" ]; then
    echo "$VAR_DIR/conf/kafka:$KAFKA_HOME/libs/*"
  else
    echo "$VAR_DIR/conf/kafka:$root/.tools/kafka/jars/*"
  fi
}

kafka_configure() {
  local conf=$VAR_DIR/conf/kafka
  mkdir -p "$conf" "$VAR_DIR/kafka"
  cat >"$conf/log4j.properties" <<END
log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d %p %c: %m%n
END
  cat >"$conf/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$BIND_ADDRESS:$KAFKA_CONTROLLER_PORT
listeners=PLAINTEXT://$BIND_ADDRESS:$KAFKA_PORT,CONTROLLER://$BIND_ADDRESS:$KAFKA_CONTROLLER_PORT
advertised.listeners=PLAINTEXT://$BIND_ADDRESS:$KAFKA_PORT
controller.listener.names=CONTROLLER
log.dirs=$VAR_DIR/kafka
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
END
}

kafka_start() {
  local conf=$VAR_DIR/conf/kafka
  kafka_configure
  if [ ! -e "$VAR_DIR/kafka/meta.properties" ]; then
    "$java" -cp "$(kafka_classpath)" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg \
      -c "$conf/server.properties" >>"$(log_file kafka)" 2>&1 ||
      fail 1 "Kafka's folder $VAR_DIR/kafka cannot be formatted; $(log_file kafka) says why"
  fi
  launch kafka broker "$java" "-Xmx${KAFKA_MEMORY:-512m}" -cp "$(kafka_classpath)" kafka.Kafka \
    "$conf/server.properties"
  wait_until kafka 90 listens "$KAFKA_PORT"
  wait_until kafka 60 kafka_topics --list
  local topic known=$topics_output
  for topic in "$KAFKA_TOPIC" "$KAFKA_BOND_TOPIC"; do
    grep -qx "$topic" <<<"$known" || kafka_create "$topic"
  done
}

# kafka_topics ARGUMENTS...: the topics' tool; its output is in $topics_output.
kafka_topics() {
  topics_output=$("$java" -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(kafka_classpath)" \
    org.apache.kafka.tools.TopicCommand --bootstrap-server "$BIND_ADDRESS:$KAFKA_PORT" "$@" 2>>"$(log_file kafka)")
}

# kafka_create TOPIC: makes a topic, and sees that it is there.
kafka_create() {
  kafka_topics --create --if-not-exists --topic "$1" --partitions "$KAFKA_PARTITIONS" --replication-factor 1 ||
    fail 1 "the topic $1 cannot be created; $(log_file kafka) says why"
  kafka_topics --describe --topic "$1" || topics_output=
  grep -q "Topic: $1.*PartitionCount" <<<"$topics_output" ||
    fail 1 "the topic $1 was created but is not there; $(log_file kafka) may say why"
  say "  topic $1 made with $KAFKA_PARTITIONS partitions"
}

connect_start() {
  local conf=$VAR_DIR/conf/connect
  mkdir -p "$conf" "$VAR_DIR/plugins"
  rm -rf "$VAR_DIR/plugins"/financelake-*
  python3 -m zipfile -e "$DIST_DIR/financelake-kafka-connect.zip" "$VAR_DIR/plugins" ||
    fail 1 "$DIST_DIR/financelake-kafka-connect.zip cannot be unpacked: run 'make dist'"
  cat >"$conf/worker.properties" <<END
bootstrap.servers=$KAFKA_BOOTSTRAP_SERVERS
group.id=financelake
key.converter=org.apache.kafka.connect.converters.ByteArrayConverter
value.converter=org.apache.kafka.connect.converters.ByteArrayConverter
offset.storage.topic=financelake-connect-offsets
config.storage.topic=financelake-connect-configs
status.storage.topic=financelake-connect-status
offset.storage.replication.factor=1
config.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=1
status.storage.partitions=1
listeners=http://$BIND_ADDRESS:$CONNECT_PORT
plugin.path=$VAR_DIR/plugins
plugin.discovery=service_load
connector.client.config.override.policy=All
END
  launch connect worker "$java" "-Xmx${CONNECT_MEMORY:-512m}" -cp "$(kafka_classpath)" \
    org.apache.kafka.connect.cli.ConnectDistributed "$conf/worker.properties"
  wait_until connect 120 answers "$CONNECT_PORT" /connectors
  [ "$ingest" = connect ] || return 0
  connect_sink
}

# connect_sink: has both topics written to Bronze, as the example of the sink says.
connect_sink() {
  python3 - "$root/kafka-connect/hdfs-sink.json" "http://$BIND_ADDRESS:$CONNECT_PORT/connectors" \
    "$KAFKA_TOPIC" "$KAFKA_BOND_TOPIC" "$LAKE_PATH/bronze" <<'END' || fail 1 "the sink is not accepted; see above"
import json, sys, time, urllib.error, urllib.request

template, connectors, stocks, bonds, bronze = sys.argv[1:]
config = json.load(open(template)) | {
    "topics": f"{stocks},{bonds}",
    "delta.table.url": f"{bronze}/stock_data",
    "delta.table.routes": f"topic:{bonds}={bronze}/bond_data,class:bond_yield={bronze}/bond_data",
    "flush.max.age.ms": "5000",
}
url = f"{connectors}/{config['name']}/config"
for attempt in range(30):
    request = urllib.request.Request(url, json.dumps(config).encode(), {"Content-Type": "application/json"}, method="PUT")
    try:
        urllib.request.urlopen(request, timeout=90).read()
        break
    except urllib.error.HTTPError as error:
        # A worker in the middle of a rebalance asks for patience.
        if error.code != 409 or attempt == 29:
            sys.exit(error.read().decode())
        time.sleep(1)
END
}
