/** Chat templates that write calls as Mistral's and Llama 3's do, with none of their other text. */

/** `[TOOL_CALLS] [{"name": ..., "arguments": ..., "id": ...}]</s>`; insists on ids of nine characters. */
export const MISTRAL_TEMPLATE =
  "{% set users = messages | selectattr('role', 'equalto', 'user') | list %}" +
  '{{ bos_token }}{% for m in messages %}' +
  "{% if m.role == 'user' %}{% if m == users[-1] and tools %}[AVAILABLE_TOOLS] {{ tools | tojson }}[/AVAILABLE_TOOLS]" +
  '{% endif %}[INST] {{ m.content }}[/INST]' +
  '{% elif m.tool_calls %}[TOOL_CALLS] [{% for c in m.tool_calls %}' +
  "{% if c.id | length != 9 %}{{ raise_exception('nine characters') }}{% endif %}" +
  '{{ \'{"name": "\' + c.function.name + \'", "arguments": \' + (c.function.arguments | tojson) + ' +
  '\', "id": "\' + c.id + \'"}\' }}{% if not loop.last %}, {% endif %}{% endfor %}]{{ eos_token }}' +
  "{% elif m.role == 'tool' %}[TOOL_RESULTS] {{ m.content }}[/TOOL_RESULTS]" +
  '{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}'

/** `{"name": ..., "parameters": ...}`, one call a turn; turns between `bos_token` and `eos_token`. */
export const LLAMA_TEMPLATE =
  '{% for m in messages %}{{ bos_token + m.role }}\n' +
  '{% if loop.first and tools %}{{ tools | tojson }}\n{% endif %}' +
  "{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one call only') }}{% endif %}" +
  '{% set f = m.tool_calls[0].function %}' +
  '{{ \'{"name": "\' + f.name + \'", "parameters": \' + (f.arguments | tojson) + \'}\' }}' +
  '{% else %}{{ m.content }}{% endif %}{{ eos_token }}\n{% endfor %}' +
  '{% if add_generation_prompt %}{{ bos_token }}assistant\n{% endif %}'
