/** The OpenAI protocol, framework-neutral: what adapters build on. */
export { afterHost, passesHost } from './after-host.js'
export { ApiError, modelNotFound, toApiError, type ErrorBody } from './api-error.js'
export type { Endpoint } from './endpoint.js'
export { createGateway, type Gateway, type GatewayOptions, type JsonReply, type Reply, type Whose } from './gateway.js'
export {
  createRouter,
  ENDPOINTS,
  LISTS,
  type Decision,
  type Incoming,
  type Router,
  type RouterOptions,
} from './route.js'
export { namedIn, REQUEST_ID, requestIdOf, type Header } from './request-headers.js'
