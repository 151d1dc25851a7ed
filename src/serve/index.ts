/** The OpenAI protocol, framework-neutral: what adapters build on. */
export { ApiError, modelNotFound, toApiError, type ErrorBody } from './api-error.js'
export {
  createGateway,
  type Endpoint,
  type Gateway,
  type GatewayOptions,
  type JsonReply,
  type Reply,
} from './gateway.js'
