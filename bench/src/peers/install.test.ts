import { describe, expect, it } from 'vitest';
import { complaintIn } from './install.ts';

describe('complaintIn', () => {
  it('is what npm says was wrong, without addresses', () => {
    const text =
      'npm warn Unknown user config "x"\nnpm error code E404\nnpm error 404 Not Found - GET https://host.example/x\n';
    expect(complaintIn(text)).toBe('E404: 404 Not Found - GET …');
    expect(complaintIn('')).toBe('');
  });
});
