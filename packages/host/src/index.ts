export { createHost } from './create-host.ts';
export type { HostOptions } from './create-host.ts';
export { RoutedExchange } from './routed-exchange.ts';
export { routeErrors } from './errors.ts';
export { createExchange } from './exchange.ts';
export type { ExchangeOptions } from './exchange.ts';
export type { Host, HostEvent } from './host.ts';
export { defaultListLimits } from './fetch-lists.ts';
export type { ListLimits } from './fetch-lists.ts';
