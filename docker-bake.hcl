# The images of Hostler: `docker buildx bake [group or target]`. Every variable is read from the environment.
#
#   default   the plain image, for this machine's platform
#   ci        what is tested: api, api-runtimes, cli
#   all       every image
#   release   what is published: both platforms, with provenance and a bill of materials
#
# Another app, such as a worker, is one more target that inherits from "_app".

variable "REGISTRY" { default = "" } # ends in "/" when it is set, such as ghcr.io/owner/
variable "TAG" { default = "dev" }
variable "VERSION" { default = "0.1.0" } # that of @hostler/api, kept so by scripts/write-version.mjs
variable "GIT_COMMIT" { default = "" }
variable "BUILD_DATE" { default = "" } # RFC 3339
variable "SOURCE" { default = "" }     # where the sources are, as a URL
variable "PLATFORMS" { default = "" }  # such as linux/amd64,linux/arm64; default: this machine's
variable "NODE_IMAGE" { default = "node:24-bookworm-slim" } # a digest pins it: node:24-bookworm-slim@sha256:…
variable "CA_FILE" { default = "" }    # certificates that the build trusts besides; a secret, never in a layer
variable "CACHE" { default = "" }      # "gha": the cache of GitHub Actions, one scope for each target
variable "SBOM" { default = "1" }      # "": without; BuildKit fetches the scanner's image for it

group "default" { targets = ["api"] }
group "ci" { targets = ["api", "api-runtimes", "cli"] }
group "all" { targets = ["api", "api-runtimes", "cli", "dev"] }
group "release" { targets = ["api-release", "api-runtimes-release", "cli-release"] }

function "cache_from" {
  params = [scope]
  result = CACHE == "gha" ? ["type=gha,scope=hostler-${scope}"] : []
}

function "cache_to" {
  params = [scope]
  result = CACHE == "gha" ? ["type=gha,mode=max,scope=hostler-${scope}"] : []
}

function "labels" {
  params = [title, description]
  result = {
    "org.opencontainers.image.title"       = title
    "org.opencontainers.image.description" = description
    "org.opencontainers.image.version"     = VERSION
    "org.opencontainers.image.revision"    = GIT_COMMIT
    "org.opencontainers.image.created"     = BUILD_DATE
    "org.opencontainers.image.source"      = SOURCE
    "org.opencontainers.image.licenses"    = "Apache-2.0"
  }
}

target "_base" {
  context   = "."
  args      = { NODE_IMAGE = NODE_IMAGE }
  secret    = CA_FILE == "" ? [] : ["id=ca,src=${CA_FILE}"]
  platforms = PLATFORMS == "" ? null : split(",", PLATFORMS)
  attest    = ["type=provenance,disabled=true"]
}

target "_app" {
  inherits   = ["_base"]
  dockerfile = "docker/production/Dockerfile"
}

target "_release" {
  platforms = PLATFORMS == "" ? ["linux/amd64", "linux/arm64"] : split(",", PLATFORMS)
  attest    = concat(["type=provenance,mode=max"], SBOM == "" ? [] : ["type=sbom"])
}

target "api" {
  inherits   = ["_app"]
  target     = "api"
  tags       = ["${REGISTRY}hostler-api:${TAG}"]
  labels     = labels("hostler-api", "The production host for MCP servers: HTTP server and command")
  cache-from = cache_from("api")
  cache-to   = cache_to("api")
}

target "api-runtimes" {
  inherits   = ["_app"]
  target     = "api-runtimes"
  tags       = ["${REGISTRY}hostler-api-runtimes:${TAG}"]
  labels     = labels("hostler-api-runtimes", "The production host for MCP servers, with npm, Python and uv for servers on stdio")
  cache-from = cache_from("api-runtimes")
  cache-to   = cache_to("api-runtimes")
}

target "cli" {
  inherits   = ["_app"]
  target     = "cli"
  tags       = ["${REGISTRY}hostler-cli:${TAG}"]
  labels     = labels("hostler-cli", "The hostler command")
  cache-from = cache_from("cli")
  cache-to   = cache_to("cli")
}

target "dev" {
  inherits   = ["_base"]
  dockerfile = "docker/development/Dockerfile.development"
  tags       = ["${REGISTRY}hostler-dev:${TAG}"]
  labels     = labels("hostler-dev", "Node, pnpm and git for work on Hostler")
  cache-from = cache_from("dev")
  cache-to   = cache_to("dev")
}

target "api-release" { inherits = ["api", "_release"] }
target "api-runtimes-release" { inherits = ["api-runtimes", "_release"] }
target "cli-release" { inherits = ["cli", "_release"] }
