/** Things that may happen in one place only. The message says where the code belongs. */
const places = [
  {
    is: (node) =>
      node.type === 'CallExpression' &&
      node.callee.type === 'MemberExpression' &&
      node.callee.property.name === 'reveal',
    // Where it leaves the host: to a child, to a server, to a provider's own backend, to an issuer that is asked about tokens, to the file that it decrypts, to the
    // sinks of the audit record and its signature, to the
    // TLS library as the key of the host's own certificate, to the
    // person who asked for it; or where nothing but its hash is kept.
    only: /(limits-redis\/src\/redis-connection|auth\/src\/(read-key|introspection-request|outbound\/own-client)|upstream\/src\/(child-environment|outbound-headers)|runtime\/src\/(audit-secrets|listen-tls|provider-options|vault-provider)|cli\/src\/commands\/secrets\/(read-keys|print-value))\.ts$/,
    say: 'A secret becomes text only in limits-redis/src/redis-connection.ts, auth/src/{read-key,introspection-request,outbound/own-client}.ts, upstream/src/{child-environment,outbound-headers}.ts, runtime/src/{audit-secrets,listen-tls,provider-options,vault-provider}.ts and cli/src/commands/secrets/{read-keys,print-value}.ts.',
  },
  {
    is: (node) => node.type === 'MemberExpression' && node.object.name === 'process' && node.property.name === 'env',
    only: /(packages\/runtime\/src\/|apps\/([a-z]+\/src\/main|api\/src\/workers\/worker-main)\.ts$)/,
    say: 'Read the environment only in runtime, an app’s main.ts and apps/api/src/workers/worker-main.ts; pass it on as an argument.',
  },
  {
    is: (node) => node.type === 'ImportDeclaration' && /^(node:)?child_process$/.test(node.source.value),
    // Servers, and the processes of the host itself.
    only: /(upstream\/src\/stdio\/|apps\/api\/src\/workers\/worker-process\.ts$)/,
    say: 'Start processes only in upstream/src/stdio/ and apps/api/src/workers/worker-process.ts.',
  },
  {
    is: (node) => node.type === 'ImportDeclaration' && node.source.value.startsWith('@modelcontextprotocol/'),
    // The flows of OAuth, off the request path.
    only: /(upstream\/src\/in-process|auth\/src\/outbound)\//,
    say: 'The SDKs of the protocol stay in upstream/src/in-process/ and auth/src/outbound/.',
  },
  {
    is: (node) => node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'fetch',
    only: /(runtime\/src\/|apps\/)/,
    say: 'fetch is passed in; the real one is named in runtime and apps.',
  },
];

const onePlace = {
  create(context) {
    const check = (node) => {
      for (const { is, only, say } of places) {
        if (is(node) && !only.test(context.filename)) context.report({ node, message: say });
      }
    };
    return { CallExpression: check, MemberExpression: check, ImportDeclaration: check };
  },
};

export default { meta: { name: 'hostler' }, rules: { 'one-place': onePlace } };
