#!/bin/sh
# Starts one of the apps of this image, under tini: `api` (also when the first word is an option), `cli …`, or any other
# command as it is. In the end this shell is replaced, so that signals reach the program itself.
#
# HOSTLER_WAIT_FOR      host:port,… that must accept connections before the api starts
# HOSTLER_WAIT_TIMEOUT  seconds for all of them together; 30
# HOSTLER_HEAP_PERCENT  share of the container's memory for Node's heap; 60: the rest is for buffers and stdio servers
set -eu

apps=/app/node_modules/@hostler

wait_for() {
  [ -n "${HOSTLER_WAIT_FOR:-}" ] || return 0
  node /usr/local/lib/hostler/wait-for.mjs "$HOSTLER_WAIT_FOR" "${HOSTLER_WAIT_TIMEOUT:-30}"
}

# Node takes at least 256 MiB for granted. Without a limit it decides itself.
heap() {
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo max)
  case "$limit" in
    max | ????????????????*) ;;
    *) echo "--max-old-space-size=$((limit * ${HOSTLER_HEAP_PERCENT:-60} / 100 / 1048576))" ;;
  esac
}

case "${1:-api}" in
  api) [ $# -eq 0 ] || shift ;;
  -*) ;;
  cli)
    shift
    exec node --enable-source-maps "$apps/cli/dist/main.js" "$@"
    ;;
  *) exec "$@" ;;
esac

# Every problem of the configuration at once, with its line and its mend; exit code 2.
node "$apps/cli/dist/main.js" validate --no-color >&2
wait_for
# shellcheck disable=SC2046 # one word or none
exec node $(heap) --enable-source-maps "$apps/api/dist/main.js" "$@"
