-- The key of a dead letter's message, as in StreamKeys.DeadLetterBody. It is built from the dead letters' key: email_ingestion_dlq:{p} becomes
-- email_ingestion_dlq_raw:<id>:{p}.
local function body_key(dead_letters, id)
  return (string.gsub(dead_letters, '^email_ingestion_dlq', 'email_ingestion_dlq_raw:' .. id, 1))
end

-- Adds a dead letter, also to the index, and writes its message to a key of its own, so that a list of dead letters does not read it. It writes
-- dead letter and message, or neither.
local function add_letter(dead_letters, fields, raw)
  local id = redis.call('XADD', dead_letters, '*', unpack(fields))
  local kept = raw and redis.pcall('SET', body_key(dead_letters, id), raw)
  if kept and kept['err'] then
    redis.call('XDEL', dead_letters, id)
    error(kept)
  end
  index_letter(dead_letters, id, fields, 1)
  return id
end

-- Raises an error when add_letter would fail. It runs before the first write.
local function check_letter(dead_letters)
  length_of(dead_letters, 'XLEN')
  may(dead_letters, 'XADD', dead_letters, '*', 'a', 'b')
  local body = body_key(dead_letters, '0-0')
  may(body, 'SET', body, '')
end
