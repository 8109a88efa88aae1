import { defineErrors } from '@hostler/kernel';

export const providerErrors = defineErrors('PROVIDER', {
  NOT_FOUND: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The secret provider "{use}" is not installed. Install it beside the configuration: npm install {use}',
  },
  INVALID: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message:
      'The package "{use}" exports no secret provider. It must export what defineSecretProvider of @hostler/secrets returns.',
  },
  OPTION_UNREADABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The option {option} of the secret provider "{use}" cannot be read: {problem}',
  },
});

/** What the host needs before it can listen. */
export const listenErrors = defineErrors('LISTEN', {
  TLS_UNUSABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'Certificate and key of `listen.tls` cannot be used: {reason}.',
  },
});

/** Counting together with other hosts. */
export const limitStoreErrors = defineErrors('LIMIT_STORE', {
  NOT_INSTALLED: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The package of `limits.store` is not installed. Install it beside the configuration: npm install {use}',
  },
});

/** Reading secrets again while the host runs. */
export const rotationErrors = defineErrors('ROTATION', {
  NOT_USED: {
    http: 404,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'The running host uses no such secret; see "problems".',
  },
});

/** Changing servers while the host runs. */
export const serverErrors = defineErrors('SERVER', {
  NOT_FOUND: {
    http: 404,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'There is no server "{server}".',
  },
  EXISTS: {
    http: 409,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'There is a server or group "{server}" already.',
  },
  FIXED: {
    http: 409,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'The server "{server}" was mounted by the program that runs this host, and only that can change it.',
  },
  DISABLED: {
    http: 409,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'The server "{server}" is disabled. Enable it first.',
  },
  INVALID: {
    http: 422,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'The settings of the server have problems: {count}',
  },
  NOT_REPLACED: {
    http: 502,
    rpc: -32603,
    fault: 'upstream',
    retryable: true,
    message: 'The server "{server}" did not come up in its new form and runs as before: {problem}',
  },
  NO_TOOLS: {
    http: 502,
    rpc: -32603,
    fault: 'upstream',
    retryable: false,
    message: 'The server is up, but does not list its tools.',
  },
  BUSY: {
    http: 429,
    rpc: -32015,
    fault: 'caller',
    retryable: true,
    message: 'Too many servers are being tested at the same time.',
  },
  CLOSING: {
    http: 503,
    rpc: -32016,
    fault: 'operator',
    retryable: false,
    message: 'The host stops; its servers are not changed any more.',
  },
});

/** What was approved of the servers. */
export const lockErrors = defineErrors('LOCK', {
  OFF: {
    http: 409,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The configuration names no lockfile. Add lock with file: hostler.lock to it.',
  },
  INVALID: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message:
      'The lockfile {file} cannot be used: {problem}. Look at its history, or write it anew with hostler lock init.',
  },
  NOT_FOUND: {
    http: 404,
    rpc: -32602,
    fault: 'caller',
    retryable: false,
    message: 'There is nothing to approve under "{name}".',
  },
  UNWRITABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The lockfile cannot be written: {reason}',
  },
});

/** Writing changes of servers into the configuration file. */
export const saveErrors = defineErrors('SAVE', {
  FILE_CHANGED: {
    http: 409,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The configuration file was changed since it was read. Reload it, look at the drift, and save again.',
  },
  UNWRITABLE: {
    http: 500,
    rpc: -32603,
    fault: 'operator',
    retryable: false,
    message: 'The configuration file cannot be written: {reason}',
  },
});
