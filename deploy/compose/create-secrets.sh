#!/bin/sh
# create-secrets.sh [folder]: makes the secret files of docker-compose.yml that are not there yet: the keys of the consumers
# and the passwords of the profiles. What is there stays. Default: deploy/compose/secrets, which git leaves out.
#
# IMAGE  the image with the command `hostler` (hostler-cli:dev); without it, the sources of this checkout are used
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/secrets}
image=${IMAGE:-${REGISTRY:-}hostler-cli:${TAG:-dev}}

key() {
  if docker image inspect "$image" >/dev/null 2>&1; then
    docker run --rm --network none "$image" keys create "$1" 2>/dev/null
  else
    node --conditions=@hostler/source "$here/../../apps/cli/src/main.ts" keys create "$1" 2>/dev/null
  fi
}
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

make() {
  file=$folder/$1
  shift
  [ -s "$file" ] && return 0
  "$@" > "$file.new"
  # Read in containers by users of theirs; the folder keeps everybody else out.
  chmod 444 "$file.new"
  mv "$file.new" "$file"
  echo "made $file" >&2
}

mkdir -p "$folder"
chmod 700 "$folder"
make client-key key client
make monitoring-key key monitoring
for name in redis-password postgres-password grafana-password; do make "$name" password; done
