import type { ClientAnswer, Exchange } from '@hostler/kernel';
import type { MessageScreen } from '@hostler/secrets';
import { RoutedExchange } from './routed-exchange.ts';

/** The same exchange when nothing in it is to be hidden from the server. @throws SECRET_LEAK when it is refused */
export function screenedExchange(screen: MessageScreen, exchange: Exchange): Exchange {
  const { request, parameterHeaders } = exchange;
  const params = screen.outgoing(request.params);
  const headers = parameterHeaders && screen.outgoing(parameterHeaders);
  if (params === request.params && headers === parameterHeaders) return exchange;
  return new ScreenedExchange(exchange, { ...request, params });
}

/** The same answer when nothing in it is to be hidden from the server. @throws SECRET_LEAK when it is refused */
export function screenedAnswer(screen: MessageScreen | undefined, answer: ClientAnswer): ClientAnswer {
  if (screen === undefined) return answer;
  return answer.kind === 'result'
    ? { kind: 'result', result: screen.outgoing(answer.result) }
    : { kind: 'error', error: screen.outgoing(answer.error) };
}

/** What its client mirrored in headers is what was hidden: the host mirrors what is left. */
class ScreenedExchange extends RoutedExchange {
  override get parameterHeaders(): undefined {
    return undefined;
  }
}
