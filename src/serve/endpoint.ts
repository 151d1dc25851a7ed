/** The endpoints that answer with a model's text. */
export type Endpoint = 'chat' | 'completions' | 'responses'
