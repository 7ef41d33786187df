# shellcheck shell=bash disable=SC2154
# A YARN of one ResourceManager and one NodeManager, over the HDFS of this machine.

yarn_classpath() {
  local home=${HADOOP_HOME:-}
  if [ -n "$home" ]; then
    echo "$(hdfs_classpath):$home/share/hadoop/yarn/*:$home/share/hadoop/yarn/lib/*"
  else
    echo "$VAR_DIR/conf/hdfs:$VAR_DIR/conf/web:$root/.tools/yarn/jars/*"
  fi
}

yarn_configure() {
  local conf=$VAR_DIR/conf/hdfs
  hdfs_configure
  mkdir -p "$VAR_DIR/yarn"/{local,logs}
  properties yarn.resourcemanager.hostname "$BIND_ADDRESS" \
    yarn.resourcemanager.address "$BIND_ADDRESS:$YARN_PORT" \
    yarn.resourcemanager.scheduler.address "$BIND_ADDRESS:$((YARN_PORT - 2))" \
    yarn.resourcemanager.resource-tracker.address "$BIND_ADDRESS:$((YARN_PORT - 1))" \
    yarn.resourcemanager.admin.address "$BIND_ADDRESS:$((YARN_PORT + 1))" \
    yarn.resourcemanager.webapp.address "$BIND_ADDRESS:$YARN_WEB_PORT" \
    yarn.nodemanager.address "$BIND_ADDRESS:0" \
    yarn.nodemanager.localizer.address "$BIND_ADDRESS:0" \
    yarn.nodemanager.webapp.address "$BIND_ADDRESS:0" \
    yarn.nodemanager.resource.memory-mb "${YARN_MEMORY_MB:-6144}" \
    yarn.nodemanager.resource.cpu-vcores 4 \
    yarn.nodemanager.vmem-check-enabled false \
    yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage 100 \
    yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb 1024 \
    yarn.nodemanager.local-dirs "$VAR_DIR/yarn/local" \
    yarn.nodemanager.log-dirs "$VAR_DIR/yarn/logs" \
    yarn.nodemanager.delete.debug-delay-sec 600 \
    yarn.scheduler.minimum-allocation-mb 256 >"$conf/yarn-site.xml"
  properties yarn.scheduler.capacity.root.queues default \
    yarn.scheduler.capacity.root.default.capacity 100 \
    yarn.scheduler.capacity.maximum-am-resource-percent 0.8 >"$conf/capacity-scheduler.xml"
}

yarn_start() {
  local package=org.apache.hadoop.yarn.server memory=-Xmx${YARN_HEAP:-512m} open="--add-opens java.base/java.lang=ALL-UNNAMED"
  yarn_configure
  export HADOOP_CONF_DIR=$VAR_DIR/conf/hdfs YARN_CONF_DIR=$VAR_DIR/conf/hdfs
  # $open is two words on purpose.
  # shellcheck disable=SC2086
  launch yarn resourcemanager "$java" "$memory" $open -cp "$(yarn_classpath)" $package.resourcemanager.ResourceManager
  wait_until yarn 90 listens "$((YARN_PORT - 1))"
  # shellcheck disable=SC2086
  launch yarn nodemanager "$java" "$memory" $open -cp "$(yarn_classpath)" $package.nodemanager.NodeManager
  unset HADOOP_CONF_DIR YARN_CONF_DIR
  wait_until yarn 90 yarn_has_a_node
}

# Whether the ResourceManager has a node that works can be given to.
yarn_has_a_node() {
  (
    exec 3<>"/dev/tcp/$BIND_ADDRESS/$YARN_WEB_PORT" || exit 1
    printf 'GET /ws/v1/cluster/metrics HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\n\r\n' >&3
    timeout 5 cat <&3 | grep -q '"activeNodes":[1-9]'
  ) 2>/dev/null
}
