import { principalOf } from '@hostler/kernel';
import type { Consumer, Setting, UpstreamSpec } from '@hostler/kernel';
import { expandReference, isTemplate } from '@hostler/secrets';

/** Whether tokens for this server are obtained for each of its users. */
export function hasUserGrant({ transport }: UpstreamSpec): boolean {
  return transport.kind === 'http' && transport.oauth !== undefined && transport.oauth.grant !== 'client-credentials';
}

/** Whether the credentials for this server are others for each caller, so that no connection to it may be shared by all. */
export function isPersonal(spec: UpstreamSpec): boolean {
  return hasUserGrant(spec) || templatesOf(spec).length > 0;
}

/**
 * Tells whose credentials those of a caller are: callers of one key share them, callers of two keys share nothing. What it
 * returns throws SECRET_CLAIM_REFUSED.
 */
export function createCredentialKey(spec: UpstreamSpec): (consumer: Consumer) => string {
  const templates = templatesOf(spec);
  const isGranted = hasUserGrant(spec);
  const { transport } = spec;
  const isExchanged = transport.kind === 'http' && transport.oauth?.grant === 'token-exchange';
  // What a token was exchanged for allows what that token does, and its user may have shown another one as well.
  const scopes = ({ identity }: Consumer): readonly string[] => (isExchanged && identity?.scopes?.toSorted()) || [];
  return (consumer) => {
    const references = templates.map((template) => expandReference(template, consumer, spec.name));
    return JSON.stringify(isGranted ? [principalOf(consumer), scopes(consumer), ...references] : references);
  };
}

/** The same server with the references of this caller. @throws SECRET_CLAIM_REFUSED */
export function personalSpec(spec: UpstreamSpec, consumer: Consumer): UpstreamSpec {
  const { transport } = spec;
  const own = (settings: Readonly<Record<string, Setting>>): Record<string, Setting> =>
    Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, ownSetting(one, consumer, spec.name)]));
  switch (transport.kind) {
    case 'stdio':
      return { ...spec, transport: { ...transport, env: own(transport.env) } };
    case 'http':
    case 'websocket':
      return { ...spec, transport: { ...transport, headers: own(transport.headers) } };
    case 'in-process':
      return spec;
  }
}

function ownSetting(setting: Setting, consumer: Consumer, server: string): Setting {
  if (typeof setting === 'string' || !isTemplate(setting.secret)) return setting;
  return { ...setting, secret: expandReference(setting.secret, consumer, server) };
}

function templatesOf(spec: UpstreamSpec): readonly string[] {
  return Object.values(settingsOf(spec)).flatMap((setting) =>
    typeof setting === 'string' || !isTemplate(setting.secret) ? [] : [setting.secret],
  );
}

function settingsOf({ transport }: UpstreamSpec): Readonly<Record<string, Setting>> {
  switch (transport.kind) {
    case 'stdio':
      return transport.env;
    case 'http':
    case 'websocket':
      return transport.headers;
    case 'in-process':
      return {};
  }
}
