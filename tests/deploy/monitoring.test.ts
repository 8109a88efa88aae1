import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { at, listAt, textAt } from './support/objects.ts';
import { findOrSay, repository, run } from './support/program.ts';
import { readConfig } from './support/read-config.ts';

const monitoring = join(repository, 'deploy/monitoring');
const read = (path: string) => readFile(join(monitoring, path), 'utf8');
const promtool = findOrSay('promtool', 'the rules by promtool');

const rules = listAt(parse(await read('prometheus/rules.yml')), 'groups').flatMap((group) => listAt(group, 'rules'));
const dashboard: unknown = JSON.parse(await read('grafana/dashboards/hostler.json'));
const panels = listAt(dashboard, 'panels');
const expressions = panels.flatMap((panel) => listAt(panel, 'targets').map((target) => textAt(target, 'expr')));

/** Names of metrics, where the sources write them. */
async function namesInSources(): Promise<Set<string>> {
  const sources = ['apps/api/src/metrics.ts', 'apps/api/src/workers/together.ts'];
  const texts = await Promise.all(sources.map((path) => readFile(join(repository, path), 'utf8')));
  return new Set(texts.flatMap((text) => metricsIn(text)));
}

function metricsIn(text: string): string[] {
  return text.match(/\b(?:hostler|process)_[a-z]+(?:_[a-z]+)*\b/g) ?? [];
}

describe('the rules and the dashboard', () => {
  it('name metrics that exist', async () => {
    const known = await namesInSources();
    expect(known.size).toBeGreaterThan(20);
    const used = [...rules.map((rule) => textAt(rule, 'expr')), ...expressions].flatMap(metricsIn);
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('leave out no metric of the host', async () => {
    const shown = new Set(expressions.flatMap(metricsIn));
    expect([...(await namesInSources())].filter((name) => !shown.has(name))).toEqual([]);
  });

  it('have a severity and a summary for every alert, and a test that sees it fire', async () => {
    const tests = listAt(parse(await read('prometheus/rules.test.yml')), 'tests');
    const firing = tests.flatMap((test) =>
      listAt(test, 'alert_rule_test').flatMap((one) =>
        listAt(one, 'exp_alerts').length > 0 ? [textAt(one, 'alertname')] : [],
      ),
    );
    expect(rules.map((rule) => textAt(rule, 'alert')).toSorted()).toEqual([...new Set(firing)].toSorted());
    for (const rule of rules) {
      expect(textAt(rule, 'labels.severity')).toMatch(/^(warning|critical)$/);
      expect(textAt(rule, 'annotations.summary')).toMatch(/\.$/);
    }
    const guide = await readFile(join(repository, 'docs/deployment-guide.md'), 'utf8');
    expect(rules.map((rule) => textAt(rule, 'alert')).filter((alert) => !guide.includes(`\`${alert}\``))).toEqual([]);
  });

  it('ask data sources that are there, in panels of their own', async () => {
    const sources = parse(await read('grafana/provisioning/datasources/datasources.yml')) as unknown;
    const uids = listAt(sources, 'datasources').map((source) => textAt(source, 'uid'));
    const asked = panels.flatMap((panel) => listAt(panel, 'targets').map((target) => textAt(target, 'datasource.uid')));
    expect(uids).toEqual(expect.arrayContaining([...new Set(asked)]));
    const ids = panels.map((panel) => textAt(panel, 'id'));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the stack of compose', () => {
  it('mounts what is here where it is looked for', async () => {
    const compose: unknown = parse(await readFile(join(repository, 'docker-compose.yml'), 'utf8'), { merge: true });
    const mounts = (service: string) =>
      listAt(compose, `services.${service}.volumes`).map(
        (volume) => `${textAt(volume, 'source')} ${textAt(volume, 'target')}`,
      );
    expect(mounts('prometheus')).toContain('./deploy/monitoring/prometheus /etc/prometheus');
    expect(mounts('loki')).toContain('./deploy/monitoring/loki /etc/loki');
    expect(mounts('alloy')).toContain('./deploy/monitoring/alloy /etc/alloy');
    expect(mounts('grafana')).toContain('./deploy/monitoring/grafana/provisioning /etc/grafana/provisioning');
    const provider: unknown = parse(await read('grafana/provisioning/dashboards/dashboards.yml'));
    const place = textAt(provider, 'providers.0.options.path');
    expect(mounts('grafana')).toContain(`./deploy/monitoring/grafana/dashboards ${place}`);
    const prometheus: unknown = parse(await read('prometheus/prometheus.yml'));
    expect(listAt(compose, 'services.prometheus.secrets')).toContain(
      textAt(prometheus, 'scrape_configs.0.authorization.credentials_file').replace('/run/secrets/', ''),
    );
    const [host = ''] = textAt(prometheus, 'scrape_configs.0.static_configs.0.targets.0').split(':');
    expect(at(compose, `services.${host}`)).toBeDefined();
    const { plan, problems } = await readConfig(
      await readFile(join(repository, 'deploy/compose/hostler.yaml'), 'utf8'),
    );
    expect(problems).toBeUndefined();
    expect(plan?.listen.allowedHosts).toContain(host);
  });

  it('sends the log to where Loki listens', async () => {
    const loki: unknown = parse(await read('loki/loki.yml'));
    const alloy = await read('alloy/config.alloy');
    expect(alloy).toContain(`http://loki:${textAt(loki, 'server.http_listen_port')}/loki/api/v1/push`);
    expect(alloy.split('{').length).toBe(alloy.split('}').length);
    const components = [...alloy.matchAll(/^([\w.]+) "(\w+)" \{/gm)].map(([, kind, label]) => `${kind}.${label}`);
    for (const [, used = ''] of alloy.matchAll(/= \[?([a-z]+\.[a-z.]+)\.(?:targets|rules|receiver)\b/g)) {
      expect(components).toContain(used);
    }
  });
});

describe.skipIf(promtool === undefined)('promtool', () => {
  const prometheus = join(monitoring, 'prometheus');
  it.each([
    ['check', 'rules', 'rules.yml'],
    ['check', 'config', '--syntax-only', 'prometheus.yml'],
    ['test', 'rules', 'rules.test.yml'],
  ])('%s %s', async (...words) => {
    const file = words.pop() ?? '';
    const { code, stdout, stderr } = await run(promtool ?? '', [...words, join(prometheus, file)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('SUCCESS');
  });
});
