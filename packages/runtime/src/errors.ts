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
});
