#!/usr/bin/env node
// Gives the manifests and the chart to a real API server of Kubernetes, which runs on loopback while it is asked. The first
// time it is built, which takes some minutes.
import process from 'node:process';
import { have } from './deploy-tools/have.mjs';
import { runTests } from './deploy-tools/run-tests.mjs';

if (have(['kubectl', 'etcd', 'kube-apiserver'])) {
  process.exitCode = runTests(['tests/deploy/api-server', ...process.argv.slice(2)]);
} else {
  console.log('deploy:api-server: skipped: the API server cannot be had here, see above');
}
