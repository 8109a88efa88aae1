#!/usr/bin/env bash
# Writes everything durable of the Compose deployment into one file: the state folder with the audit record and its key, the
# lockfile, the encrypted file and the tokens that users have agreed to, and the configuration. Secrets that are given as
# files of their own (/run/secrets) are not in it.
#
# usage: backup.sh [--check] [--stop] FILE
#
#   --check   looks whether it could be done, and writes nothing
#   --stop    stops the host while its state is copied: no call is under way in the copy
#
# The host may go on meanwhile: every file of it is replaced as a whole or only grows, and how far the record has come is
# copied before the record is. FILE can be read by its owner alone. It holds the key that signs the record: keep it as you
# keep secrets, and not on this machine alone.
#
# HOSTLER_STATE (/var/lib/hostler) and HOSTLER_CONFIGURATION (/etc/hostler) are the folders inside the container;
# HOSTLER_BACKUP_TIMEOUT (600 s) bounds each copy. The variables of deploy.sh are heeded as well.
#
# Ends with 0: it is written, and was read again. 1: it failed, and there is no file. 2: nothing was begun.
set -euo pipefail
umask 077
program=backup
# shellcheck source-path=SCRIPTDIR source=compose-deployment.sh
. "$(dirname "$0")/compose-deployment.sh"

check=false stop=false file=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --check) check=true ;;
    --stop) stop=true ;;
    -*) fail 2 "unknown option $1: backup.sh --help" ;;
    *) [ -z "$file" ] || fail 2 "one file, not two" && file=$1 ;;
  esac
  shift
done
[ -n "$file" ] || fail 2 "which file? backup.sh --help"
[ ! -e "$file" ] || fail 2 "$file is there already: no backup is overwritten"
[ -d "$(dirname "$file")" ] || fail 2 "there is no folder $(dirname "$file")"
require_tools tar gzip sha256sum
state=${HOSTLER_STATE:-/var/lib/hostler} configuration=${HOSTLER_CONFIGURATION:-/etc/hostler}
patience=${HOSTLER_BACKUP_TIMEOUT:-600}
in_container test -d "$state" -a -r "$state" </dev/null || fail 2 "the service $service has no folder $state that it can read"
if $check; then
  say "would write $(in_container du -sk "$state" </dev/null | cut -f1) KiB of $state, and $configuration, into $file"
  exit 0
fi

started=$SECONDS
folder=$(mktemp -d "$(dirname "$file")/.backup-XXXXXX")
stopped=false
finish() {
  rm -rf "$folder"
  if $stopped; then compose "$(recorded current)" start "$service" >/dev/null 2>&1 || say "the host could not be started again"; fi
}
trap finish EXIT

# copy NAME PROGRAM...: what it writes, as NAME. tar ends with 1 when a file grew or went while it was read.
copy() {
  local name=$1 code=0
  shift
  in_container timeout "$patience" "$@" </dev/null >"$folder/$name" 2>"$folder/problems" || code=$?
  if [ "$code" -gt 1 ]; then
    sed 's/^/  /' "$folder/problems" >&2
    fail 1 "$name could not be copied"
  fi
  rm -f "$folder/problems"
}

version=$(in_container hostler --version </dev/null 2>/dev/null || echo unknown)
image=$(running_image)
if $stop; then
  compose "$(recorded current)" stop "$service" >/dev/null 2>&1 || fail 1 "the host could not be stopped"
  stopped=true
fi
# How far the record has come, before the record: a copy must not lack what it says there is.
# shellcheck disable=SC2016 # expanded in the container
copy heads.tar sh -c 'cd "$1" && find . -type d -name audit-heads -prune -print0 | tar --create --null --files-from=-' - "$state"
# A lock says that a process writes, which is true of no copy.
copy state.tar tar --create --directory "$state" --exclude=audit-heads --exclude='audit-*.lock' .
copy configuration.tar tar --create --dereference --directory "$configuration" .
printf 'format=1\ncreated=%s\nversion=%s\nimage=%s\nstate=%s\nconfiguration=%s\n' \
  "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$version" "$image" "$state" "$configuration" >"$folder/MANIFEST"
(cd "$folder" && sha256sum MANIFEST configuration.tar heads.tar state.tar >SHA256SUMS)
tar --create --gzip --file "$folder/archive" --directory "$folder" SHA256SUMS MANIFEST configuration.tar heads.tar state.tar

mkdir "$folder/again"
tar --extract --gzip --file "$folder/archive" --directory "$folder/again"
(cd "$folder/again" && sha256sum --check --strict --quiet SHA256SUMS) || fail 1 "what was written cannot be read"
count=$(tar --list --file "$folder/again/state.tar" | grep -vc '/$' || true)
mv --no-clobber "$folder/archive" "$file"
[ ! -e "$folder/archive" ] || fail 1 "$file came into being meanwhile"
say "$file: $count files of state, $(du -k "$file" | cut -f1) KiB, in $((SECONDS - started)) s"
