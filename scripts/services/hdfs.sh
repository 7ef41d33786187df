# shellcheck shell=bash disable=SC2154
# An HDFS of one NameNode and one DataNode.

hdfs_classpath() {
  local home=${HADOOP_HOME:-}
  if [ -n "$home" ]; then
    echo "$VAR_DIR/conf/hdfs:$home/share/hadoop/common/*:$home/share/hadoop/common/lib/*:$home/share/hadoop/hdfs/*:$home/share/hadoop/hdfs/lib/*"
  else
    echo "$VAR_DIR/conf/hdfs:$VAR_DIR/conf/web:$root/.tools/hadoop/jars/*"
  fi
}

# properties NAME VALUE...: the text of a configuration.
properties() {
  echo '<configuration>'
  while [ $# -gt 0 ]; do
    echo "<property><name>$1</name><value>$2</value></property>"
    shift 2
  done
  echo '</configuration>'
}

hdfs_configure() {
  local conf=$VAR_DIR/conf/hdfs
  # The daemons insist on the folders of their web pages, which their jars lack.
  mkdir -p "$conf" "$VAR_DIR/hdfs" "$VAR_DIR/conf/web/webapps"/{hdfs,datanode}
  cp "$VAR_DIR/conf/kafka/log4j.properties" "$conf" 2>/dev/null ||
    printf '%s\n' log4j.rootLogger=INFO,A log4j.appender.A=org.apache.log4j.ConsoleAppender \
      log4j.appender.A.layout=org.apache.log4j.PatternLayout \
      'log4j.appender.A.layout.ConversionPattern=%d %p %c: %m%n' >"$conf/log4j.properties"
  properties fs.defaultFS "hdfs://$BIND_ADDRESS:$HDFS_PORT" hadoop.tmp.dir "$VAR_DIR/hdfs" >"$conf/core-site.xml"
  properties dfs.replication 1 \
    dfs.namenode.http-address "$BIND_ADDRESS:$HDFS_WEB_PORT" \
    dfs.datanode.address "$BIND_ADDRESS:0" \
    dfs.datanode.http.address "$BIND_ADDRESS:0" \
    dfs.datanode.ipc.address "$BIND_ADDRESS:0" \
    dfs.namenode.safemode.extension 0 >"$conf/hdfs-site.xml"
}

# hdfs_run CLASS ARGUMENTS...: a command of HDFS that ends by itself.
hdfs_run() {
  HADOOP_CONF_DIR=$VAR_DIR/conf/hdfs "$java" -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(hdfs_classpath)" "$@"
}

hdfs_start() {
  local package=org.apache.hadoop.hdfs.server
  hdfs_configure
  if [ ! -e "$VAR_DIR/hdfs/dfs/name/current" ]; then
    hdfs_run $package.namenode.NameNode -format -nonInteractive >>"$(log_file hdfs)" 2>&1 ||
      fail 1 "HDFS in $VAR_DIR/hdfs cannot be formatted; $(log_file hdfs) says why"
  fi
  export HADOOP_CONF_DIR=$VAR_DIR/conf/hdfs
  local memory=-Xmx${HDFS_MEMORY:-512m}
  launch hdfs namenode "$java" "$memory" -cp "$(hdfs_classpath)" $package.namenode.NameNode
  launch hdfs datanode "$java" "$memory" -cp "$(hdfs_classpath)" $package.datanode.DataNode
  unset HADOOP_CONF_DIR
  wait_until hdfs 90 listens "$HDFS_PORT"
  wait_until hdfs 120 hdfs_takes_files
}

# Whether a file can be written: the NameNode is out of safe mode, and the DataNode is there.
hdfs_takes_files() {
  hdfs_run org.apache.hadoop.fs.FsShell -put -f "$VAR_DIR/conf/hdfs/log4j.properties" /.financelake-ready \
    >>"$(log_file hdfs)" 2>&1
}
