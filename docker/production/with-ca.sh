#!/bin/sh
# Runs a command of the build. When the build was given the secret "ca" (a bundle of certificates, for networks whose proxy
# signs what it passes on), the command trusts it; a secret is mounted, never part of a layer.
set -eu
ca=/run/secrets/ca
if [ -s "$ca" ]; then
  export NODE_EXTRA_CA_CERTS=$ca SSL_CERT_FILE=$ca npm_config_cafile=$ca PIP_CERT=$ca
fi
exec "$@"
