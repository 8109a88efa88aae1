#!/usr/bin/env bash
# Puts back what backup.sh has written, starts the host and has the audit record verified.
#
# usage: restore.sh [--check] [--force] [--configuration FOLDER] [--no-start] FILE
#
#   --check           verifies FILE, says what is in it, and changes nothing
#   --force           replaces state that is there already; all of it is gone then
#   --configuration   also unpacks the configuration into this folder, on this machine
#   --no-start        leaves the host stopped
#
# Nothing is changed before the checksums of FILE are right. Secrets that are files of their own, and the key of the encrypted
# file, are not in it: provide them first. The variables of backup.sh and deploy.sh are heeded.
#
# Ends with 0: it is done, and the record is intact. 1: it failed. 2: nothing was changed. 4: it is done, and the record is not
# intact: hostler audit verify says where.
set -euo pipefail
umask 077
program=restore
# shellcheck source-path=SCRIPTDIR source=compose-deployment.sh
. "$(dirname "$0")/compose-deployment.sh"

check=false force=false start=true target='' file=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --check) check=true ;;
    --force) force=true ;;
    --no-start) start=false ;;
    --configuration) target=${2:?restore: --configuration needs a folder} && shift ;;
    -*) fail 2 "unknown option $1: restore.sh --help" ;;
    *) [ -z "$file" ] || fail 2 "one file, not two" && file=$1 ;;
  esac
  shift
done
[ -n "$file" ] || fail 2 "which file? restore.sh --help"
[ -r "$file" ] || fail 2 "$file cannot be read"
require_tools tar gzip sha256sum
state=${HOSTLER_STATE:-/var/lib/hostler} configuration=${HOSTLER_CONFIGURATION:-/etc/hostler}
patience=${HOSTLER_BACKUP_TIMEOUT:-600}

started=$SECONDS
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
expected='MANIFEST SHA256SUMS configuration.tar heads.tar state.tar'
found=$(tar --list --gzip --file "$file" 2>/dev/null | sort | paste -sd' ' -) || fail 2 "$file is no backup, or not all of one"
[ "$found" = "$expected" ] || fail 2 "$file is no backup: it holds $found"
tar --extract --gzip --file "$file" --directory "$folder" --no-same-owner || fail 2 "$file is not all of a backup"
(cd "$folder" && sha256sum --check --strict --status SHA256SUMS) || fail 2 "$file was changed: its checksums are wrong"
[ "$(cut -d' ' -f3 "$folder/SHA256SUMS" | sort | paste -sd' ' -)" = 'MANIFEST configuration.tar heads.tar state.tar' ] ||
  fail 2 "$file was changed: it does not name every part of itself"
grep -qx 'format=1' "$folder/MANIFEST" || fail 2 "$file was written by a newer backup.sh"
sed 's/^/  /' "$folder/MANIFEST"
if [ -n "$target" ] && [ -n "$(ls -A "$target" 2>/dev/null)" ] && ! $force; then
  fail 2 "$target is not empty: --force overwrites what is in the backup"
fi

there=$(in_container find "$state" -type f </dev/null 2>/dev/null | head -n 1) || fail 2 "the service $service cannot be asked what is in $state"
if $check; then
  say "$file is whole; $(tar --list --file "$folder/state.tar" | grep -vc '/$' || true) files of state. $state holds ${there:-nothing}"
  exit 0
fi
[ -z "$there" ] || $force || fail 2 "$state holds data, such as $there: --force replaces all of it"

if [ -n "$target" ]; then
  mkdir -p "$target"
  tar --extract --file "$folder/configuration.tar" --directory "$target" --no-same-owner --overwrite
else
  in_container tar --create --dereference --directory "$configuration" . </dev/null >"$folder/now.tar" 2>/dev/null || true
  # shellcheck disable=SC2016 # tar expands it
  digests() { tar --extract --file "$1" --to-command='echo "$TAR_FILENAME $(sha256sum)"' 2>/dev/null | sort; }
  [ "$(digests "$folder/configuration.tar")" = "$(digests "$folder/now.tar")" ] ||
    say "the configuration in the backup is another one than $configuration has now: --configuration FOLDER unpacks it"
fi

compose "$(recorded current)" stop "$service" >/dev/null 2>&1 || fail 1 "the host could not be stopped"
# Into the volume, as the user of the service: owners and modes are what they were.
# shellcheck disable=SC2016 # expanded in the container
cat "$folder/state.tar" "$folder/heads.tar" |
  in_container timeout "$patience" sh -c 'cd "$1" && find . -mindepth 1 -delete && tar --extract --preserve-permissions --ignore-zeros --file=-' - "$state" >"$folder/problems" 2>&1 || {
  sed 's/^/  /' "$folder/problems" >&2
  fail 1 "the state could not be put back; what is in $state now is not to be used"
}
if ! $start; then
  say "the state is as it was at $(sed -n 's/^created=//p' "$folder/MANIFEST"), in $((SECONDS - started)) s; the host is stopped"
  exit 0
fi
run_image "$(recorded current)" || fail 1 "the state is back, and the host does not work with it"
say "the state is as it was at $(sed -n 's/^created=//p' "$folder/MANIFEST"), in $((SECONDS - started)) s"
code=0
in_container hostler audit verify --no-color </dev/null || code=$?
# There may be no record, or none in files.
[ "$code" -ne 4 ] || fail 4 "the record is not intact"
