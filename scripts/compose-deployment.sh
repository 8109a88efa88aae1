# shellcheck shell=bash disable=SC2154 # `program` is the name under which the script that sources this one speaks
# A deployment by Docker Compose, as deploy.sh, rollback.sh, backup.sh and restore.sh see it. To be sourced.
#
# HOSTLER_RELEASES   a folder for what is deployed: `current` and `previous` (an image with its digest each), `history`, and
#                    `image.yml`, which makes Compose use that image. By default .releases
# HOSTLER_SERVICE    the service of the Compose file, by default api
# HOSTLER_SMOKE_KEY  a file inside the container with the key that the smoke test shows, by default
#                    /run/secrets/client-key; empty: it shows none
# COMPOSE_FILE, COMPOSE_PROJECT_NAME and the like mean what they mean to Docker Compose.

releases=${HOSTLER_RELEASES:-.releases}
service=${HOSTLER_SERVICE:-api}
smoke_key=${HOSTLER_SMOKE_KEY-/run/secrets/client-key}
start_timeout=${HOSTLER_START_TIMEOUT:-120}
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s: %s\n' "$program" "$*"; }

# fail CODE WHAT: what is wrong and how it is mended, in one line each.
fail() {
  local code=$1
  shift
  printf '%s: %s\n' "$program" "$*" >&2
  exit "$code"
}

# The text at the beginning of the script is its help.
usage() {
  sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$0"
}

# require_tools [TOOL]...: besides those that every script needs
require_tools() {
  local tool
  for tool in docker flock timeout "$@"; do
    command -v "$tool" >/dev/null || fail 2 "$tool is not installed"
  done
  timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || fail 2 "no Docker engine answers: is it running, and may you use it?"
  docker compose version >/dev/null 2>&1 || fail 2 "Docker has no compose: install its plugin"
}

# compose IMAGE ARGUMENT...: Docker Compose, with that image for the service; "" leaves the one of the file.
compose() {
  local image=$1 files=() name
  shift
  local IFS=${COMPOSE_PATH_SEPARATOR:-:}
  for name in ${COMPOSE_FILE:-docker-compose.yml}; do files+=(--file "$name"); done
  unset IFS
  if [ -n "$image" ]; then
    write_override "$image"
    files+=(--file "$releases/image.yml")
  fi
  docker compose "${files[@]}" "$@"
}

write_override() {
  mkdir -p "$releases"
  printf 'services:\n  %s:\n    image: "%s"\n    pull_policy: never\n' "$service" "$1" >"$releases/image.yml.new"
  mv "$releases/image.yml.new" "$releases/image.yml"
}

recorded() { cat "$releases/$1" 2>/dev/null || true; }

# remember NAME IMAGE
remember() {
  printf '%s\n' "$2" >"$releases/$1.new"
  mv "$releases/$1.new" "$releases/$1"
}

note() { printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" >>"$releases/history"; }

# Two at the same time would each take the other's image for the one before.
lock_releases() {
  mkdir -p "$releases"
  exec 9>"$releases/lock"
  flock --nonblock 9 || fail 2 "another deployment is under way ($releases/lock)"
}

# By a digest of a registry, or by the id that an engine without one gives.
is_pinned() { [[ $1 =~ ^([a-z0-9][a-zA-Z0-9./_:-]*@)?sha256:[0-9a-f]{64}$ ]]; }

# The image of the container that runs, by digest when its registry gave it one, else by its id.
running_image() {
  local container
  container=$(compose "$(recorded current)" ps --quiet "$service" 2>/dev/null | head -n 1)
  [ -n "$container" ] || return 0
  local name id digest
  name=$(docker inspect --format '{{.Config.Image}}' "$container")
  if is_pinned "$name"; then printf '%s\n' "$name" && return 0; fi
  id=$(docker inspect --format '{{.Image}}' "$container")
  digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$id" 2>/dev/null | head -n 1)
  printf '%s\n' "${digest:-$id}"
}

have_image() { docker image inspect "$1" >/dev/null 2>&1; }

fetch_image() {
  have_image "$1" || timeout "${HOSTLER_PULL_TIMEOUT:-600}" docker pull --quiet "$1" >/dev/null
}

smoke_test() {
  local options=()
  [ -z "$smoke_key" ] || options=(--key-file "$smoke_key")
  compose "$1" exec -T "$service" node --input-type=module - --timeout 60 "${options[@]}" <"$scripts/smoke-test.mjs"
}

# run_image IMAGE: started, healthy and of use, or not.
run_image() {
  mkdir -p "$releases"
  compose "$1" up --detach --no-build --wait --wait-timeout "$start_timeout" "$service" >/dev/null 2>"$releases/compose.log" || {
    sed 's/^/  /' "$releases/compose.log" | tail -n 5 >&2
    return 1
  }
  smoke_test "$1"
}

keep_log() {
  local log
  log="$releases/failed-$(date -u +%Y%m%dT%H%M%SZ).log"
  (umask 077 && compose "$1" logs --no-color --tail 200 "$service" >"$log" 2>&1) || true
  say "its last words are in $log"
}

# in_container PROGRAM ARGUMENT...: as the user of the service and with its volumes, in its container when one runs.
in_container() {
  local image container
  image=$(recorded current)
  container=$(compose "$image" ps --quiet --status running "$service" 2>/dev/null | head -n 1)
  if [ -n "$container" ]; then
    docker exec --interactive "$container" "$@"
  else
    local name=$1
    shift
    compose "$image" run --rm --no-deps -T --entrypoint "$name" "$service" "$@"
  fi
}
