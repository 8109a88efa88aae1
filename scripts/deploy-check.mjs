#!/usr/bin/env node
// Checks what is in deploy/: renders the Kubernetes manifests and the chart, the rules of Prometheus, the unit of systemd.
// Programs that the machine lacks are fetched into .tools/deploy; what cannot be had is said, and its tests are left out.
import process from 'node:process';
import { have } from './deploy-tools/have.mjs';
import { runTests } from './deploy-tools/run-tests.mjs';

have(['kubectl', 'prometheus']);
process.exitCode = runTests(process.argv.slice(2));
